// One idempotency key is one order, one reservation and one charge, however often and however simultaneously it is sent.

import { newId } from '@ebuy/kernel';
import { eventually } from '@ebuy/testing';
import type { PlacedOrder, Shopper } from '@ebuy/tools/demo/shopper.ts';
import type { Merchandiser, Support } from '@ebuy/tools/demo/staff.ts';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { chargesOf, heldOnce } from '../client/provider.ts';
import { checkout, fillCart, type OrderInput, orderOf, PATIENCE, untilStatus } from '../client/purchase.ts';
import { type Sold, sell, stockOf } from '../client/sell.ts';
import { asGuest, asMerchandiser, asShopper, asSupport } from '../client/shop.ts';

const IN_USE = 'IDEMPOTENCY_KEY_IN_USE';
const refusedInUse = ({ userErrors }: PlacedOrder) => userErrors.some(({ code }) => code === IN_USE);

/** Sends it as a client should: again while the first is still running. */
function insist(shopper: Shopper, input: OrderInput): Promise<PlacedOrder> {
  return eventually(async () => {
    const payload = await shopper.placeOrder(input);
    if (refusedInUse(payload)) throw new Error('still in use');
    return payload;
  }, PATIENCE);
}

describe('placeOrder with one idempotency key', () => {
  let merchandiser: Merchandiser;
  let support: Support;
  let lamp: Sold;

  beforeAll(async () => {
    [merchandiser, support] = await Promise.all([asMerchandiser(), asSupport()]);
    lamp = await sell(merchandiser, { onHand: 1_000 });
  });

  test('sent twice, and again when all is over: the same order and the same token', async () => {
    const guest = asGuest();
    const before = await stockOf(merchandiser, lamp);
    const input = await checkout(guest, await fillCart(guest, { variantId: lamp.variantId }));
    const first = await guest.placeOrder(input);
    const second = await guest.placeOrder(input);
    expect(first).toMatchObject({ replayed: false, userErrors: [] });
    expect(second).toMatchObject({ replayed: true, userErrors: [] });
    expect(second.order?.id).toBe(first.order?.id);
    expect(second.accessToken).toBe(first.accessToken);

    const { key } = orderOf(first);
    await untilStatus(guest, key, 'CONFIRMED');
    await eventually(async () => {
      expect((await guest.cart({ id: input.cartId, accessToken: input.accessToken }))?.lines).toEqual([]);
    }, PATIENCE);
    const third = await guest.placeOrder(input);
    expect(third).toMatchObject({ replayed: true, order: { id: key.id, status: 'CONFIRMED' } });
    expect(third.accessToken).toBe(first.accessToken);
    expect(await chargesOf(key.id)).toEqual(heldOnce(input.expectedTotal));
    expect((await stockOf(merchandiser, lamp)).reserved).toBe(before.reserved + 1);
  });

  test.each(['a guest', 'a signed-in shopper'])(
    'sent ten times at the same moment by %s: one order, one charge',
    async (who) => {
      const shopper = who === 'a guest' ? asGuest() : await asShopper('shopper2@example.com');
      const before = await stockOf(merchandiser, lamp);
      const input = await checkout(shopper, await fillCart(shopper, { variantId: lamp.variantId }));
      const payloads = await Promise.all(Array.from({ length: 10 }, () => shopper.placeOrder(input)));
      const answered = [...payloads.filter((payload) => !refusedInUse(payload)), await insist(shopper, input)];
      expect(payloads.filter(({ order, replayed }) => order !== null && !replayed)).toHaveLength(1);
      for (const payload of payloads.filter(refusedInUse))
        expect(payload).toMatchObject({ order: null, accessToken: null });
      const [first] = answered;
      const { key } = orderOf(first!);
      for (const { order, accessToken, userErrors } of answered) {
        expect(userErrors).toEqual([]);
        expect(order?.id).toBe(key.id);
        expect(accessToken).toBe(first?.accessToken);
      }
      await untilStatus(shopper, key, 'CONFIRMED');
      expect(await chargesOf(key.id)).toEqual(heldOnce(input.expectedTotal));
      expect((await stockOf(merchandiser, lamp)).reserved).toBe(before.reserved + 1);
    },
  );

  test('while the first is still running it is refused, and may be tried again', async () => {
    const guest = asGuest();
    const { refused, input } = await eventually(async () => {
      const tried = await checkout(guest, await fillCart(guest, { variantId: lamp.variantId }));
      const payloads = await Promise.all(Array.from({ length: 10 }, () => guest.placeOrder(tried)));
      const inUse = payloads.find(refusedInUse);
      if (inUse === undefined) throw new Error('Ten requests never met each other');
      return { refused: inUse, input: tried };
    }, PATIENCE);
    expect(refused.order).toBeNull();
    expect(refused.userErrors).toMatchObject([{ code: IN_USE, message: expect.stringMatching(/again/i) }]);
    expect(await insist(guest, input)).toMatchObject({ replayed: true, userErrors: [] });
  });

  test('with another input it is refused, and the first order stays as it is', async () => {
    const guest = asGuest();
    const input = await checkout(guest, await fillCart(guest, { variantId: lamp.variantId }));
    const { key } = orderOf(await guest.placeOrder(input));
    for (const change of [
      { email: 'someone@example.com' },
      { paymentMethod: 'pm_card_chargeDeclined' },
      { shippingOptionCode: 'EXPRESS' },
      { shippingAddress: { ...input.shippingAddress, city: 'Elsewhere' } },
    ]) {
      const other = await guest.placeOrder({ ...input, ...change });
      expect(other).toMatchObject({ order: null, userErrors: [{ code: 'IDEMPOTENCY_KEY_REUSED' }] });
    }
    await untilStatus(guest, key, 'CONFIRMED');
    expect(await chargesOf(key.id)).toEqual(heldOnce(input.expectedTotal));
  });

  test('counts for its own caller only: the same key in another cart is another order', async () => {
    const guest = asGuest();
    const idempotencyKey = newId();
    const inputs = [];
    for (let index = 0; index < 2; index += 1) {
      const cart = await fillCart(guest, { variantId: lamp.variantId });
      inputs.push(await checkout(guest, cart, { idempotencyKey }));
    }
    const orders = [];
    for (const input of inputs) orders.push(orderOf(await guest.placeOrder(input)).order.id);
    expect(new Set(orders).size).toBe(2);
  });

  test('moves money and stock once in the other mutations, too', async () => {
    const guest = asGuest();
    const twice = async <Result>(send: () => Promise<Result>): Promise<[Result, Result]> => [
      await send(),
      await send(),
    ];
    const adjust = { variantId: lamp.variantId, delta: 5, reason: 'A delivery.', idempotencyKey: newId() };
    const before = await stockOf(merchandiser, lamp);
    const adjusted = await twice(() => merchandiser.adjustStock(adjust));
    expect(adjusted.map(({ replayed }) => replayed)).toEqual([false, true]);
    expect((await stockOf(merchandiser, lamp)).onHand).toBe(before.onHand + 5);

    const input = await checkout(guest, await fillCart(guest, { variantId: lamp.variantId }));
    const { key, order } = orderOf(await guest.placeOrder(input));
    await untilStatus(guest, key, 'CONFIRMED');
    const ship = { orderId: key.id, idempotencyKey: newId() };
    const shipped = await twice(() => support.shipOrder(ship));
    expect(shipped.map(({ replayed, userErrors }) => ({ replayed, userErrors }))).toEqual([
      { replayed: false, userErrors: [] },
      { replayed: true, userErrors: [] },
    ]);
    await eventually(async () => expect((await guest.order(key))?.payment?.status).toBe('CAPTURED'), PATIENCE);
    const amount = { amountMinor: 100, currency: 'EUR' };
    const refund = { orderId: key.id, amount, reason: 'A scratch.', idempotencyKey: newId() };
    const refunds = await twice(() => support.refundOrder(refund));
    expect(refunds.map(({ replayed }) => replayed)).toEqual([false, true]);
    await eventually(async () => expect((await guest.order(key))?.payment?.refundedAmount).toEqual(amount), PATIENCE);
    expect(order.total.amountMinor).toBeGreaterThan(100);
  });
});
