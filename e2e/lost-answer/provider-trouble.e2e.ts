// The provider does its part but says so badly: its answer is lost, its webhooks come twice or late, it is slow.

import { newId } from '@ebuy/kernel';
import type { Support } from '@ebuy/tools/demo/staff.ts';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { chargesOf, heldOnce } from '../client/provider.ts';
import { buy, untilOrder, untilStatus } from '../client/purchase.ts';
import { type Sold, sell } from '../client/sell.ts';
import { asGuest, asMerchandiser, asSupport } from '../client/shop.ts';

const guest = asGuest();
let lamp: Sold;
let support: Support;

beforeAll(async () => {
  lamp = await sell(await asMerchandiser());
  support = await asSupport();
});

describe('a provider in trouble', () => {
  test.each([
    ['its answer is lost after it charged', 'pm_sandbox_answerLost'],
    ['its webhooks come twice', 'pm_sandbox_webhookTwice'],
    ['its webhook comes late', 'pm_sandbox_webhookLate'],
    ['it is slow', 'pm_sandbox_slow'],
    ['it is down for two tries', 'pm_sandbox_unavailable'],
  ])('%s: the order is confirmed, with exactly one authorization of the total', async (_, paymentMethod) => {
    const { key, order: placed } = await buy(guest, { variantId: lamp.variantId }, { paymentMethod });
    const order = await untilStatus(guest, key, 'CONFIRMED');
    expect(order.payment).toMatchObject({ status: 'AUTHORIZED', authorizedAmount: placed.total });
    expect(order.history.map(({ status }) => status)).toEqual(['AWAITING_STOCK', 'AWAITING_PAYMENT', 'CONFIRMED']);
    expect(await chargesOf(key.id)).toEqual(heldOnce(placed.total));
  });

  test.each([
    ['its answer to the authorization was lost', 'pm_sandbox_answerLost'],
    ['its first captures fail', 'pm_sandbox_captureFails'],
  ])('%s: what is shipped is taken once', async (_, paymentMethod) => {
    const { key, order: placed } = await buy(guest, { variantId: lamp.variantId }, { paymentMethod });
    await untilStatus(guest, key, 'CONFIRMED');
    const shipped = await support.shipOrder({ orderId: key.id, idempotencyKey: newId() });
    expect(shipped).toMatchObject({ order: { status: 'SHIPPED' }, userErrors: [] });
    const order = await untilOrder(guest, key, 'be captured', ({ payment }) => payment?.status === 'CAPTURED');
    expect(order).toMatchObject({ status: 'SHIPPED', payment: { capturedAmount: placed.total, failure: null } });
    expect(await chargesOf(key.id)).toMatchObject({
      authorizations: 1,
      heldMinor: 0,
      capturedMinor: placed.total.amountMinor,
    });
  });

  test('it refuses a refund: nothing is given back, and staff are told', async () => {
    const { key } = await buy(guest, { variantId: lamp.variantId }, { paymentMethod: 'pm_sandbox_refundFails' });
    await untilStatus(guest, key, 'CONFIRMED');
    await support.shipOrder({ orderId: key.id, idempotencyKey: newId() });
    await untilOrder(guest, key, 'be captured', ({ payment }) => payment?.status === 'CAPTURED');
    const refund = await support.refundOrder({ orderId: key.id, reason: 'Sent back.', idempotencyKey: newId() });
    expect(refund.userErrors).toMatchObject([{ code: 'REFUND_FAILED' }]);
    const order = await guest.order(key);
    expect(order?.payment).toMatchObject({ status: 'CAPTURED', refundedAmount: { amountMinor: 0 } });
    expect((await chargesOf(key.id)).refundedMinor).toBe(0);
  });
});
