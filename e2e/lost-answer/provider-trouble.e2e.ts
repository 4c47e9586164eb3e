// The provider does its part but says so badly: its answer is lost, its webhooks come twice or late, it is slow.

import { newId } from '@ebuy/kernel';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { authorizationsOf } from '../client/provider.ts';
import { buy, untilOrder, untilStatus } from '../client/purchase.ts';
import { type Sold, sell, stockOf } from '../client/sell.ts';
import { asGuest, asMerchandiser, asSupport } from '../client/shop.ts';

const guest = asGuest();
let lamp: Sold;

beforeAll(async () => {
  lamp = await sell(await asMerchandiser());
});

describe('a provider in trouble', () => {
  test.each([
    ['its answer is lost after it charged', 'pm_sandbox_answerLost'],
    ['its webhooks come twice', 'pm_sandbox_webhookTwice'],
    ['its webhook comes late', 'pm_sandbox_webhookLate'],
    ['it is slow', 'pm_sandbox_slow'],
  ])('%s: the order is confirmed, with exactly one authorization of the total', async (_, paymentMethod) => {
    const { key, order: placed } = await buy(guest, { variantId: lamp.variantId }, { paymentMethod });
    const order = await untilStatus(guest, key, 'CONFIRMED');
    expect(order.payment).toMatchObject({ status: 'AUTHORIZED', authorizedAmount: placed.total });
    expect(order.history.map(({ status }) => status)).toEqual(['AWAITING_STOCK', 'AWAITING_PAYMENT', 'CONFIRMED']);
    expect(await authorizationsOf(key.id)).toMatchObject([placed.total]);
  });

  test('with a lost answer, too, the order ships, and its units are taken once', async () => {
    const merchandiser = await asMerchandiser();
    const support = await asSupport();
    const one = await sell(merchandiser, { onHand: 5 });
    const { key, order: placed } = await buy(
      guest,
      { variantId: one.variantId },
      { paymentMethod: 'pm_sandbox_answerLost' },
    );
    await untilStatus(guest, key, 'CONFIRMED');
    expect(await support.shipOrder({ orderId: key.id, idempotencyKey: newId() })).toMatchObject({ userErrors: [] });
    const order = await untilOrder(guest, key, 'be captured', ({ payment }) => payment?.status === 'CAPTURED');
    expect(order.payment?.capturedAmount).toEqual(placed.total);
    expect((await stockOf(merchandiser, one)).onHand).toBeLessThanOrEqual(5);
  });
});
