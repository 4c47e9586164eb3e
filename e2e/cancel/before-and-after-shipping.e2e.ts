// An order can be cancelled until it is shipped: the payment is voided and the stock given back. A ship and a cancel at the same moment: one wins.

import { newId } from '@ebuy/kernel';
import { eventually } from '@ebuy/testing';
import type { Merchandiser, Support } from '@ebuy/tools/demo/staff.ts';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { chargesOf } from '../client/provider.ts';
import { type Bought, buy, opened, PATIENCE, untilOrder, untilStatus } from '../client/purchase.ts';
import { sell, stockOf } from '../client/sell.ts';
import { asGuest, asMerchandiser, asShopper, asSupport } from '../client/shop.ts';

const guest = asGuest();
let merchandiser: Merchandiser;
let support: Support;

beforeAll(async () => {
  [merchandiser, support] = await Promise.all([asMerchandiser(), asSupport()]);
});

const cancel = (bought: Bought, more: object = {}) =>
  guest.cancelOrder({ ...opened(bought.key), idempotencyKey: newId(), ...more });

async function confirmed(onHand = 5) {
  const lamp = await sell(merchandiser, { onHand });
  const bought = await buy(guest, { variantId: lamp.variantId, quantity: 2 });
  await untilStatus(guest, bought.key, 'CONFIRMED');
  const expectStock = (stock: { onHand: number; reserved: number }) =>
    eventually(
      async () =>
        expect(await stockOf(merchandiser, lamp)).toEqual({ ...stock, available: stock.onHand - stock.reserved }),
      PATIENCE,
    );
  return { lamp, bought, expectStock };
}

describe('cancelOrder', () => {
  test('of a confirmed order voids the payment and gives the stock back', async () => {
    const { bought, expectStock } = await confirmed();
    await expectStock({ onHand: 5, reserved: 2 });
    const key = newId();
    const cancelled = await cancel(bought, { reason: 'Changed my mind.', idempotencyKey: key });
    expect(cancelled).toMatchObject({ order: { status: 'CANCELLED' }, userErrors: [], replayed: false });
    expect(cancelled.order?.history.at(-1)).toMatchObject({ status: 'CANCELLED', reason: 'REQUESTED_BY_SHOPPER' });
    const order = await untilOrder(guest, bought.key, 'be voided', ({ payment }) => payment?.status === 'VOIDED');
    expect(order.payment).toMatchObject({ authorizedAmount: { amountMinor: 0 }, capturedAmount: { amountMinor: 0 } });
    await expectStock({ onHand: 5, reserved: 0 });
    expect((await chargesOf(bought.key.id)).heldMinor).toBe(0);

    const again = await cancel(bought, { reason: 'Changed my mind.', idempotencyKey: key });
    expect(again).toMatchObject({ order: { status: 'CANCELLED' }, userErrors: [], replayed: true });
    expect((await cancel(bought)).userErrors).toMatchObject([{ code: 'ORDER_NOT_CANCELLABLE' }]);
    const shipped = await support.shipOrder({ orderId: bought.key.id, idempotencyKey: newId() });
    expect(shipped).toMatchObject({ order: { status: 'CANCELLED' }, userErrors: [{ code: 'ORDER_NOT_SHIPPABLE' }] });
  });

  test('by its signed-in owner needs no token', async () => {
    const shopper = await asShopper('shopper@example.com');
    const lamp = await sell(merchandiser);
    const { key } = await buy(shopper, { variantId: lamp.variantId });
    await untilStatus(shopper, key, 'CONFIRMED');
    const cancelled = await shopper.cancelOrder({ orderId: key.id, idempotencyKey: newId() });
    expect(cancelled).toMatchObject({ order: { status: 'CANCELLED' }, userErrors: [] });
  });

  test('right after placing: whatever was under way is undone', async () => {
    const lamp = await sell(merchandiser, { onHand: 5 });
    for (let round = 0; round < 5; round += 1) {
      const bought = await buy(guest, { variantId: lamp.variantId });
      const payload = await eventually(async () => {
        const tried = await cancel(bought);
        if (tried.userErrors.some(({ code }) => code === 'VERSION_CONFLICT')) throw new Error('moved on meanwhile');
        return tried;
      }, PATIENCE);
      expect(payload).toMatchObject({ order: { status: 'CANCELLED' }, userErrors: [] });
      await eventually(async () => expect((await chargesOf(bought.key.id)).heldMinor).toBe(0), PATIENCE);
      expect((await guest.order(bought.key))?.status).toBe('CANCELLED');
    }
    await eventually(
      async () => expect(await stockOf(merchandiser, lamp)).toMatchObject({ onHand: 5, reserved: 0 }),
      PATIENCE,
    );
  });

  test('with an older version is refused and shows the order as it is', async () => {
    const { bought } = await confirmed();
    const refused = await cancel(bought, { expectedVersion: 1 });
    expect(refused).toMatchObject({ order: { status: 'CONFIRMED' }, userErrors: [{ code: 'VERSION_CONFLICT' }] });
    const { version } = refused.order!;
    expect(await cancel(bought, { expectedVersion: version })).toMatchObject({
      order: { status: 'CANCELLED' },
      userErrors: [],
    });
  });

  test('of a shipped order is refused', async () => {
    const { bought } = await confirmed();
    await support.shipOrder({ orderId: bought.key.id, idempotencyKey: newId() });
    expect(await cancel(bought)).toMatchObject({
      order: { status: 'SHIPPED' },
      userErrors: [{ code: 'ORDER_NOT_CANCELLABLE' }],
    });
  });
});

test('a refund before the capture is refused', async () => {
  const { bought } = await confirmed();
  const refund = await support.refundOrder({ orderId: bought.key.id, reason: 'Too early.', idempotencyKey: newId() });
  expect(refund.userErrors).toMatchObject([{ code: 'NOT_CAPTURED' }]);
});

describe('a ship and a cancel at the same moment', () => {
  test.each([1, 2, 3, 4, 5])('exactly one wins, and all follows it (round %i)', async (round) => {
    const { bought, expectStock } = await confirmed();
    const ship = () => support.shipOrder({ orderId: bought.key.id, idempotencyKey: newId() });
    const racers = round % 2 === 0 ? [ship(), cancel(bought)] : [cancel(bought), ship()];
    const outcomes = await Promise.all(racers);
    const winners = outcomes.filter(({ userErrors }) => userErrors.length === 0);
    expect(winners).toHaveLength(1);
    const [loser] = outcomes.filter(({ userErrors }) => userErrors.length > 0);
    expect(loser?.userErrors[0]?.code).toMatch(/^(ORDER_NOT_CANCELLABLE|ORDER_NOT_SHIPPABLE|VERSION_CONFLICT)$/);
    const { status } = winners[0]!.order!;
    const settled = status === 'SHIPPED' ? 'CAPTURED' : 'VOIDED';
    await untilOrder(
      guest,
      bought.key,
      `be ${settled}`,
      (order) => order.status === status && order.payment?.status === settled,
    );
    await expectStock(status === 'SHIPPED' ? { onHand: 3, reserved: 0 } : { onHand: 5, reserved: 0 });
    const { total } = bought.order;
    expect(await chargesOf(bought.key.id)).toEqual({
      authorizations: 1,
      heldMinor: 0,
      capturedMinor: status === 'SHIPPED' ? total.amountMinor : 0,
      refundedMinor: 0,
      isPaidTwice: false,
    });
  });
});
