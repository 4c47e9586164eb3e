// Two hundred want the same thing at the same moment and fifty units are there: fifty get one, the others are told why.

import { eventually } from '@ebuy/testing';
import type { Order, Stock } from '@ebuy/tools/demo/shapes.ts';
import type { Key } from '@ebuy/tools/demo/shopper.ts';
import type { Merchandiser } from '@ebuy/tools/demo/staff.ts';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { readLedger } from '../client/ledger.ts';
import { chargesOf } from '../client/provider.ts';
import { checkout, fillCart, type OrderInput, orderOf, untilOrder } from '../client/purchase.ts';
import { type Sold, sell, stockOf } from '../client/sell.ts';
import { asGuest, asMerchandiser } from '../client/shop.ts';

const BUYERS = 200;
const UNITS = 50;
const PATIENCE = { timeoutMs: 120_000, everyMs: 500 };

describe('two hundred buyers of fifty units', () => {
  const guest = asGuest();
  let merchandiser: Merchandiser;
  let hotSku: Sold;
  let orders: readonly Order[];
  const seen: Stock[] = [];

  beforeAll(async () => {
    merchandiser = await asMerchandiser();
    hotSku = await sell(merchandiser, { onHand: UNITS, title: 'The console that everybody wants' });
  });

  test('all of them order at the same moment', async () => {
    const inputs: OrderInput[] = [];
    for (let buyer = 0; buyer < BUYERS; buyer += 10) {
      const batch = Array.from({ length: 10 }, async () =>
        checkout(guest, await fillCart(guest, { variantId: hotSku.variantId })),
      );
      inputs.push(...(await Promise.all(batch)));
    }
    const watch = watchStock(merchandiser, hotSku, seen);
    const keys = await Promise.all(inputs.map(async (input) => orderOf(await insist(input)).key));
    orders = await settle(keys);
    await watch.stop();
  }, 240_000);

  test('exactly fifty are confirmed', () => {
    expect(orders.filter(({ status }) => status === 'CONFIRMED')).toHaveLength(UNITS);
  });

  test('the other hundred and fifty are cancelled and told why', () => {
    const cancelled = orders.filter(({ status }) => status === 'CANCELLED');
    expect(cancelled).toHaveLength(BUYERS - UNITS);
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
    expect(await guest.product(hotSku.slug)).toMatchObject({ availability: 'OUT_OF_STOCK' });
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

  /** The shop may refuse under load what it then takes: a client sends the same key again. */
  function insist(input: OrderInput) {
    return eventually(async () => {
      const payload = await guest.placeOrder(input);
      if (payload.userErrors.some(({ code }) => code === 'IDEMPOTENCY_KEY_IN_USE')) throw new Error('still in use');
      return payload;
    }, PATIENCE);
  }

  async function settle(keys: readonly Key[]): Promise<Order[]> {
    return Promise.all(
      keys.map(async (key) => {
        await eventually(async () => {
          const status = await guest.orderStatus(key);
          if (status !== 'CONFIRMED' && status !== 'CANCELLED') throw new Error(`${key.id} is still ${status}`);
        }, PATIENCE);
        return untilOrder(guest, key, 'have ended', ({ status }) => status === 'CONFIRMED' || status === 'CANCELLED');
      }),
    );
  }
});

/** Looks at the stock again and again until it is told to stop. */
function watchStock(staff: Merchandiser, sold: Sold, seen: Stock[]) {
  let watching = true;
  const done = (async () => {
    while (watching) seen.push(await stockOf(staff, sold));
  })();
  return {
    async stop() {
      watching = false;
      await done;
    },
  };
}
