// The same for somebody who signed in: the order and the cart stand in their account, and nobody else's token is needed.

import { newId } from '@ebuy/kernel';
import { eventually } from '@ebuy/testing';
import type { Shopper } from '@ebuy/tools/demo/shopper.ts';
import type { Merchandiser, Support } from '@ebuy/tools/demo/staff.ts';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { type Bought, checkout, fillCart, orderOf, PATIENCE, untilOrder, untilStatus } from '../client/purchase.ts';
import { type Sold, sell } from '../client/sell.ts';
import { asGuest, asMerchandiser, asShopper, asSupport } from '../client/shop.ts';

describe('a signed-in shopper', () => {
  let shopper: Shopper;
  let merchandiser: Merchandiser;
  let support: Support;
  let lamp: Sold;
  let bought: Pick<Bought, 'order' | 'key'>;

  beforeAll(async () => {
    [shopper, merchandiser, support] = await Promise.all([
      asShopper('shopper@example.com'),
      asMerchandiser(),
      asSupport(),
    ]);
    lamp = await sell(merchandiser);
  });

  test('takes the cart along that they filled as a guest', async () => {
    const guest = asGuest();
    const cart = await fillCart(guest, { variantId: lamp.variantId, quantity: 2 });
    const { mergeCart } = await shopper.visitor.get<{ mergeCart: { cart: { id: string } | null; userErrors: [] } }>(
      'mutation MergeCart($input: MergeCartInput!) { mergeCart(input: $input) { cart { id } userErrors { code message field } } }',
      { input: { guestCartId: cart.id, accessToken: cart.accessToken } },
    );
    expect(mergeCart.userErrors).toEqual([]);
    const account = await shopper.account();
    expect(account?.cart?.id).toBe(mergeCart.cart?.id);
    expect(account?.cart?.lines).toEqual(
      expect.arrayContaining([expect.objectContaining({ variant: expect.objectContaining({ id: lamp.variantId }) })]),
    );
  });

  test('orders it without any token', async () => {
    const account = await shopper.account();
    expect(account).toMatchObject({ email: 'shopper@example.com' });
    const input = await checkout(shopper, { id: account!.cart!.id });
    const payload = await shopper.placeOrder(input);
    expect(payload).toMatchObject({ userErrors: [], replayed: false });
    bought = orderOf({ ...payload, accessToken: null });
    await untilStatus(shopper, { id: bought.order.id }, 'CONFIRMED');
  });

  test('finds it first in the account, and the cart empty', async () => {
    await eventually(async () => {
      const account = await shopper.account();
      expect(account?.orders.nodes[0]).toMatchObject({ id: bought.order.id, status: 'CONFIRMED' });
      expect(account?.cart?.lines ?? []).toEqual([]);
    }, PATIENCE);
  });

  test('gets it shipped, delivered and refunded', async () => {
    const orderId = bought.order.id;
    const shipped = await support.shipOrder({ orderId, idempotencyKey: newId() });
    expect(shipped).toMatchObject({ order: { status: 'SHIPPED' }, userErrors: [] });
    await untilOrder(shopper, bought.key, 'be captured', ({ payment }) => payment?.status === 'CAPTURED');
    const delivered = await support.deliverOrder({ orderId, idempotencyKey: newId() });
    expect(delivered).toMatchObject({ order: { status: 'DELIVERED' }, userErrors: [] });
    const refunded = await support.refundOrder({ orderId, reason: 'Sent back.', idempotencyKey: newId() });
    expect(refunded.userErrors).toEqual([]);
    const order = await untilOrder(shopper, bought.key, 'be refunded', ({ payment }) => payment?.status === 'REFUNDED');
    expect(order.payment?.refundedAmount).toEqual(bought.order.total);
  });
});
