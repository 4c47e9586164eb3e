// The price changed between cart and order: the shopper is asked again, and nothing has happened.

import { newId } from '@ebuy/kernel';
import type { Merchandiser } from '@ebuy/tools/demo/staff.ts';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { checkout, fillCart, orderOf, untilStatus } from '../client/purchase.ts';
import { sell, stockOf } from '../client/sell.ts';
import { asGuest, asMerchandiser } from '../client/shop.ts';

const guest = asGuest();
let merchandiser: Merchandiser;

beforeAll(async () => {
  merchandiser = await asMerchandiser();
});

const eur = (amountMinor: number) => ({ amountMinor, currency: 'EUR' });

async function cartWhosePriceMoves(from: number, to: number) {
  const lamp = await sell(merchandiser, { onHand: 5, price: eur(from) });
  const cart = await fillCart(guest, { variantId: lamp.variantId, quantity: 2 });
  const input = await checkout(guest, cart);
  const repriced = await merchandiser.repriceVariant({ variantId: lamp.variantId, price: eur(to) });
  expect(repriced).toMatchObject({ variant: { price: eur(to) }, userErrors: [] });
  return { lamp, cart, input };
}

describe('a price that changed between cart and order', () => {
  test.each([
    ['raised', 1_000, 1_001],
    ['lowered', 1_000, 900],
  ])('%s: refused with the new total, nothing is ordered and nothing reserved', async (_, from, to) => {
    const { lamp, cart, input } = await cartWhosePriceMoves(from, to);
    const { result, errors } = await guest.visitor.ask<{ placeOrder: object }>(
      `mutation PlaceOrder($input: PlaceOrderInput!) { placeOrder(input: $input) {
        order { id } accessToken total { amountMinor currency } userErrors { code message field }
      } }`,
      { input },
    );
    expect(errors).toEqual([]);
    const quote = await guest.quote({
      cartId: cart.id,
      accessToken: cart.accessToken,
      shippingAddress: input.shippingAddress,
    });
    expect(quote.subtotal).toEqual(eur(2 * to));
    expect(quote.total).not.toEqual(input.expectedTotal);
    expect(result?.placeOrder).toEqual({
      order: null,
      accessToken: null,
      total: quote.total,
      userErrors: [
        { code: 'TOTAL_CHANGED', message: expect.any(String), field: expect.arrayContaining(['expectedTotal']) },
      ],
    });
    expect(await stockOf(merchandiser, lamp)).toEqual({ onHand: 5, reserved: 0, available: 5 });
    expect((await guest.cart(cart))?.lines).toMatchObject([{ quantity: 2, unitPrice: eur(to) }]);

    const agreed = { ...input, expectedTotal: quote.total, idempotencyKey: newId() };
    const { key } = orderOf(await guest.placeOrder(agreed));
    expect(await untilStatus(guest, key, 'CONFIRMED')).toMatchObject({
      total: quote.total,
      lines: [{ unitPrice: eur(to) }],
    });
  });

  test('a refused key is free again: the same key with the total as it is now orders', async () => {
    const { input, cart } = await cartWhosePriceMoves(1_000, 1_100);
    expect((await guest.placeOrder(input)).userErrors).toMatchObject([{ code: 'TOTAL_CHANGED' }]);
    const { expectedTotal } = await checkout(guest, cart);
    expect(await guest.placeOrder({ ...input, expectedTotal })).toMatchObject({ userErrors: [], replayed: false });
  });

  test('a price that moves after the order was placed moves nothing', async () => {
    const lamp = await sell(merchandiser, { price: eur(1_000) });
    const cart = await fillCart(guest, { variantId: lamp.variantId });
    const { key, order } = orderOf(await guest.placeOrder(await checkout(guest, cart)));
    await merchandiser.repriceVariant({ variantId: lamp.variantId, price: eur(9_999) });
    expect(await untilStatus(guest, key, 'CONFIRMED')).toMatchObject({
      total: order.total,
      lines: [{ unitPrice: eur(1_000) }],
      payment: { authorizedAmount: order.total },
    });
  });

  test('a total in another currency is another total', async () => {
    const lamp = await sell(merchandiser, { price: eur(1_000) });
    const input = await checkout(guest, await fillCart(guest, { variantId: lamp.variantId }));
    const expectedTotal = { ...input.expectedTotal, currency: 'USD' };
    expect((await guest.placeOrder({ ...input, expectedTotal })).userErrors).toMatchObject([{ code: 'TOTAL_CHANGED' }]);
  });
});
