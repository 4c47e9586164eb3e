// A declined card is not the end: the order keeps its stock and waits for another card until its deadline.

import { newId } from '@ebuy/kernel';
import { eventually } from '@ebuy/testing';
import type { Merchandiser } from '@ebuy/tools/demo/staff.ts';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { chargesOf, heldOnce } from '../client/provider.ts';
import { type Bought, buy, opened, PATIENCE, untilDeclined, untilOrder, untilStatus } from '../client/purchase.ts';
import { type Sold, sell, stockOf } from '../client/sell.ts';
import { asGuest, asMerchandiser } from '../client/shop.ts';

const guest = asGuest();
let merchandiser: Merchandiser;
let lamp: Sold;

beforeAll(async () => {
  merchandiser = await asMerchandiser();
  lamp = await sell(merchandiser, { onHand: 20 });
});

const declined = ({ key }: Bought) => untilDeclined(guest, key);
const retry = (bought: Bought, paymentMethod = 'pm_card_visa', idempotencyKey = newId()) =>
  guest.retryPayment({ ...opened(bought.key), paymentMethod, idempotencyKey });

describe('a declined card', () => {
  test.each([
    ['pm_card_chargeDeclined', 'card_declined'],
    ['pm_card_chargeDeclinedInsufficientFunds', 'insufficient_funds'],
  ])('%s is told in the provider’s word, and the stock stays reserved', async (paymentMethod, code) => {
    const one = await sell(merchandiser, { onHand: 3 });
    const bought = await buy(guest, { variantId: one.variantId }, { paymentMethod });
    const order = await declined(bought);
    expect(order).toMatchObject({ status: 'AWAITING_PAYMENT', payment: { status: 'DECLINED', failure: { code } } });
    expect(order.payment?.failure?.message).toEqual(expect.stringMatching(/\w/));
    expect(order.payment?.authorizedAmount.amountMinor).toBe(0);
    expect(await stockOf(merchandiser, one)).toEqual({ onHand: 3, reserved: 1, available: 2 });
  });

  test('another card, tried once however often it is sent, confirms the order', async () => {
    const bought = await buy(guest, { variantId: lamp.variantId }, { paymentMethod: 'pm_card_chargeDeclined' });
    await declined(bought);
    const key = newId();
    const first = await retry(bought, 'pm_card_visa', key);
    expect(first).toMatchObject({ userErrors: [], replayed: false });
    expect(await retry(bought, 'pm_card_visa', key)).toMatchObject({ userErrors: [], replayed: true });
    expect((await retry(bought, 'pm_card_mastercard', key)).userErrors).toMatchObject([
      { code: 'IDEMPOTENCY_KEY_REUSED' },
    ]);
    const order = await untilStatus(guest, bought.key, 'CONFIRMED');
    expect(order.payment).toMatchObject({ status: 'AUTHORIZED', failure: null, authorizedAmount: order.total });
    expect(order.history.map(({ reason }) => reason)).toEqual(
      expect.arrayContaining(['PAYMENT_DECLINED', 'PAYMENT_RETRIED']),
    );
    expect(await chargesOf(bought.key.id)).toEqual(heldOnce(order.total, 2));
    expect((await retry(bought)).userErrors).toMatchObject([{ code: 'ORDER_NOT_PAYABLE' }]);
  });

  test('another declined card leaves it waiting for a third', async () => {
    const bought = await buy(guest, { variantId: lamp.variantId }, { paymentMethod: 'pm_card_chargeDeclined' });
    await declined(bought);
    expect((await retry(bought, 'pm_card_chargeDeclinedInsufficientFunds')).userErrors).toEqual([]);
    await untilOrder(
      guest,
      bought.key,
      'be declined again',
      ({ payment }) => payment?.failure?.code === 'insufficient_funds',
    );
    expect((await retry(bought)).userErrors).toEqual([]);
    await untilStatus(guest, bought.key, 'CONFIRMED');
  });

  test('no other card until the deadline: cancelled, and the stock is back', async () => {
    const other = await sell(merchandiser, { onHand: 3 });
    const bought = await buy(
      guest,
      { variantId: other.variantId, quantity: 2 },
      { paymentMethod: 'pm_card_chargeDeclined' },
    );
    await declined(bought);
    expect(await stockOf(merchandiser, other)).toEqual({ onHand: 3, reserved: 2, available: 1 });
    const order = await untilStatus(guest, bought.key, 'CANCELLED');
    expect(order.history.at(-1)).toMatchObject({ status: 'CANCELLED', reason: 'PAYMENT_NOT_COMPLETED' });
    await eventually(
      async () => expect(await stockOf(merchandiser, other)).toEqual({ onHand: 3, reserved: 0, available: 3 }),
      PATIENCE,
    );
    expect((await retry(bought)).userErrors).toMatchObject([{ code: 'ORDER_NOT_PAYABLE' }]);
  });
});
