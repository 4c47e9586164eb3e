import { type DomainEvent, type EventPayload, listDeadLetters, newEvent, TOPICS } from '@ebuy/events';
import { newId } from '@ebuy/kernel';
import { eventually, shopper } from '@ebuy/testing';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { change, openShop, type Shop } from './shop.ts';

let shop: Shop;
beforeAll(async () => {
  shop = await openShop();
});
afterAll(() => shop?.close());

const TOTAL = { amountMinor: 1_892, currency: 'EUR' };
const LATER = '2030-01-01T00:00:00.000Z';
const trace = () => ({ correlationId: newId(), causationId: null });

/** Says it on Kafka, and waits until orders has taken note, whatever it made of it. */
async function say(...events: DomainEvent[]): Promise<void> {
  await shop.kafka.publish(events);
  await eventually(async () => {
    const rows = await shop.database.query('SELECT 1 FROM inbox WHERE event_id = ANY($1)', [
      events.map((event) => event.id),
    ]);
    expect(rows).toHaveLength(new Set(events.map((event) => event.id)).size);
  });
}

const made = (orderId: string) =>
  newEvent('reservation.made', { orderId, lines: [{ variantId: newId(), quantity: 1 }] }, trace());
const refused = (orderId: string) =>
  newEvent(
    'reservation.refused',
    { orderId, shortages: [{ variantId: newId(), sku: null, requested: 1, available: 0 }] },
    trace(),
  );
const settled = (orderId: string, attemptId: string) => ({ orderId, paymentId: newId(), attemptId, amount: TOTAL });
const authorized = (orderId: string, attemptId: string, more: Partial<EventPayload<'payment.authorized'>> = {}) =>
  newEvent('payment.authorized', { ...settled(orderId, attemptId), expiresAt: LATER, ...more }, trace());
const declined = (orderId: string, attemptId: string) =>
  newEvent(
    'payment.declined',
    { ...settled(orderId, attemptId), failure: { code: 'card_declined', message: 'Declined.' } },
    trace(),
  );
const actionRequired = (orderId: string, attemptId: string) =>
  newEvent('payment.actionRequired', settled(orderId, attemptId), trace());

/** The attempt that the last order.paymentRequested asked for. */
async function attemptOf(orderId: string): Promise<string> {
  const requests = (await shop.outbox(orderId)).filter(({ type }) => type === 'order.paymentRequested');
  return String(requests.at(-1)?.data.attemptId);
}

async function awaitingPayment() {
  const order = await shop.placed();
  await say(made(order.id));
  return { ...order, attemptId: await attemptOf(order.id) };
}

async function confirmed() {
  const order = await awaitingPayment();
  await say(authorized(order.id, order.attemptId));
  return order;
}

const typesOf = async (orderId: string) => (await shop.outbox(orderId)).map(({ type }) => type);

describe('the way of an order', () => {
  test('reserved, authorized, confirmed: each step caused by the one before', async () => {
    const order = await shop.placed(shopper('ada'));
    const reservation = made(order.id);
    await say(reservation);
    expect(await shop.statusOf(order.id)).toBe('AWAITING_PAYMENT');
    const [, requested] = await shop.outbox(order.id);
    expect(requested).toMatchObject({
      type: 'order.paymentRequested',
      correlationid: reservation.correlationId,
      causationid: reservation.id,
      data: { orderId: order.id, amount: TOTAL, paymentMethod: 'pm_card_visa' },
    });
    const [kept] = await shop.database.query('SELECT payment_method FROM orders WHERE id = $1', [order.id]);
    expect(kept).toEqual({ payment_method: null });

    const authorization = authorized(order.id, await attemptOf(order.id));
    await say(authorization);
    expect(await shop.historyOf(order.id)).toEqual([
      ['AWAITING_STOCK', null],
      ['AWAITING_PAYMENT', null],
      ['CONFIRMED', null],
    ]);
    const [placed, , last] = await shop.outbox(order.id);
    expect(last).toMatchObject({
      type: 'order.confirmed',
      causationid: authorization.id,
      data: { userId: 'ada', total: TOTAL },
    });
    expect(last?.data.lines).toEqual(placed?.data.lines);
  });

  test('what it announces arrives on Kafka, in order', async () => {
    const { events } = await shop.kafka.watch(TOPICS.order);
    const order = await confirmed();
    await eventually(() =>
      expect(events.filter(({ subject }) => subject === order.id).map(({ type }) => type)).toEqual([
        'order.placed',
        'order.paymentRequested',
        'order.confirmed',
      ]),
    );
  });

  test('refused stock cancels it, with the reason', async () => {
    const order = await shop.placed();
    await say(refused(order.id));
    expect(await shop.historyOf(order.id)).toEqual([
      ['AWAITING_STOCK', null],
      ['CANCELLED', 'OUT_OF_STOCK'],
    ]);
    expect((await shop.outbox(order.id))[1]).toMatchObject({
      type: 'order.cancelled',
      data: { reason: 'OUT_OF_STOCK' },
    });
  });

  test('a declined card waits for another, which confirms it', async () => {
    const order = await awaitingPayment();
    const retry = (more = {}) =>
      change(shop, 'retryPayment', {
        orderId: order.id,
        accessToken: order.accessToken,
        paymentMethod: 'pm_card_visa',
        ...more,
      });
    expect((await retry()).code).toBe('PAYMENT_IN_PROGRESS');
    await say(declined(order.id, order.attemptId));
    expect(await shop.statusOf(order.id)).toBe('AWAITING_PAYMENT');

    expect((await retry({ paymentMethod: '' })).code).toBe('INVALID_PAYMENT_METHOD');
    expect((await retry({ accessToken: null })).code).toBe('ORDER_NOT_FOUND');
    const idempotencyKey = newId();
    expect(await retry({ idempotencyKey })).toMatchObject({ code: null, replayed: false, order: { version: 4 } });
    expect(await retry({ idempotencyKey })).toMatchObject({ code: null, replayed: true, order: { version: 4 } });
    expect((await retry({ idempotencyKey, paymentMethod: 'pm_other' })).code).toBe('IDEMPOTENCY_KEY_REUSED');
    expect((await retry()).code).toBe('PAYMENT_IN_PROGRESS');

    const attemptId = await attemptOf(order.id);
    expect(attemptId).not.toBe(order.attemptId);
    await say(authorized(order.id, order.attemptId), declined(order.id, order.attemptId));
    expect(await shop.statusOf(order.id)).toBe('AWAITING_PAYMENT');
    await say(authorized(order.id, attemptId));
    expect(await shop.historyOf(order.id)).toEqual([
      ['AWAITING_STOCK', null],
      ['AWAITING_PAYMENT', null],
      ['AWAITING_PAYMENT', 'PAYMENT_DECLINED'],
      ['AWAITING_PAYMENT', 'PAYMENT_RETRIED'],
      ['CONFIRMED', null],
    ]);
    expect((await retry()).code).toBe('ORDER_NOT_PAYABLE');
  });

  test('a second step is noted; taken, it confirms', async () => {
    const order = await awaitingPayment();
    await say(actionRequired(order.id, order.attemptId));
    expect((await shop.historyOf(order.id)).at(-1)).toEqual(['AWAITING_PAYMENT', 'PAYMENT_ACTION_REQUIRED']);
    await say(authorized(order.id, order.attemptId));
    expect(await shop.statusOf(order.id)).toBe('CONFIRMED');
  });
});

