import { newId } from '@ebuy/kernel';
import { partner } from '@ebuy/testing';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { codes, openShop, quantitiesOf, type Shop, someone } from './shop.ts';

let shop: Shop;
beforeAll(async () => {
  shop = await openShop();
});
afterAll(() => shop.close());

describe('a cart asked for without its owner or its token', () => {
  test('is the same as one that is not there, for reading and for every change', async () => {
    const lamp = shop.catalogue.add();
    const { cart: guests, accessToken } = await shop.guest([lamp, 1]);
    const owner = someone();
    const { cart: owned } = await shop.change('createCart', { lines: [{ variantId: lamp, quantity: 1 }] }, owner);
    const missing = newId();
    const query = 'query ($id: ID!, $accessToken: String) { cart(id: $id, accessToken: $accessToken) { id } }';
    const other = await shop.guest();
    for (const caller of [undefined, someone(), partner('acme')]) {
      for (const id of [guests.id, owned?.id, missing, 'x']) {
        for (const token of [
          null,
          '',
          other.accessToken,
          'A'.repeat(10_000),
          id === guests.id ? 'B'.repeat(43) : accessToken,
        ]) {
          const { result, errors } = await shop.ask(query, { id, accessToken: token }, caller);
          expect(result).toEqual({ cart: null });
          expect(errors.map(({ extensions, message }) => [extensions?.code, message])).toEqual([
            ['NOT_FOUND', 'There is no such cart, or it is not yours. Guests give the access token they got with it.'],
          ]);
        }
        const target = { cartId: id, accessToken: other.accessToken };
        const lineId = (id === guests.id ? guests : owned)?.lines[0]?.id;
        const changes = [
          shop.change('addCartLine', { ...target, variantId: lamp, quantity: 1 }, caller),
          shop.change('updateCartLine', { ...target, lineId, quantity: 2 }, caller),
          shop.change('removeCartLine', { ...target, lineId }, caller),
        ];
        for (const refused of await Promise.all(changes)) {
          expect(refused).toMatchObject({ cart: null, userErrors: [{ code: 'NOT_FOUND', field: ['cartId'] }] });
        }
      }
    }
    expect(await shop.read(guests.id, accessToken)).toMatchObject({ version: 1, lines: [{ quantity: 1 }] });
    expect(await shop.read(owned?.id ?? '', null, owner)).toMatchObject({ version: 1, lines: [{ quantity: 1 }] });
  });

  test('not through the user who owns it, either', async () => {
    const owner = someone();
    await shop.change('createCart', {}, owner);
    const query = 'query ($r: [_Any!]!) { _entities(representations: $r) { ... on User { id cart { id } } } }';
    const r = [{ __typename: 'User', id: owner.id }];
    for (const caller of [undefined, someone(), { ...owner, kind: 'client' as const }]) {
      expect((await shop.ask(query, { r }, caller)).result).toEqual({ _entities: [{ id: owner.id, cart: null }] });
    }
    expect((await shop.ask(query, { r }, owner)).result).toMatchObject({
      _entities: [{ cart: { id: expect.any(String) } }],
    });
    const { result, errors } = await shop.ask('{ me { id } }');
    expect([result, errors[0]?.extensions?.code]).toEqual([{ me: null }, 'UNAUTHENTICATED']);
  });
});

describe('hostile input', () => {
  test.each(['__proto__', 'constructor', '', '\u0000', '{"$gt":""}', '$where', 'x'.repeat(10_000), '٣', "' OR 1=1"])(
    'id %#: refused as any unknown one',
    async (text) => {
      const lamp = shop.catalogue.add();
      const { cart, accessToken } = await shop.guest([lamp, 1]);
      const open = { cartId: cart.id, accessToken };
      expect(await shop.read(text, text)).toBeNull();
      expect(codes(await shop.change('addCartLine', { ...open, variantId: text, quantity: 1 }))).toEqual([
        'VARIANT_NOT_FOUND',
      ]);
      expect(codes(await shop.change('updateCartLine', { ...open, lineId: text, quantity: 2 }))).toEqual([
        'LINE_NOT_FOUND',
      ]);
      expect(codes(await shop.change('removeCartLine', { ...open, lineId: text }))).toEqual(['LINE_NOT_FOUND']);
      const merge = { guestCartId: text, accessToken: text };
      expect(codes(await shop.change('mergeCart', merge, someone()))).toEqual(['NOT_FOUND']);
      expect(await shop.read(cart.id, accessToken)).toMatchObject({ version: 1 });
    },
  );

  test('operators, prices and owners cannot be sent at all', async () => {
    const lamp = shop.catalogue.add();
    const { cart, accessToken } = await shop.guest([lamp, 1]);
    const tries = [
      { cartId: { $gt: '' }, accessToken, variantId: lamp, quantity: 1 },
      { cartId: cart.id, accessToken, variantId: lamp, quantity: 1, unitPrice: { amountMinor: 1, currency: 'EUR' } },
      { cartId: cart.id, accessToken, variantId: lamp, quantity: 1, userId: 'me' },
      { cartId: cart.id, accessToken, variantId: lamp, quantity: '1' },
      { cartId: cart.id, accessToken, variantId: lamp, quantity: 2 ** 31 },
    ];
    for (const input of tries) {
      const { result, errors } = await shop.ask(
        'mutation ($input: AddCartLineInput!) { addCartLine(input: $input) { cart { id } } }',
        { input },
      );
      expect([result, errors[0]?.extensions?.code]).toEqual([null, 'BAD_USER_INPUT']);
    }
    const odd = await shop.ask('mutation { createCart(input: { currency: "EURO" }) { cart { id } } }');
    expect(odd.errors).toHaveLength(1);
  });

  test('an id in capitals is the same id', async () => {
    const lamp = shop.catalogue.add();
    const { cart, accessToken } = await shop.guest([lamp.toUpperCase(), 1]);
    expect(cart.lines[0]?.variant.id).toBe(lamp);
    expect(quantitiesOf(await shop.read(cart.id.toUpperCase(), accessToken))).toEqual({ [lamp]: 1 });
  });
});
