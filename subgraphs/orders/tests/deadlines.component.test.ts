import { newEvent } from '@ebuy/events';
import { newId } from '@ebuy/kernel';
import { eventually } from '@ebuy/testing';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { change, openShop, type Shop } from './shop.ts';

const STOCK_SECONDS = 600;
/** Two replicas that sweep the same orders. */
let shop: Shop;
let second: Awaited<ReturnType<Shop['start']>>;
beforeAll(async () => {
  shop = await openShop({ stockSeconds: STOCK_SECONDS, paymentSeconds: 2 });
  second = await shop.start();
});
afterAll(async () => {
  await second?.stop();
  await shop?.close();
});

const made = (orderId: string) =>
  newEvent(
    'reservation.made',
    { orderId, lines: [{ variantId: newId(), quantity: 1 }] },
    { correlationId: newId(), causationId: null },
  );

async function cancelled(orderId: string, reason: string): Promise<void> {
  await eventually(async () => expect((await shop.historyOf(orderId)).at(-1)).toEqual(['CANCELLED', reason]));
  const events = await shop.outbox(orderId);
  expect(events.filter(({ type }) => type === 'order.cancelled')).toHaveLength(1);
  expect(events.at(-1)).toMatchObject({ data: { orderId, reason }, correlationid: events[0]?.correlationid });
}

describe('every wait has a deadline', () => {
  test('stock that nobody confirms: cancelled, once each, whoever sweeps', async () => {
    const orders: Awaited<ReturnType<Shop['placed']>>[] = [];
    while (orders.length < 30) orders.push(await shop.placed());
    const waits = 'SELECT DISTINCT round(extract(epoch FROM deadline_at - placed_at))::int AS seconds FROM orders';
    expect(await shop.database.query(waits)).toEqual([{ seconds: STOCK_SECONDS }]);
    // Ten minutes later.
    await shop.database.query(`UPDATE orders SET deadline_at = now() - interval '1 second'`);
    await Promise.all(orders.map((order) => cancelled(order.id, 'STOCK_NOT_CONFIRMED')));
    const late = orders[0]!;
    await shop.kafka.publish([made(late.id)]);
    await eventually(async () => expect(await shop.database.query('SELECT 1 FROM inbox')).toHaveLength(1));
    expect(await shop.statusOf(late.id)).toBe('CANCELLED');
  });

  test('a payment that does not come: cancelled, and then neither paid nor cancelled again', async () => {
    const order = await shop.placed();
    await shop.kafka.publish([made(order.id)]);
    await cancelled(order.id, 'PAYMENT_NOT_COMPLETED');
    expect(await shop.historyOf(order.id)).toEqual([
      ['AWAITING_STOCK', null],
      ['AWAITING_PAYMENT', null],
      ['CANCELLED', 'PAYMENT_NOT_COMPLETED'],
    ]);
    const ask = { orderId: order.id, accessToken: order.accessToken };
    expect((await change(shop, 'retryPayment', { ...ask, paymentMethod: 'pm_card_visa' })).code).toBe(
      'ORDER_NOT_PAYABLE',
    );
    expect((await change(shop, 'cancelOrder', ask)).code).toBe('ORDER_NOT_CANCELLABLE');
    const [{ overdue } = { overdue: '?' }] = await shop.database.query<{ overdue: string }>(
      'SELECT count(*) AS overdue FROM orders WHERE deadline_at IS NOT NULL',
    );
    expect(overdue).toBe('0');
  });
});
