import { newEvent } from '@ebuy/events';
import { newId } from '@ebuy/kernel';
import { ANONYMOUS, createLogger, type Live, openLive } from '@ebuy/runtime';
import { partner, shopper, staff, testEngines } from '@ebuy/testing';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { followPayments, followReservations } from '../src/api/reactions.ts';
import { openStore } from '../src/store/index.ts';
import { DEADLINES } from './orders.ts';
import { change, openShop, type Shop } from './shop.ts';

const support = staff(['orders:read', 'orders:write']);
let shop: Shop;
let store: ReturnType<typeof openStore>;
let live: Live;
const logger = createLogger('test', 'silent');
beforeAll(async () => {
  shop = await openShop();
  store = openStore(shop.database.url);
  live = openLive({ redisUrl: testEngines().redis, namespace: shop.kafka.namespace, subgraph: 'orders', logger });
});
afterAll(async () => {
  await store?.$disconnect();
  await live?.close();
  await shop?.close();
});

/** Confirmed by calling the reactions as the consumer does, without the way over Kafka. */
async function confirmed(placed: { readonly id: string }): Promise<void> {
  const needs = { store, live, deadlines: DEADLINES, now: () => new Date(), logger };
  const trace = { correlationId: newId(), causationId: null };
  const delivery = { consumer: 'orders.test' };
  const orderId = placed.id;
  const lines = [{ variantId: newId(), quantity: 1 }];
  await followReservations(needs).on['reservation.made']?.(
    newEvent('reservation.made', { orderId, lines }, trace),
    delivery,
  );
  const attemptId = String((await shop.outbox(orderId)).at(-1)?.data.attemptId);
  const authorization = {
    orderId,
    paymentId: newId(),
    attemptId,
    amount: { amountMinor: 1_892, currency: 'EUR' },
    expiresAt: '2020-01-01T00:00:00.000Z',
  };
  await followPayments(needs).on['payment.authorized']?.(
    newEvent('payment.authorized', authorization, trace),
    delivery,
  );
  expect(await shop.statusOf(orderId)).toBe('CONFIRMED');
}

describe('shipping and delivering', () => {
  test('staff ship a confirmed order once, and it is delivered', async () => {
    const order = await shop.placed();
    expect(await change(shop, 'shipOrder', { orderId: order.id }, support)).toMatchObject({
      code: 'ORDER_NOT_SHIPPABLE',
      order: { status: 'AWAITING_STOCK', version: 1 },
    });
    await confirmed(order);
    expect((await change(shop, 'deliverOrder', { orderId: order.id }, support)).code).toBe('ORDER_NOT_DELIVERABLE');
    const idempotencyKey = newId();
    const ship = { orderId: order.id, carrier: ' Post ', trackingNumber: 'T-1', idempotencyKey };
    expect(await change(shop, 'shipOrder', ship, support)).toMatchObject({
      code: null,
      replayed: false,
      order: { status: 'SHIPPED', version: 4, carrier: 'Post', trackingNumber: 'T-1' },
    });
    expect(await change(shop, 'shipOrder', ship, support)).toMatchObject({
      code: null,
      replayed: true,
      order: { version: 4 },
    });
    expect((await change(shop, 'shipOrder', { ...ship, idempotencyKey: newId() }, support)).code).toBe(
      'ORDER_NOT_SHIPPABLE',
    );
    expect((await change(shop, 'cancelOrder', { orderId: order.id }, support)).code).toBe('ORDER_NOT_CANCELLABLE');
    expect((await change(shop, 'deliverOrder', { orderId: order.id }, support)).order?.status).toBe('DELIVERED');
    expect((await shop.outbox(order.id)).map(({ type }) => type).slice(-2)).toEqual([
      'order.shipped',
      'order.delivered',
    ]);
  });

  test('nobody else ships, delivers or lists', async () => {
    const order = await shop.placed(shopper('ada'));
    await confirmed(order);
    for (const caller of [
      ANONYMOUS,
      shopper('ada'),
      shopper('eve', { roles: ['admin'] }),
      staff(['orders:read']),
      partner('acme'),
    ]) {
      for (const name of ['shipOrder', 'deliverOrder'] as const) {
        const { payload, errors } = await change(shop, name, { orderId: order.id }, caller);
        expect(payload ?? null).toBeNull();
        expect(errors[0]?.extensions?.code).toBe(caller === ANONYMOUS ? 'UNAUTHENTICATED' : 'FORBIDDEN');
      }
    }
    expect(await shop.statusOf(order.id)).toBe('CONFIRMED');
  });
});