describe('events that come otherwise', () => {
  test('twice, the same or said again: one effect', async () => {
    const order = await shop.placed();
    const reservation = made(order.id);
    await say(reservation, reservation);
    await say(made(order.id));
    const authorization = authorized(order.id, await attemptOf(order.id));
    await say(authorization, authorization);
    await say(authorized(order.id, await attemptOf(order.id)));
    expect(await typesOf(order.id)).toEqual(['order.placed', 'order.paymentRequested', 'order.confirmed']);
    expect(await shop.historyOf(order.id)).toHaveLength(3);
  });

  test('too early: an authorization nobody asked for moves nothing', async () => {
    const order = await shop.placed();
    await say(authorized(order.id, newId()));
    expect(await shop.statusOf(order.id)).toBe('AWAITING_STOCK');
  });

  test('too late: what was cancelled stays so', async () => {
    const order = await awaitingPayment();
    await change(shop, 'cancelOrder', { orderId: order.id, accessToken: order.accessToken });
    await say(authorized(order.id, order.attemptId), made(order.id), refused(order.id));
    expect(await shop.statusOf(order.id)).toBe('CANCELLED');
    expect(await typesOf(order.id)).toEqual(['order.placed', 'order.paymentRequested', 'order.cancelled']);
  });

  test('of another amount or currency: not believed', async () => {
    const order = await awaitingPayment();
    await say(
      authorized(order.id, order.attemptId, { amount: { amountMinor: 1, currency: 'EUR' } }),
      authorized(order.id, order.attemptId, { amount: { amountMinor: 1_892, currency: 'USD' } }),
    );
    expect(await shop.statusOf(order.id)).toBe('AWAITING_PAYMENT');
  });

  test('of an order that is not here: passed over', async () => {
    await say(made(newId()), authorized(newId(), newId()));
  });

  test('malformed, of an unknown type or a newer version: put aside, and the partition moves on', async () => {
    const order = await shop.placed();
    const { id } = order;
    const event = made(id);
    const wire = {
      specversion: '1.0',
      id: newId(),
      source: 'ebuy/products',
      subject: id,
      time: event.time,
      correlationid: newId(),
    };
    const data = event.payload;
    const poison = [
      'not json',
      '{}',
      JSON.stringify({ ...wire, type: 'reservation.dreamt', dataschema: 'urn:ebuy:event:reservation.dreamt:v1', data }),
      JSON.stringify({ ...wire, type: 'reservation.made', dataschema: 'urn:ebuy:event:reservation.made:v2', data }),
      JSON.stringify({
        ...wire,
        type: 'reservation.made',
        dataschema: 'urn:ebuy:event:reservation.made:v1',
        data: { orderId: 7 },
      }),
    ];
    for (const value of poison) await shop.kafka.publishRaw(TOPICS.reservation, id, value);
    await say(event);
    expect(await shop.statusOf(id)).toBe('AWAITING_PAYMENT');
    const group = { subgraph: 'orders', reaction: 'follow-reservations', topic: TOPICS.reservation };
    await eventually(async () => expect(await listDeadLetters(shop.kafka.settings, group)).toHaveLength(poison.length));
  });
});
