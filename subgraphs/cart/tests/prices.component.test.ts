import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { CART, type CartSeen, codes, openShop, quantitiesOf, type Shop, someone } from './shop.ts';

let shop: Shop;
let hurried: Shop;
beforeAll(async () => {
  [shop, hurried] = [await openShop(), await openShop({})];
});
afterAll(async () => {
  await hurried?.close();
  await shop?.close();
});
beforeEach(() => {
  shop.catalogue.mood = 'well';
  shop.catalogue.asked.length = 0;
});

describe('prices', () => {
  test('are asked for once a request, signed and for the caller, and not at all when nobody looks at them', async () => {
    const variants = [shop.catalogue.add(), shop.catalogue.add(), shop.catalogue.add()];
    const caller = someone();
    const lines = variants.map((variantId) => ({ variantId, quantity: 1 }));
    const { cart } = await shop.change('createCart', { lines }, caller);
    expect(shop.catalogue.asked).toHaveLength(1);
    expect(shop.catalogue.asked[0]).toMatchObject({ ids: variants, service: 'cart', caller: { id: caller.id } });

    const variantId = shop.catalogue.add();
    await shop.change('addCartLine', { cartId: cart?.id, variantId, quantity: 1 }, caller);
    expect(shop.catalogue.asked).toHaveLength(2);
    expect(shop.catalogue.asked[1]?.ids).toEqual([...variants, variantId]);

    await shop.ask(`query ($id: ID!) { cart(id: $id) { ${CART} } }`, { id: cart?.id }, caller);
    expect(shop.catalogue.asked).toHaveLength(3);
    // What orders asks before it prices the cart itself.
    expect(quantitiesOf(await shop.read(cart?.id ?? '', null, caller))).toMatchObject({ [variantId]: 1 });
    expect(shop.catalogue.asked).toHaveLength(3);
  });

  test.each(['failing', 'slow', 'odd'] as const)(
    'are the last known ones, marked so, while products is %s',
    async (mood) => {
      const asked = mood === 'slow' ? hurried : shop;
      const lamp = asked.catalogue.add({ amountMinor: 2_000 });
      const { cart, accessToken } = await asked.guest([lamp, 2]);
      asked.catalogue.reprice(lamp, 2_100);
      asked.catalogue.mood = mood;
      const open = { cartId: cart.id, accessToken };
      const fewer = await asked.change('updateCartLine', { ...open, lineId: cart.lines[0]?.id, quantity: 1 });
      expect(fewer.cart).toMatchObject({
        lines: [{ unitPrice: { amountMinor: 2_000 }, priceIsCurrent: false }],
        subtotal: { amountMinor: 2_000 },
      });
      const { result, errors } = await asked.ask(
        'mutation ($input: AddCartLineInput!) { addCartLine(input: $input) { cart { id } userErrors { code } } }',
        { input: { ...open, variantId: lamp, quantity: 1 } },
      );
      expect(result).toEqual({ addCartLine: null });
      expect(errors[0]?.extensions?.code).toBe('SERVICE_UNAVAILABLE');
      asked.catalogue.mood = 'well';
      expect((await asked.change('addCartLine', { ...open, variantId: lamp, quantity: 1 })).cart).toMatchObject({
        lines: [{ quantity: 2, unitPrice: { amountMinor: 2_100 }, priceIsCurrent: true }],
      });
    },
  );

  test('a successful addition refreshes what is known of every line', async () => {
    const [lamp, chair] = [shop.catalogue.add({ amountMinor: 2_000 }), shop.catalogue.add()];
    const { cart, accessToken } = await shop.guest([lamp, 1]);
    shop.catalogue.reprice(lamp, 2_200);
    await shop.change('addCartLine', { cartId: cart.id, accessToken, variantId: chair, quantity: 1 });
    shop.catalogue.mood = 'failing';
    const { result } = await shop.ask<{ cart: CartSeen }>(
      `query ($id: ID!, $accessToken: String) { cart(id: $id, accessToken: $accessToken) { ${CART} } }`,
      { id: cart.id, accessToken },
    );
    expect(result?.cart.lines.map(({ unitPrice, priceIsCurrent }) => [unitPrice.amountMinor, priceIsCurrent])).toEqual([
      [2_200, false],
      [1_000, false],
    ]);
  });

  test('of what is withdrawn, or sold in another currency by now, are the last known ones', async () => {
    const [lamp, chair] = [shop.catalogue.add(), shop.catalogue.add()];
    const { cart, accessToken } = await shop.guest([lamp, 1], [chair, 1]);
    shop.catalogue.variants.set(lamp, { amountMinor: 1, currency: 'EUR', available: 9, published: false });
    shop.catalogue.variants.set(chair, { amountMinor: 1, currency: 'JPY', available: 9, published: true });
    const { result } = await shop.ask<{ cart: CartSeen }>(
      `query ($id: ID!, $accessToken: String) { cart(id: $id, accessToken: $accessToken) { ${CART} } }`,
      { id: cart.id, accessToken },
    );
    expect(result?.cart.lines.map(({ priceIsCurrent }) => priceIsCurrent)).toEqual([false, false]);
    expect(result?.cart.subtotal).toEqual({ amountMinor: 2_000, currency: 'EUR' });
  });

  test('a total that no amount can say is refused, and null when a price grew that far', async () => {
    const dear = shop.catalogue.add({ amountMinor: Number.MAX_SAFE_INTEGER, currency: 'KWD' });
    const yen = shop.catalogue.add({ amountMinor: Number.MAX_SAFE_INTEGER - 1, currency: 'JPY' });
    const { cart, accessToken } = await shop.guest([dear, 1]);
    expect(cart.subtotal).toEqual({ amountMinor: Number.MAX_SAFE_INTEGER, currency: 'KWD' });
    expect(codes(await shop.change('createCart', { lines: [{ variantId: yen, quantity: 2 }] }))).toEqual([
      'AMOUNT_TOO_LARGE',
    ]);
    const more = { cartId: cart.id, accessToken, variantId: dear, quantity: 1 };
    expect(codes(await shop.change('addCartLine', more))).toEqual(['AMOUNT_TOO_LARGE']);
    const fair = shop.catalogue.add({ currency: 'JPY' });
    const other = await shop.guest([fair, 2]);
    shop.catalogue.reprice(fair, Number.MAX_SAFE_INTEGER);
    const { result, errors } = await shop.ask<{ cart: CartSeen }>(
      `query ($id: ID!, $accessToken: String) { cart(id: $id, accessToken: $accessToken) { ${CART} } }`,
      { id: other.cart.id, accessToken: other.accessToken },
    );
    expect(errors).toEqual([]);
    expect(result?.cart).toMatchObject({ subtotal: null, lines: [{ lineTotal: null, priceIsCurrent: true }] });
  });
});
