import { newId } from '@ebuy/kernel';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ADDRESS, openShop, type Shop } from './shop.ts';

let shop: Shop;
beforeAll(async () => {
  shop = await openShop();
});
afterAll(() => shop?.close());

describe('checkoutQuote', () => {
  const QUOTE = `query ($input: CheckoutQuoteInput!) { checkoutQuote(input: $input) {
    shippingOptions { code label price { amountMinor currency } estimatedDays } shippingOptionCode
    subtotal { amountMinor currency } shippingTotal { amountMinor currency } taxTotal { amountMinor currency } total { amountMinor currency }
    userErrors { code message field } } }`;
  const quote = async (more: Record<string, unknown> = {}) => {
    const { cartId, accessToken } = shop.wish();
    const input = { cartId, accessToken, shippingAddress: ADDRESS, ...more };
    const { result } = await shop.ask<{ checkoutQuote: Record<string, unknown> }>(QUOTE, { input });
    return result?.checkoutQuote;
  };

  test('says what placeOrder charges', async () => {
    expect(await quote()).toEqual({
      shippingOptions: [
        { code: 'STANDARD', label: 'Standard', price: { amountMinor: 590, currency: 'EUR' }, estimatedDays: 4 },
        { code: 'EXPRESS', label: 'Express', price: { amountMinor: 1_490, currency: 'EUR' }, estimatedDays: 1 },
      ],
      shippingOptionCode: 'STANDARD',
      subtotal: { amountMinor: 1_000, currency: 'EUR' },
      shippingTotal: { amountMinor: 590, currency: 'EUR' },
      taxTotal: { amountMinor: 302, currency: 'EUR' },
      total: { amountMinor: 1_892, currency: 'EUR' },
      userErrors: [],
    });
    expect(await quote({ shippingOptionCode: 'EXPRESS' })).toMatchObject({
      shippingOptionCode: 'EXPRESS',
      total: { amountMinor: 2_963 },
    });
  });

  test('refuses as placeOrder does, its amounts then null', async () => {
    expect(await quote({ cartId: newId() })).toMatchObject({
      shippingOptions: [],
      subtotal: null,
      shippingTotal: null,
      taxTotal: null,
      total: null,
      userErrors: [{ code: 'CART_NOT_FOUND', field: ['cartId'] }],
    });
    expect(await quote({ shippingAddress: { ...ADDRESS, countryCode: 'AQ' } })).toMatchObject({
      total: null,
      userErrors: [{ code: 'COUNTRY_NOT_SHIPPED' }],
    });
  });
});

const refusal = async (more: Record<string, unknown>) => {
  const before = await shop.count('orders');
  const keys = await shop.count('idempotency_key');
  const { order, userErrors } = await shop.place(shop.wish(more));
  expect(order).toBeNull();
  expect([await shop.count('orders'), await shop.count('idempotency_key')]).toEqual([before, keys]);
  return [userErrors[0]?.code, userErrors[0]?.field?.join('.')];
};

