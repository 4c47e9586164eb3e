// Text that breaks what is built carelessly. It is kept as it is or refused in clear words; it never fails, and it never acts.

import { newId } from '@ebuy/kernel';
import { ADDRESSES } from '@ebuy/tools/demo/addresses.ts';
import * as documents from '@ebuy/tools/demo/documents.ts';
import type { Order } from '@ebuy/tools/demo/shapes.ts';
import type { Visitor } from '@ebuy/tools/demo/visitor.ts';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { checkout, fillCart, type OrderInput } from '../client/purchase.ts';
import { refusalsIn } from '../client/refusals.ts';
import { type Sold, sell } from '../client/sell.ts';
import { asGuest, asMerchandiser, asShopper, asSupport } from '../client/shop.ts';

const HOSTILE = {
  'a null byte': 'a\u0000b',
  'control characters': 'a\u0007\u001b[2Jb',
  'ten thousand characters': 'x'.repeat(10_000),
  'emoji in many parts': '👩🏽‍🚀👨‍👩‍👧‍👦🏴‍☠️'.repeat(5),
  'right to left': '\u202eתודה شكراً',
  'half a surrogate pair': '\ud83d',
  'a prototype': '__proto__',
  'SQL that ends a statement': `'; DROP TABLE "order"; --`,
  'a query operator': '{"$gt":""}',
  markup: '<script>alert(1)</script>',
  nothing: '',
  'nothing but space': ' \t ',
} as const;
const KEPT: readonly string[] = [
  HOSTILE['emoji in many parts'],
  HOSTILE['a prototype'],
  HOSTILE['SQL that ends a statement'],
  HOSTILE['a query operator'],
  HOSTILE.markup,
];
const CASES = Object.entries(HOSTILE);

const guest = asGuest();
let lamp: Sold;
let sound: OrderInput;

beforeAll(async () => {
  lamp = await sell(await asMerchandiser(), { onHand: 100_000 });
  sound = await checkout(guest, await fillCart(guest, { variantId: lamp.variantId }));
});

/** An order with one field spoilt: it is refused, or it is placed and keeps the text to the letter. */
async function place(change: object): Promise<Order | null> {
  const cart = await fillCart(guest, { variantId: lamp.variantId });
  const input = { ...sound, cartId: cart.id, accessToken: cart.accessToken, idempotencyKey: newId(), ...change };
  const answer = await guest.visitor.ask<{ placeOrder: { order: Order | null } | null }>(documents.PLACE_ORDER, {
    input,
  });
  const order = answer.result?.placeOrder?.order ?? null;
  expect(refusalsIn(answer).length === 0).toBe(order !== null);
  return order;
}

describe('hostile text', () => {
  test.each(CASES)('%s in an address', async (_, text) => {
    for (const field of ['recipient', 'line1', 'line2', 'city', 'region', 'postalCode', 'phone']) {
      const { cartId, accessToken } = sound;
      const input = { cartId, accessToken, shippingAddress: { ...ADDRESSES.DE, [field]: text } };
      refusalsIn(await guest.visitor.ask<object>(documents.CHECKOUT_QUOTE, { input }));
    }
    const placed = await place({ shippingAddress: { ...ADDRESSES.DE, recipient: text, line2: text } });
    if (KEPT.includes(text)) expect(placed).not.toBeNull();
  });

  test.each(CASES)('%s as an e-mail, a payment method, a shipping option', async (_, text) => {
    await place({ paymentMethod: text });
    expect(await place({ email: text })).toBeNull();
    expect(await place({ shippingOptionCode: text })).toBeNull();
  });

  test.each(CASES)('%s as an idempotency key, an id, a token', async (_, text) => {
    await place({ idempotencyKey: text });
    expect(await place({ cartId: text })).toBeNull();
    expect(await place({ accessToken: text })).toBeNull();
    const ask = (query: string, variables: object, visitor: Visitor = guest.visitor) =>
      visitor.ask<object>(query, variables);
    for (const answer of [
      await ask(documents.ORDER, { id: text, accessToken: text }),
      await ask(documents.CART, { id: text, accessToken: text }),
      await ask(documents.ADD_CART_LINE, {
        input: { cartId: sound.cartId, accessToken: sound.accessToken, variantId: text, quantity: 1 },
      }),
      await ask(documents.CANCEL_ORDER, { input: { orderId: text, accessToken: text, idempotencyKey: newId() } }),
    ]) {
      expect(
        Object.values(answer.result ?? {}).some((field) => (field as { order?: object | null } | null)?.order),
      ).toBe(false);
      refusalsIn(answer);
    }
    refusalsIn(await ask(documents.PRODUCT, { slug: text }));
    refusalsIn(await ask('query ($skus: [String!]!) { variantsBySku(skus: $skus) { id } }', { skus: [text] }));
  });

  test.each(CASES)('%s from staff', async (_, text) => {
    const merchandiser = await asMerchandiser();
    const support = await asSupport();
    const variants = [{ sku: newId(), price: { amountMinor: 1, currency: 'EUR' } }];
    for (const input of [
      { title: text, variants },
      { title: 'Text', descriptionHtml: text, vendor: text, productType: text, tags: [text], variants },
      { title: 'Text', slug: text, variants },
      { title: 'Text', variants: [{ sku: text, price: { amountMinor: 1, currency: 'EUR' } }] },
      { title: 'Text', variants, images: [{ url: text, altText: text }] },
    ]) {
      refusalsIn(
        await merchandiser.visitor.ask<object>(documents.CREATE_PRODUCT, {
          input: { ...input, idempotencyKey: newId() },
        }),
      );
    }
    refusalsIn(await merchandiser.visitor.ask<object>(documents.STAFF_PRODUCTS, { query: text, first: 1 }));
    const stock = { variantId: lamp.variantId, delta: 1, reason: text, idempotencyKey: newId() };
    refusalsIn(await merchandiser.visitor.ask<object>(documents.ADJUST_STOCK, { input: stock }));
    const refund = { orderId: newId(), reason: text, idempotencyKey: newId() };
    expect(refusalsIn(await support.visitor.ask<object>(documents.REFUND_ORDER, { input: refund }))).not.toEqual([]);
  });

  test.each(CASES)('%s in a profile', async (_, text) => {
    const shopper = await asShopper('shopper2@example.com');
    const update =
      'mutation ($input: UpdateProfileInput!) { updateProfile(input: $input) { user { displayName } userErrors { code message field } } }';
    const answer = await shopper.visitor.ask<{ updateProfile: { user: { displayName: string } | null } }>(update, {
      input: { displayName: text },
    });
    const refused = refusalsIn(answer).length > 0;
    if (!refused && text.trim() !== '') expect(answer.result?.updateProfile.user?.displayName).toBe(text.trim());
    refusalsIn(await shopper.visitor.ask<object>(update, { input: { displayName: 'Alex Archer' } }));
    const save =
      'mutation ($input: SaveAddressInput!) { saveAddress(input: $input) { address { id } userErrors { code message field } } }';
    refusalsIn(await shopper.visitor.ask<object>(save, { input: { address: { ...ADDRESSES.DE, recipient: text } } }));
  });
});
