// Currencies without decimals and with three, and the edges of what can be counted exactly.

import { newId } from '@ebuy/kernel';
import { ADDRESSES } from '@ebuy/tools/demo/addresses.ts';
import type { Merchandiser } from '@ebuy/tools/demo/staff.ts';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { checkout, fillCart, orderOf, untilStatus } from '../client/purchase.ts';
import { refusalsIn } from '../client/refusals.ts';
import { sell } from '../client/sell.ts';
import { asGuest, asMerchandiser } from '../client/shop.ts';

const MOST = Number.MAX_SAFE_INTEGER;
const guest = asGuest();
let merchandiser: Merchandiser;

beforeAll(async () => {
  merchandiser = await asMerchandiser();
});

describe('a currency', () => {
  test.each([
    ['JPY', 'JP', 1_201, 3, 3_603],
    ['KWD', 'KW', 1_234, 7, 8_638],
    ['USD', 'US', 1_999, 2, 3_998],
  ] as const)(
    '%s is counted in its own minor units, to the last one',
    async (currency, country, price, quantity, subtotal) => {
      const lamp = await sell(merchandiser, { price: { amountMinor: price, currency } });
      const cart = await fillCart(guest, { variantId: lamp.variantId, quantity });
      const { key, order } = orderOf(await guest.placeOrder(await checkout(guest, cart, { country })));
      const confirmed = await untilStatus(guest, key, 'CONFIRMED');
      expect(confirmed.subtotal).toEqual({ amountMinor: subtotal, currency });
      const { shippingTotal, taxTotal, total } = confirmed;
      expect(total).toEqual({ amountMinor: subtotal + shippingTotal.amountMinor + taxTotal.amountMinor, currency });
      expect(confirmed.payment?.authorizedAmount).toEqual(order.total);
    },
  );

  test('is one a cart: a line in another is refused', async () => {
    const yen = await sell(merchandiser, { price: { amountMinor: 500, currency: 'JPY' } });
    const euro = await sell(merchandiser);
    const cart = await fillCart(guest, { variantId: yen.variantId });
    const mixed = await guest.addCartLine({
      cartId: cart.id,
      accessToken: cart.accessToken,
      variantId: euro.variantId,
      quantity: 1,
    });
    expect(mixed.userErrors).toMatchObject([{ code: expect.stringMatching(/CURRENC/) }]);
    expect((await guest.cart(cart))?.lines).toHaveLength(1);
  });
});

describe('the edge of the safe integers', () => {
  const KUWAIT_STANDARD_SHIPPING = 1_500;

  test('a total of 2^53 - 1 is ordered, charged and shown exactly', async () => {
    const price = { amountMinor: MOST - KUWAIT_STANDARD_SHIPPING, currency: 'KWD' };
    const jewel = await sell(merchandiser, { price });
    const cart = await fillCart(guest, { variantId: jewel.variantId });
    const { key } = orderOf(await guest.placeOrder(await checkout(guest, cart, { country: 'KW' })));
    const order = await untilStatus(guest, key, 'CONFIRMED');
    expect(order.total).toEqual({ amountMinor: MOST, currency: 'KWD' });
    expect(order.payment?.authorizedAmount).toEqual(order.total);
  });

  test('a total of 2^53 is refused in the quote and in the order', async () => {
    const price = { amountMinor: MOST - KUWAIT_STANDARD_SHIPPING + 1, currency: 'KWD' };
    const jewel = await sell(merchandiser, { price });
    const cart = await fillCart(guest, { variantId: jewel.variantId });
    const opened = { cartId: cart.id, accessToken: cart.accessToken, shippingAddress: ADDRESSES.KW };
    const quote = await guest.quote(opened);
    expect(quote).toMatchObject({ total: null, taxTotal: null, userErrors: [{ code: 'AMOUNT_TOO_LARGE' }] });
    const input = {
      ...opened,
      email: 'shopper@example.com',
      shippingOptionCode: 'STANDARD',
      paymentMethod: 'pm_card_visa',
      expectedTotal: { amountMinor: MOST, currency: 'KWD' },
      idempotencyKey: newId(),
    };
    expect(await guest.placeOrder(input)).toMatchObject({ order: null, userErrors: [{ code: 'AMOUNT_TOO_LARGE' }] });
  });

  test('a cart whose lines add up to more is refused clearly, and can still be read', async () => {
    const jewel = await sell(merchandiser, { onHand: 1_000, price: { amountMinor: MOST, currency: 'KWD' } });
    const cart = await fillCart(guest, { variantId: jewel.variantId });
    const answer = await guest.visitor.ask<{ addCartLine: object }>(
      'mutation AddCartLine($input: AddCartLineInput!) { addCartLine(input: $input) { cart { id subtotal { amountMinor } } userErrors { code message field } } }',
      { input: { cartId: cart.id, accessToken: cart.accessToken, variantId: jewel.variantId, quantity: 998 } },
    );
    expect(refusalsIn(answer)).toEqual(['AMOUNT_TOO_LARGE']);
    expect(await guest.cart(cart)).toMatchObject({ subtotal: { amountMinor: MOST }, lines: [{ quantity: 1 }] });
  });

  test.each([2 ** 53, -(2 ** 53), 1.5, '100', null, true, 1e308])('%p is no amount', async (amountMinor) => {
    const answer = await merchandiser.visitor.ask(
      'mutation CreateProduct($input: CreateProductInput!) { createProduct(input: $input) { product { id } userErrors { code message field } } }',
      {
        input: {
          title: 'Nothing',
          variants: [{ sku: newId(), price: { amountMinor, currency: 'EUR' } }],
          idempotencyKey: newId(),
        },
      },
    );
    expect(refusalsIn(answer)).toEqual(['BAD_USER_INPUT']);
  });
});
