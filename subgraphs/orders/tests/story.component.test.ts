import { type DomainEvent, newEvent, type Trace } from '@ebuy/events';
import { newId } from '@ebuy/kernel';
import { readOperations } from '@ebuy/schema';
import { splitOperations } from '@ebuy/schema/operations';
import { eventually, shopper, staff } from '@ebuy/testing';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { print } from 'graphql';
import { MAX_TOLD, type StoryLine } from '../src/domain/story.ts';
import { openStore } from '../src/store/index.ts';
import { noteEvents } from '../src/store/story.ts';
import { change, type EventWritten, openShop, type Shop } from './shop.ts';

const support = staff(['orders:read', 'orders:write']);
const operation = splitOperations('console', readOperations('console')).find(({ name }) => name === 'OrderStory');
const ORDER_STORY = operation ? print(operation.document) : '';
const AMOUNT = { amountMinor: 1_892, currency: 'EUR' };
const LINES = [{ variantId: newId(), quantity: 1 }];

let shop: Shop;
beforeAll(async () => {
  shop = await openShop();
});
afterAll(() => shop?.close());

async function storyOf(orderId: string): Promise<StoryLine[]> {
  const { result, errors } = await shop.ask<{ order: { story: StoryLine[] } }>(ORDER_STORY, { id: orderId }, support);
  expect(errors).toEqual([]);
  return result?.order.story ?? [];
}

const typesOf = (story: readonly StoryLine[]) => story.map(({ type }) => type);

/** The order's last event, once it was written. */
const written = (orderId: string, type: string): Promise<EventWritten> =>
  eventually(async () => {
    const found = (await shop.outbox(orderId)).findLast((event) => event.type === type);
    if (found === undefined) throw new Error(`no ${type} yet`);
    return found;
  });

const causedBy = ({ id, correlationid }: EventWritten): Trace => ({ correlationId: correlationid, causationId: id });

/** What the others say of an order until it is confirmed, each with the cause that the real ones give. */
async function confirmed() {
  const { id: orderId } = await shop.placed();
  const placed = await written(orderId, 'order.placed');
  const made = newEvent('reservation.made', { orderId, lines: LINES }, causedBy(placed));
  await shop.kafka.publish([made, made]);
  const requested = await written(orderId, 'order.paymentRequested');
  const payment = { orderId, paymentId: newId(), amount: AMOUNT };
  const attempt = { ...payment, attemptId: String(requested.data.attemptId) };
  const expiresAt = '2030-01-01T00:00:00.000Z';
  const authorized = newEvent('payment.authorized', { ...attempt, expiresAt }, causedBy(requested));
  await shop.kafka.publish([authorized, authorized]);
  return { orderId, payment, attempt, confirmation: await written(orderId, 'order.confirmed') };
}

