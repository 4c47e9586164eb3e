// Each service is killed while twenty orders are on their way. Nothing that was acknowledged is lost, nothing happens twice.

import { eventually } from '@ebuy/testing';
import type { Order } from '@ebuy/tools/demo/shapes.ts';
import type { Key } from '@ebuy/tools/demo/shopper.ts';
import type { Merchandiser } from '@ebuy/tools/demo/staff.ts';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { crash } from '../client/crash.ts';
import { readLedger } from '../client/ledger.ts';
import { chargesOf, heldOnce } from '../client/provider.ts';
import { checkout, fillCart, type OrderInput, orderOf } from '../client/purchase.ts';
import { type Sold, sell, stockOf } from '../client/sell.ts';
import { asGuest, asMerchandiser } from '../client/shop.ts';

const ORDERS = 20;
const PATIENCE = { timeoutMs: 120_000, everyMs: 250 };

const guest = asGuest();
let merchandiser: Merchandiser;

beforeAll(async () => {
  merchandiser = await asMerchandiser();
});

/** A buyer who does not give up: the same input with the same key until there is an answer. */
function insist(input: OrderInput): Promise<Key> {
  return eventually(async () => orderOf(await guest.placeOrder(input)).key, PATIENCE);
}

function untilEnded(key: Key): Promise<Order> {
  return eventually(async () => {
    const order = await guest.order(key);
    if (order?.status !== 'CONFIRMED' && order?.status !== 'CANCELLED')
      throw new Error(`${key.id} is ${order?.status}`);
    return order;
  }, PATIENCE);
}

async function orderDuring(sold: Sold, accident: () => Promise<void>): Promise<Order[]> {
  const inputs: OrderInput[] = [];
  for (let index = 0; index < ORDERS; index += 1) {
    inputs.push(await checkout(guest, await fillCart(guest, { variantId: sold.variantId })));
  }
  let placed = 0;
  let half: () => void = () => undefined;
  const halfway = new Promise<void>((resolve) => {
    half = resolve;
  });
  const buying = Promise.all(
    inputs.map(async (input) => {
      const key = await insist(input);
      placed += 1;
      if (placed === ORDERS / 2) half();
      return key;
    }),
  );
  await halfway;
  await accident();
  return Promise.all((await buying).map(untilEnded));
}

describe.each(['orders', 'products', 'payments', 'cart'])('%s is killed in the middle of twenty orders', (service) => {
  test('all of them end, each reserved once and charged once', async () => {
    const lamp = await sell(merchandiser, { onHand: 100 });
    const orders = await orderDuring(lamp, () => crash(service));
    expect(new Set(orders.map(({ id }) => id)).size).toBe(ORDERS);
    const confirmed = orders.filter(({ status }) => status === 'CONFIRMED');
    expect(confirmed.length).toBeGreaterThan(0);
    for (const { status, history } of orders) {
      if (status === 'CANCELLED')
        expect(history.at(-1)?.reason).toMatch(/^(PAYMENT_NOT_COMPLETED|STOCK_NOT_CONFIRMED)$/);
    }
    for (const { id, total } of confirmed) expect(await chargesOf(id)).toEqual(heldOnce(total));
    await eventually(async () => {
      for (const { id, status } of orders) if (status === 'CANCELLED') expect((await chargesOf(id)).heldMinor).toBe(0);
      expect(await stockOf(merchandiser, lamp)).toEqual({
        onHand: 100,
        reserved: confirmed.length,
        available: 100 - confirmed.length,
      });
    }, PATIENCE);
    const ledger = await readLedger(orders.map(({ id }) => id));
    expect(ledger).toMatchObject({ unbalancedOrders: [], heldOrders: confirmed.length });
  }, 500_000);
});
