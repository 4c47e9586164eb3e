// As many lines and units as an order may have, and one more.

import { newId } from '@ebuy/kernel';
import type { Merchandiser } from '@ebuy/tools/demo/staff.ts';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { checkout, fillCart, orderOf, untilStatus } from '../client/purchase.ts';
import { refusalsIn } from '../client/refusals.ts';
import { type Sold, sell, sellMany, stockOf } from '../client/sell.ts';
import { asGuest, asMerchandiser, testShop } from '../client/shop.ts';

const guest = asGuest();
let merchandiser: Merchandiser;
let shelf: Sold[];

const ADD_LINE =
  'mutation AddCartLine($input: AddCartLineInput!) { addCartLine(input: $input) { cart { id } userErrors { code message field } } }';

beforeAll(async () => {
  merchandiser = await asMerchandiser();
  shelf = await sellMany(merchandiser, 101, { amountMinor: 101, currency: 'EUR' });
});

describe('an order', () => {
  test('may have a hundred lines, all of them reserved, none more', async () => {
    const wishes = shelf.slice(0, 100);
    const cart = await fillCart(guest, ...wishes);
    const { key } = orderOf(await guest.placeOrder(await checkout(guest, cart)));
    const order = await untilStatus(guest, key, 'CONFIRMED');
    expect(order.lines).toHaveLength(100);
    expect(order.subtotal.amountMinor).toBe(100 * 101);
    expect((await stockOf(merchandiser, shelf[99]!)).reserved).toBe(1);

    const full = await fillCart(guest, ...wishes);
    const more = await guest.addCartLine({
      cartId: full.id,
      accessToken: full.accessToken,
      variantId: shelf[100]!.variantId,
      quantity: 1,
    });
    expect(more.userErrors).toMatchObject([{ code: expect.stringMatching(/LINES/) }]);
    expect((await guest.cart(full))?.lines).toHaveLength(100);
  });

  test('may have 999 units of a line', async () => {
    const lamp = await sell(merchandiser, { onHand: 999, price: { amountMinor: 7, currency: 'EUR' } });
    const cart = await fillCart(guest, { variantId: lamp.variantId, quantity: 999 });
    const { key } = orderOf(await guest.placeOrder(await checkout(guest, cart)));
    expect(await untilStatus(guest, key, 'CONFIRMED')).toMatchObject({ subtotal: { amountMinor: 6_993 } });
    expect(await stockOf(merchandiser, lamp)).toEqual({ onHand: 999, reserved: 999, available: 0 });
  });

  test.each([0, -1, 1_000, 2 ** 31 - 1, 2 ** 31, 1.5, '1', null])('%p is no quantity', async (quantity) => {
    const cart = await fillCart(guest, { variantId: shelf[0]!.variantId });
    const input = { cartId: cart.id, accessToken: cart.accessToken, variantId: shelf[1]!.variantId, quantity };
    expect(refusalsIn(await guest.visitor.ask(ADD_LINE, { input }))).toHaveLength(1);
    expect((await guest.cart(cart))?.lines).toHaveLength(1);
  });

  test('999 and one more of the same is refused, not rounded', async () => {
    const cart = await fillCart(guest, { variantId: shelf[0]!.variantId, quantity: 999 });
    const input = { cartId: cart.id, accessToken: cart.accessToken, variantId: shelf[0]!.variantId, quantity: 1 };
    expect(refusalsIn(await guest.visitor.ask(ADD_LINE, { input }))).toHaveLength(1);
    expect((await guest.cart(cart))?.lines).toMatchObject([{ quantity: 999 }]);
  });
});

describe('oversized input', () => {
  test('a thousand lines at once', async () => {
    const lines = Array.from({ length: 1_000 }, () => ({ variantId: newId(), quantity: 1 }));
    const answer = await guest.visitor.ask(
      'mutation CreateCart($input: CreateCartInput!) { createCart(input: $input) { cart { id } userErrors { code message field } } }',
      { input: { lines } },
    );
    expect(refusalsIn(answer)).not.toEqual([]);
  });

  test('a body of five megabytes', async () => {
    const response = await fetch(testShop().urls.graph, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: `{ __typename } # ${'x'.repeat(5_000_000)}` }),
    });
    expect(response.status).toBe(413);
    expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: expect.any(String) } }] });
  });

  test('a page of more than a hundred', async () => {
    const answer = await guest.visitor.ask('query { products(first: 101) { nodes { id } } }');
    expect(refusalsIn(answer)).not.toEqual([]);
  });
});