describe('the story of an order', () => {
  test('is the same in causal order, whatever comes late, twice or the wrong way round', async () => {
    const { orderId, payment, confirmation } = await confirmed();
    const later: DomainEvent[] = [
      newEvent('cart.emptied', { cartId: newId(), orderId, version: 2 }, causedBy(confirmation)),
      newEvent('cart.changed', { cartId: newId(), version: 2 }, causedBy(confirmation)),
      newEvent(
        'purchase.recorded',
        { orderId, productIds: [newId()] },
        causedBy(confirmation),
        new Date(Date.now() + 1),
      ),
    ];
    await eventually(async () => expect(Date.now()).toBeGreaterThan(Date.parse(later[2]?.time ?? '')));
    await change(shop, 'shipOrder', { orderId }, support);
    const shipped = causedBy(await written(orderId, 'order.shipped'));
    // A clock that is behind by an hour: the cause counts for more.
    const early = new Date(Date.now() - 3_600_000);
    const after = new Date(Date.now() + 1_000);
    later.push(
      newEvent('payment.captured', payment, shipped, early),
      newEvent('reservation.consumed', { orderId, lines: LINES }, shipped),
      newEvent(
        'payment.refunded',
        { ...payment, refundId: newId(), refundedTotal: AMOUNT },
        { correlationId: newId(), causationId: null },
        after,
      ),
    );
    await shop.kafka.publish([...later].reverse());
    await shop.kafka.publish(later);
    const story = await eventually(async () => {
      const told = await storyOf(orderId);
      expect(told).toHaveLength(11);
      return told;
    });
    expect(typesOf(story)).toEqual([
      'order.placed',
      'reservation.made',
      'order.paymentRequested',
      'payment.authorized',
      'order.confirmed',
      'cart.emptied',
      'purchase.recorded',
      'order.shipped',
      'payment.captured',
      'reservation.consumed',
      'payment.refunded',
    ]);
    expect(story.map(({ subgraph }) => subgraph)).toEqual([
      'orders',
      'products',
      'orders',
      'payments',
      'orders',
      'cart',
      'reviews',
      'orders',
      'payments',
      'products',
      'payments',
    ]);
    const ids = story.map(({ eventId }) => eventId);
    expect(story.map(({ causationId }) => (causationId === null ? null : ids.indexOf(causationId)))).toEqual([
      null,
      0,
      1,
      2,
      3,
      4,
      4,
      null,
      7,
      7,
      null,
    ]);
    expect(story.map(({ summary }) => summary)).toContain('Refunded: EUR 18.92, EUR 18.92 in all');
    expect(JSON.stringify(story)).not.toMatch(/ada@example|Street 1|pm_card/);
  });

  test('tells a cancellation, what undoes it, and what came too late', async () => {
    const { orderId, payment, attempt, confirmation } = await confirmed();
    await change(shop, 'cancelOrder', { orderId, reason: 'Ada changed her mind' }, support);
    const cancelled = causedBy(await written(orderId, 'order.cancelled'));
    const failure = { code: 'card_declined', message: 'Declined for Ada.' };
    await shop.kafka.publish([
      newEvent('cart.changed', { cartId: newId(), orderId, version: 3 }, causedBy(confirmation)),
      newEvent('payment.voided', payment, cancelled),
      newEvent('reservation.released', { orderId, lines: LINES }, cancelled, new Date(Date.now() + 1_000)),
      newEvent('payment.declined', { ...attempt, failure }, cancelled, new Date(Date.now() + 2_000)),
    ]);
    const story = await eventually(async () => {
      const told = await storyOf(orderId);
      expect(told).toHaveLength(10);
      return told;
    });
    expect(story.slice(5).map(({ summary }) => summary)).toEqual([
      'Cancelled: staff asked for it',
      'What was ordered taken out of the cart',
      'Authorization given up: EUR 18.92',
      'Given back to stock: 1 line',
      'Payment declined: card_declined',
    ]);
    expect(JSON.stringify(story)).not.toContain('Ada');
  });

  test('is for staff', async () => {
    const mine = await shop.placed(shopper('ada'));
    const answer = await shop.ask<{ order: object }>(ORDER_STORY, { id: mine.id }, shopper('ada'));
    expect(answer.result?.order).toMatchObject({ id: mine.id, story: null });
    expect(answer.errors).toMatchObject([{ path: ['order', 'story'], extensions: { code: 'FORBIDDEN' } }]);
  });

  test('keeps an event once, no more than its bound, and nothing of orders that are not here', async () => {
    const { id: orderId } = await shop.placed();
    const another = await shop.placed();
    const store = openStore(shop.database.url);
    const captures = (of: string) =>
      Array.from({ length: 100 }, () => ({
        orderId: of,
        event: newEvent(
          'payment.captured',
          { orderId: of, paymentId: newId(), amount: AMOUNT },
          { correlationId: newId(), causationId: null },
        ),
      }));
    for (let round = 0; round < 7; round += 1) await noteEvents(store, captures(orderId));
    const strange = newId();
    await noteEvents(store, captures(strange));
    const [once] = captures(another.id);
    for (let round = 0; round < 3; round += 1) await noteEvents(store, once ? [once, once] : []);
    await store.$disconnect();
    const [kept] = await shop.database.query<{ own: number; others: number }>(
      'SELECT count(*) FILTER (WHERE order_id = $1)::int AS own, count(*) FILTER (WHERE order_id = $2)::int AS others FROM order_story',
      [orderId, strange],
    );
    expect(kept).toEqual({ own: 501, others: 0 });
    expect(typesOf(await storyOf(another.id))).toEqual(['order.placed', 'payment.captured']);
    const story = await storyOf(orderId);
    expect(story).toHaveLength(MAX_TOLD + 1);
    expect(story[0]?.type).toBe('order.placed');
    expect(story.at(-1)?.summary).toMatch(/More happened than is told here\.$/);
  });
});
