// Two hundred want the same thing at the same moment and fifty units are there: fifty get one, the others are told why.
// With one process of each service, and with two.

import { eventually } from '@ebuy/testing';
import type { Order, Stock } from '@ebuy/tools/demo/shapes.ts';
import type { Key, PlacedOrder, Shopper } from '@ebuy/tools/demo/shopper.ts';
import type { Merchandiser } from '@ebuy/tools/demo/staff.ts';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readLedger } from '../client/ledger.ts';
import { openOwnShop, replicasOfAll } from '../client/own-shop.ts';
import { chargesOf } from '../client/provider.ts';
import { checkout, fillCart, type OrderInput, orderOf, untilStatus } from '../client/purchase.ts';
import { type Sold, sell, stockOf } from '../client/sell.ts';
import { asGuest, asMerchandiser } from '../client/shop.ts';

const BUYERS = 200;
const UNITS = 50;
const PATIENCE = { timeoutMs: 120_000, everyMs: 500 };

const sharedShop = async () => ({ close: async () => undefined });
const twoOfEach = () => openOwnShop({ replicas: replicasOfAll(2) });

describe.each([
  ['one process of each service', sharedShop],
  ['two processes of each service', twoOfEach],
])('two hundred buyers of fifty units, %s', (_, open) => {
  let shop: { close(): Promise<void> } | undefined;
  let guest: Shopper;
  let merchandiser: Merchandiser;
  let hotSku: Sold;
  let orders: readonly Order[];
  /** Of those who were turned away before there was an order. */
  let refusals: readonly string[];
  let seen: readonly Stock[];

  beforeAll(async () => {
    shop = await open();
    guest = asGuest();
    merchandiser = await asMerchandiser();
    hotSku = await sell(merchandiser, { onHand: UNITS, title: 'The console that everybody wants' });
  }, 240_000);

  afterAll(() => shop?.close(), 60_000);

  test('all of them order at the same moment, and all of them get an answer', async () => {
    const inputs = await fillCarts();
    const watch = watchStock(merchandiser, hotSku);
    try {
      const payloads = await Promise.all(inputs.map((input) => insist(input)));
      refusals = payloads.flatMap(({ userErrors }) => userErrors.map(({ code }) => code));
      const placed = payloads.filter(({ order }) => order !== null).map((payload) => orderOf(payload).key);
      expect(placed.length + refusals.length).toBe(BUYERS);
      orders = await Promise.all(placed.map(untilEnded));
    } finally {
      seen = await watch.stop();
    }
  }, 240_000);

  test('exactly fifty are confirmed', () => {
    expect(orders.filter(({ status }) => status === 'CONFIRMED')).toHaveLength(UNITS);
  });

  test('the other hundred and fifty are told why, at once or by their order', () => {
    const cancelled = orders.filter(({ status }) => status === 'CANCELLED');
    expect(cancelled.length + refusals.length).toBe(BUYERS - UNITS);
    expect(refusals.filter((code) => code !== 'OUT_OF_STOCK')).toEqual([]);
    for (const { history } of cancelled)
      expect(history.at(-1)).toMatchObject({ status: 'CANCELLED', reason: 'OUT_OF_STOCK' });
  });

  test('stock was never below zero, and the levels are right in the end', async () => {
    expect(seen.length).toBeGreaterThan(0);
    for (const { onHand, reserved, available } of seen) {
      expect(onHand).toBe(UNITS);
      expect(available).toBe(onHand - reserved);
      expect(available).toBeGreaterThanOrEqual(0);
    }
    expect(await stockOf(merchandiser, hotSku)).toEqual({ onHand: UNITS, reserved: UNITS, available: 0 });
    await eventually(
      async () => expect(await guest.product(hotSku.slug)).toMatchObject({ availability: 'OUT_OF_STOCK' }),
      PATIENCE,
    );
  });

  test('who was confirmed is charged once, nobody else is, and the ledger sums to zero', async () => {
    for (const { id, status, total } of orders) {
      const { authorizations, heldMinor } = await chargesOf(id);
      const wanted = status === 'CONFIRMED' ? [1, total.amountMinor] : [0, 0];
      expect([id, authorizations, heldMinor]).toEqual([id, ...wanted]);
    }
    const ledger = await readLedger(orders.map(({ id }) => id));
    expect(ledger.sums).toEqual(ledger.sums.map(({ currency }) => ({ currency, sum: 0 })));
    expect(ledger.unbalancedOrders).toEqual([]);
    expect(ledger.heldOrders).toBe(UNITS);
  });

  async function fillCarts(): Promise<OrderInput[]> {
    const inputs: OrderInput[] = [];
    for (let buyer = 0; buyer < BUYERS; buyer += 10) {
      const batch = Array.from({ length: 10 }, async () =>
        checkout(guest, await fillCart(guest, { variantId: hotSku.variantId })),
      );
      inputs.push(...(await Promise.all(batch)));
    }
    return inputs;
  }

  /** Under such load the shop may ask to try again: a client then sends the same key. */
  function insist(input: OrderInput): Promise<PlacedOrder> {
    return eventually(async () => {
      const payload = await guest.placeOrder(input);
      if (payload.userErrors.some(({ code }) => code === 'IDEMPOTENCY_KEY_IN_USE')) throw new Error('still in use');
      return payload;
    }, PATIENCE);
  }

  async function untilEnded(key: Key): Promise<Order> {
    await eventually(async () => {
      const status = await guest.orderStatus(key);
      if (status !== 'CONFIRMED' && status !== 'CANCELLED') throw new Error(`${key.id} is still ${status}`);
    }, PATIENCE);
    return untilStatus(guest, key, 'CONFIRMED', 'CANCELLED');
  }
});

/** Looks at the stock again and again until it is told to stop; then hands out all it saw. */
function watchStock(staff: Merchandiser, sold: Sold) {
  const seen: Stock[] = [];
  let watching = true;
  const done = (async () => {
    while (watching) {
      await stockOf(staff, sold).then(
        (stock) => seen.push(stock),
        () => undefined,
      );
    }
  })();
  return {
    async stop() {
      watching = false;
      await done;
      return seen;
    },
  };
}