describe('cancelling', () => {
  test('by its owner, its guest or support, with their words; the other statuses as the table has them', async () => {
    const mine = await shop.placed(shopper('ada'));
    expect(await change(shop, 'cancelOrder', { orderId: mine.id, reason: 'too slow' }, shopper('ada'))).toMatchObject({
      code: null,
      order: { status: 'CANCELLED', history: [{}, { reason: 'REQUESTED_BY_SHOPPER', note: 'too slow' }] },
    });
    const guests = await shop.placed();
    const byGuest = await change(shop, 'cancelOrder', { orderId: guests.id, accessToken: guests.accessToken });
    expect(byGuest.order?.history.at(-1)).toMatchObject({ reason: 'REQUESTED_BY_SHOPPER', note: null });
    const other = await shop.placed(shopper('ada'));
    await confirmed(other);
    const byStaff = await change(shop, 'cancelOrder', { orderId: other.id }, support);
    expect(byStaff.order?.history.at(-1)).toMatchObject({ status: 'CANCELLED', reason: 'REQUESTED_BY_STAFF' });
    expect((await shop.outbox(other.id)).at(-1)).toMatchObject({
      type: 'order.cancelled',
      data: { reason: 'REQUESTED_BY_STAFF' },
    });
    expect((await change(shop, 'cancelOrder', { orderId: other.id }, support)).code).toBe('ORDER_NOT_CANCELLABLE');
  });

  test('not by anyone else, who is told what is told of an order that never was', async () => {
    const order = await shop.placed(shopper('ada'));
    const partners = await shop.place(shop.wish(), partner('acme'));
    const attempts = [
      [order.id, shopper('eve'), null],
      [order.id, ANONYMOUS, null],
      [order.id, ANONYMOUS, (await shop.placed()).accessToken],
      [order.id, staff(['orders:read']), null],
      [order.id, partner('acme'), null],
      [partners.order?.id, partner('acme'), null],
      [newId(), shopper('ada'), null],
      ['no id', shopper('ada'), null],
    ] as const;
    const answers = await Promise.all(
      attempts.map(([orderId, caller, accessToken]) => change(shop, 'cancelOrder', { orderId, accessToken }, caller)),
    );
    const shapes = answers.map(({ payload }) => payload);
    expect(new Set(shapes.map((shape) => JSON.stringify(shape))).size).toBe(1);
    expect(shapes[0]).toMatchObject({
      order: null,
      replayed: false,
      userErrors: [{ code: 'ORDER_NOT_FOUND', field: ['orderId'] }],
    });
    expect(await shop.statusOf(order.id)).toBe('AWAITING_STOCK');
  });

  test('not over what has changed since it was seen, nor with hostile words', async () => {
    const order = await shop.placed(shopper('ada'));
    await confirmed(order);
    const stale = await change(shop, 'cancelOrder', { orderId: order.id, expectedVersion: 1 }, shopper('ada'));
    expect(stale).toMatchObject({ code: 'VERSION_CONFLICT', order: { version: 3, status: 'CONFIRMED' } });
    for (const reason of ['x'.repeat(501), 'a\u0000b', '\ud800']) {
      expect((await change(shop, 'cancelOrder', { orderId: order.id, reason }, shopper('ada'))).code).toBe(
        'INVALID_TEXT',
      );
    }
    expect(
      (await change(shop, 'cancelOrder', { orderId: order.id, idempotencyKey: 'a\u0000' }, shopper('ada'))).code,
    ).toBe('INVALID_IDEMPOTENCY_KEY');
    expect(
      (await change(shop, 'cancelOrder', { orderId: order.id, expectedVersion: 3 }, shopper('ada'))).code,
    ).toBeNull();
  });
});

describe('at the same moment', () => {
  test('ship and cancel: exactly one wins, and one event says so', async () => {
    const outcomes = await Promise.all(
      Array.from({ length: 12 }, async () => {
        const order = await shop.placed();
        await confirmed(order);
        const [shipped, cancelled] = await Promise.all([
          change(shop, 'shipOrder', { orderId: order.id }, support),
          change(shop, 'cancelOrder', { orderId: order.id, accessToken: order.accessToken }),
        ]);
        const last = (await shop.outbox(order.id)).map(({ type }) => type).slice(3);
        expect([shipped.code, cancelled.code].filter((code) => code === null)).toHaveLength(1);
        expect(await shop.statusOf(order.id)).toBe(shipped.code === null ? 'SHIPPED' : 'CANCELLED');
        expect(last).toEqual([shipped.code === null ? 'order.shipped' : 'order.cancelled']);
        expect(shipped.code ?? cancelled.code).toBe(
          shipped.code === null ? 'ORDER_NOT_CANCELLABLE' : 'ORDER_NOT_SHIPPABLE',
        );
        return shipped.code === null;
      }),
    );
    expect(outcomes).toHaveLength(12);
  });

  test('with the version both saw: the second is told that it has changed', async () => {
    const order = await shop.placed();
    await confirmed(order);
    const [shipped, cancelled] = await Promise.all([
      change(shop, 'shipOrder', { orderId: order.id, expectedVersion: 3 }, support),
      change(shop, 'cancelOrder', { orderId: order.id, expectedVersion: 3, accessToken: order.accessToken }),
    ]);
    expect([shipped.code, cancelled.code].sort()).toEqual(['VERSION_CONFLICT', null].sort());
  });

  test('twenty cancellations with one key: one event, and never another refusal than that it is in use', async () => {
    const order = await shop.placed(shopper('ada'));
    const idempotencyKey = newId();
    const answers = await Promise.all(
      Array.from({ length: 20 }, () =>
        change(shop, 'cancelOrder', { orderId: order.id, idempotencyKey }, shopper('ada')),
      ),
    );
    const codes = new Set(answers.map(({ code }) => code));
    codes.delete('IDEMPOTENCY_KEY_IN_USE');
    expect([...codes]).toEqual([null]);
    expect(await shop.outbox(order.id)).toHaveLength(2);
  });
});
