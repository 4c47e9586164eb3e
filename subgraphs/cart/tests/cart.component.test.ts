import { newId } from '@ebuy/kernel';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { CART, type CartSeen, codes, openShop, quantitiesOf, type Shop, someone } from './shop.ts';

let shop: Shop;
beforeAll(async () => {
  shop = await openShop();
});
afterAll(() => shop.close());

describe('a guest', () => {
  test('makes a cart, adds, changes and takes out; prices are today’s', async () => {
    const [lamp, chair] = [shop.catalogue.add({ amountMinor: 2_500 }), shop.catalogue.add({ amountMinor: 999 })];
    const { cart, accessToken } = await shop.guest([lamp, 1], [lamp, 1]);
    expect(cart).toMatchObject({
      version: 1,
      currency: 'EUR',
      lines: [
        {
          quantity: 2,
          unitPrice: { amountMinor: 2_500, currency: 'EUR' },
          lineTotal: { amountMinor: 5_000 },
          priceIsCurrent: true,
          variant: { id: lamp },
        },
      ],
      subtotal: { amountMinor: 5_000, currency: 'EUR' },
    });
    expect(Buffer.from(accessToken, 'base64url')).toHaveLength(32);
    const open = { cartId: cart.id, accessToken };

    const added = await shop.change('addCartLine', { ...open, variantId: chair, quantity: 3 });
    expect(added).toMatchObject({ cart: { version: 2, subtotal: { amountMinor: 7_997 } }, userErrors: [] });
    const [first, second] = added.cart?.lines ?? [];

    const fewer = await shop.change('updateCartLine', { ...open, lineId: second?.id, quantity: 1 });
    expect(fewer.cart).toMatchObject({ version: 3, subtotal: { amountMinor: 5_999 } });
    const same = await shop.change('updateCartLine', { ...open, lineId: second?.id, quantity: 1 });
    expect(same.cart?.version).toBe(3);

    const removed = await shop.change('removeCartLine', { ...open, lineId: first?.id });
    expect(quantitiesOf(removed.cart)).toEqual({ [chair]: 1 });
    expect(codes(await shop.change('removeCartLine', { ...open, lineId: first?.id }))).toEqual(['LINE_NOT_FOUND']);

    const empty = await shop.change('removeCartLine', { ...open, lineId: second?.id });
    expect(empty.cart).toMatchObject({ version: 5, currency: null, lines: [], subtotal: null });
    expect(quantitiesOf(await shop.read(cart.id, accessToken))).toEqual({});
  });

  test('is refused with a reason that says what to do, and nothing is written', async () => {
    const few = shop.catalogue.add({ available: 3 });
    const dollars = shop.catalogue.add({ currency: 'USD' });
    const draft = shop.catalogue.add({ published: false });
    const { cart, accessToken } = await shop.guest([few, 1]);
    const add = (variantId: string, quantity: number) =>
      shop.change('addCartLine', { cartId: cart.id, accessToken, variantId, quantity });
    expect((await add(few, 3)).userErrors).toEqual([
      { code: 'INSUFFICIENT_STOCK', message: 'Only 3 are left, and the cart has 1 already.', field: ['quantity'] },
    ]);
    expect(codes(await add(few, 0))).toEqual(['INVALID_QUANTITY']);
    expect(codes(await add(few, 1_000))).toEqual(['INVALID_QUANTITY']);
    expect(codes(await add(dollars, 1))).toEqual(['CURRENCY_MISMATCH']);
    expect(codes(await add(draft, 1))).toEqual(['VARIANT_NOT_FOUND']);
    expect(codes(await add(newId(), 1))).toEqual(['VARIANT_NOT_FOUND']);
    const more = { cartId: cart.id, accessToken, lineId: cart.lines[0]?.id, quantity: 4 };
    expect(codes(await shop.change('updateCartLine', more))).toEqual(['INSUFFICIENT_STOCK']);
    expect(await shop.read(cart.id, accessToken)).toMatchObject({ version: 1, lines: [{ quantity: 1 }] });
    const before = await shop.carts.countDocuments();
    const lines = [
      { variantId: few, quantity: 1 },
      { variantId: draft, quantity: 1 },
    ];
    expect(await shop.change('createCart', { lines })).toMatchObject({
      cart: null,
      accessToken: null,
      userErrors: [{ code: 'VARIANT_NOT_FOUND', field: ['lines', '1', 'variantId'] }],
    });
    expect(codes(await shop.change('createCart', { currency: 'USD', lines: lines.slice(0, 1) }))).toEqual([
      'CURRENCY_MISMATCH',
    ]);
    expect(await shop.carts.countDocuments()).toBe(before);
  });

  test('sees VERSION_CONFLICT with the cart as it is now', async () => {
    const lamp = shop.catalogue.add();
    const { cart, accessToken } = await shop.guest([lamp, 1]);
    const add = (expectedVersion: number) =>
      shop.change('addCartLine', { cartId: cart.id, accessToken, variantId: lamp, quantity: 1, expectedVersion });
    expect((await add(1)).cart?.version).toBe(2);
    expect(await add(1)).toMatchObject({
      cart: { version: 2, lines: [{ quantity: 2 }], subtotal: { amountMinor: 2_000 } },
      userErrors: [{ code: 'VERSION_CONFLICT', field: ['expectedVersion'] }],
    });
  });

  test('a cart has room for 100 lines', async () => {
    const variants = Array.from({ length: 101 }, () => shop.catalogue.add());
    const { cart, accessToken } = await shop.guest(...variants.slice(1).map((id): [string, number] => [id, 1]));
    expect(cart.lines).toHaveLength(100);
    const one = { cartId: cart.id, accessToken, variantId: variants[0], quantity: 1 };
    expect(codes(await shop.change('addCartLine', one))).toEqual(['TOO_MANY_LINES']);
    const lines = variants.map((variantId) => ({ variantId, quantity: 1 }));
    expect(codes(await shop.change('createCart', { lines }))).toEqual(['TOO_MANY_LINES']);
  });
});