describe('placeOrder refuses, with nothing written,', () => {
  test.each([
    ['an e-mail that is none', { email: 'ada' }, ['INVALID_EMAIL', 'email']],
    [
      'an address without a street',
      { shippingAddress: { ...ADDRESS, line1: ' ' } },
      ['INVALID_ADDRESS', 'shippingAddress.line1'],
    ],
    [
      'a null byte',
      { shippingAddress: { ...ADDRESS, city: 'Ber\u0000lin' } },
      ['INVALID_ADDRESS', 'shippingAddress.city'],
    ],
    [
      'a country too far',
      { shippingAddress: { ...ADDRESS, countryCode: 'AQ' } },
      ['COUNTRY_NOT_SHIPPED', 'shippingAddress.countryCode'],
    ],
    ['an unknown way to ship', { shippingOptionCode: 'DRONE' }, ['UNKNOWN_SHIPPING_OPTION', 'shippingOptionCode']],
    ['a card number', { paymentMethod: '4242 4242 4242 4242' }, ['INVALID_PAYMENT_METHOD', 'paymentMethod']],
    ['a key with a null byte', { idempotencyKey: 'k\u0000' }, ['INVALID_IDEMPOTENCY_KEY', 'idempotencyKey']],
    ['a cart that is not there', { cartId: newId() }, ['CART_NOT_FOUND', 'cartId']],
    ['an id that is none', { cartId: "1' OR '1'='1" }, ['CART_NOT_FOUND', 'cartId']],
    ['a cart without its token', { accessToken: null }, ['CART_NOT_FOUND', 'cartId']],
    ['a cart with another token', { accessToken: 'x'.repeat(43) }, ['CART_NOT_FOUND', 'cartId']],
    ['a token beyond measure', { accessToken: 'x'.repeat(10_000) }, ['CART_NOT_FOUND', 'cartId']],
  ])('%s', async (_, more, expected) => {
    expect(await refusal(more)).toEqual(expected);
  });

  const withLines = (lines: { variantId: string; quantity: number }[]) => {
    const cart = shop.fill(lines);
    return refusal({ cartId: cart.id, accessToken: cart.accessToken });
  };

  test('a cart that cannot be ordered', async () => {
    expect(await withLines([])).toEqual(['CART_EMPTY', 'cartId']);
    const repriced = shop.fill([{ variantId: shop.sell().variantId, quantity: 1 }], 'USD');
    expect(await refusal({ cartId: repriced.id, accessToken: repriced.accessToken })).toEqual([
      'MIXED_CURRENCIES',
      'cartId',
    ]);
    const { variantId } = shop.sell();
    expect(await withLines([{ variantId: newId(), quantity: 1 }])).toEqual(['VARIANT_UNAVAILABLE', 'cartId']);
    expect(await withLines([{ variantId: shop.sell({ published: false }).variantId, quantity: 1 }])).toEqual([
      'VARIANT_UNAVAILABLE',
      'cartId',
    ]);
    const dollars = shop.sell({ price: { amountMinor: 1, currency: 'USD' } });
    expect(
      await withLines([
        { variantId, quantity: 1 },
        { variantId: dollars.variantId, quantity: 1 },
      ]),
    ).toEqual(['MIXED_CURRENCIES', 'cartId']);
    expect(
      await withLines([
        { variantId: shop.sell({ price: { amountMinor: 1, currency: 'ISK' } }).variantId, quantity: 1 },
      ]),
    ).toEqual(['CURRENCY_NOT_SHIPPED', 'cartId']);
    expect(await withLines([{ variantId, quantity: 1_000 }])).toEqual(['OUT_OF_STOCK', 'cartId']);
    expect(await withLines([{ variantId: shop.sell({ available: 5_000 }).variantId, quantity: 1_000 }])).toEqual([
      'INVALID_QUANTITY',
      'cartId',
    ]);
    expect(
      await withLines(Array.from({ length: 101 }, () => ({ variantId: shop.sell().variantId, quantity: 1 }))),
    ).toEqual(['TOO_MANY_LINES', 'cartId']);
    expect(
      await withLines([
        { variantId, quantity: 60 },
        { variantId, quantity: 60 },
      ]),
    ).toEqual(['OUT_OF_STOCK', 'cartId']);
  });

  test('100 lines of 999 are taken', async () => {
    const lines = Array.from({ length: 100 }, () => ({
      variantId: shop.sell({ available: 999, price: { amountMinor: 1, currency: 'USD' } }).variantId,
      quantity: 999,
    }));
    const cart = shop.fill(lines);
    const { order, userErrors } = await shop.place(
      shop.wish({
        cartId: cart.id,
        accessToken: cart.accessToken,
        shippingAddress: { ...ADDRESS, countryCode: 'US' },
        expectedTotal: { amountMinor: 99_900 + 590, currency: 'USD' },
      }),
    );
    expect(userErrors).toEqual([]);
    expect(order?.lines.map((line) => line.variant?.id)).toEqual(lines.map((line) => line.variantId));
  });

  test('another total than expected, with the total as it is', async () => {
    const before = await shop.count('orders');
    const changed = await shop.place(shop.wish({ expectedTotal: { amountMinor: 1_891, currency: 'EUR' } }));
    expect(changed).toMatchObject({ order: null, accessToken: null, total: { amountMinor: 1_892, currency: 'EUR' } });
    expect(changed.userErrors).toEqual([
      {
        code: 'TOTAL_CHANGED',
        message: 'The total is EUR 18.92 now, not EUR 18.91. Nothing was ordered.',
        field: ['expectedTotal'],
      },
    ]);
    expect(
      (await shop.place(shop.wish({ expectedTotal: { amountMinor: 1_892, currency: 'USD' } }))).userErrors[0]?.code,
    ).toBe('TOTAL_CHANGED');
    expect(await shop.count('orders')).toBe(before);
  });

  test('a price that changed under the same key may be agreed to and ordered', async () => {
    const wish = shop.wish({ expectedTotal: { amountMinor: 1, currency: 'EUR' } });
    expect((await shop.place(wish)).userErrors[0]?.code).toBe('TOTAL_CHANGED');
    expect((await shop.place({ ...wish, expectedTotal: { amountMinor: 1_892, currency: 'EUR' } })).order?.status).toBe(
      'AWAITING_STOCK',
    );
  });
});