describe('a signed-in shopper', () => {
  test('has one cart, made at first and added to later, also by eight requests at once', async () => {
    const lamp = shop.catalogue.add();
    const caller = someone();
    const made = await Promise.all(
      Array.from({ length: 8 }, () => shop.change('createCart', { lines: [{ variantId: lamp, quantity: 1 }] }, caller)),
    );
    expect(new Set(made.map(({ cart }) => cart?.id)).size).toBe(1);
    expect(made.map(({ accessToken }) => accessToken)).toEqual(Array(8).fill(null));
    const { result } = await shop.ask<{ me: { id: string; cart: CartSeen } }>(
      `{ me { id cart { ${CART} } } }`,
      {},
      caller,
    );
    expect(result?.me).toMatchObject({ id: caller.id, cart: { version: 8, lines: [{ quantity: 8 }] } });
    expect(await shop.carts.countDocuments({ userId: caller.id ?? '' })).toBe(1);
  });

  test('createCart says the currency of an empty cart, not of one with lines', async () => {
    const caller = someone();
    const [lamp, yen] = [shop.catalogue.add(), shop.catalogue.add({ currency: 'JPY' })];
    expect((await shop.change('createCart', { currency: 'EUR' }, caller)).cart).toMatchObject({
      version: 1,
      currency: 'EUR',
      subtotal: { amountMinor: 0, currency: 'EUR' },
    });
    expect((await shop.change('createCart', {}, caller)).cart).toMatchObject({ version: 1, currency: 'EUR' });
    const toYen = { currency: 'JPY', lines: [{ variantId: yen, quantity: 1 }] };
    expect((await shop.change('createCart', toYen, caller)).cart).toMatchObject({ version: 2, currency: 'JPY' });
    const toEuro = { currency: 'EUR', lines: [{ variantId: lamp, quantity: 1 }] };
    expect(codes(await shop.change('createCart', toEuro, caller))).toEqual(['CURRENCY_MISMATCH']);
  });

  test('without a cart: null, and nothing is made by looking', async () => {
    const caller = someone();
    expect((await shop.ask('{ me { id cart { id } } }', {}, caller)).result).toEqual({
      me: { id: caller.id, cart: null },
    });
    expect(await shop.carts.countDocuments({ userId: caller.id ?? '' })).toBe(0);
  });
});
