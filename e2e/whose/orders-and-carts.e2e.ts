// An order or a cart without its owner or its token: as if there were none. Nothing that is tried on it changes anything.

import { newId } from '@ebuy/kernel';
import { eventually } from '@ebuy/testing';
import { ADDRESSES } from '@ebuy/tools/demo/addresses.ts';
import * as documents from '@ebuy/tools/demo/documents.ts';
import type { Cart, Order } from '@ebuy/tools/demo/shapes.ts';
import type { Key, Shopper } from '@ebuy/tools/demo/shopper.ts';
import type { Visitor } from '@ebuy/tools/demo/visitor.ts';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { buy, fillCart, PATIENCE, untilStatus } from '../client/purchase.ts';
import { refusalsIn } from '../client/refusals.ts';
import { type Sold, sell } from '../client/sell.ts';
import { asGuest, asMerchandiser, asShopper, asSupport } from '../client/shop.ts';

interface Belonging {
  readonly owner: Shopper;
  readonly order: Key;
  readonly cart: Key;
}
type Named = {
  readonly orderId: string;
  readonly cartId: string;
  readonly lineId: string;
  readonly token: string | undefined;
};

let lamp: Sold;
let owned: { readonly guest: Belonging; readonly shopper: Belonging };
let intruders: readonly { readonly name: string; readonly visitor: Visitor; readonly token: string | undefined }[];

beforeAll(async () => {
  lamp = await sell(await asMerchandiser(), { onHand: 1_000 });
  const belong = async (owner: Shopper): Promise<Belonging> => {
    const { key, cart: ordered } = await buy(owner, { variantId: lamp.variantId });
    await untilStatus(owner, key, 'CONFIRMED');
    // What was ordered leaves the cart a moment later: a shopper's next one is the same.
    await eventually(async () => expect((await owner.cart(ordered))?.lines ?? []).toEqual([]), PATIENCE);
    return { owner, order: key, cart: await fillCart(owner, { variantId: lamp.variantId }) };
  };
  const guest = await belong(asGuest());
  const shopper = await belong(await asShopper('shopper@example.com'));
  owned = { guest, shopper };
  const stranger = await belong(asGuest());
  const other = await asShopper('shopper2@example.com');
  intruders = [
    { name: 'a guest without a token', visitor: asGuest().visitor, token: undefined },
    { name: 'a guest with another order’s token', visitor: asGuest().visitor, token: stranger.order.accessToken ?? '' },
    { name: 'a guest with another cart’s token', visitor: asGuest().visitor, token: stranger.cart.accessToken ?? '' },
    { name: 'another shopper', visitor: other.visitor, token: undefined },
    {
      name: 'another shopper with another order’s token',
      visitor: other.visitor,
      token: stranger.order.accessToken ?? '',
    },
  ];
});

/** What can be tried on an order or a cart that one knows the ids of. */
const ATTEMPTS: Readonly<Record<string, (of: Named) => { query: string; variables: object }>> = {
  order: ({ orderId, token }) => ({ query: documents.ORDER, variables: { id: orderId, accessToken: token } }),
  cart: ({ cartId, token }) => ({ query: documents.CART, variables: { id: cartId, accessToken: token } }),
  checkoutQuote: ({ cartId, token }) =>
    onInput(documents.CHECKOUT_QUOTE, { cartId, accessToken: token, shippingAddress: ADDRESSES.DE }),
  addCartLine: ({ cartId, token }) =>
    onInput(documents.ADD_CART_LINE, { cartId, accessToken: token, variantId: lamp.variantId, quantity: 1 }),
  updateCartLine: ({ cartId, lineId, token }) =>
    onInput(documents.UPDATE_CART_LINE, { cartId, accessToken: token, lineId, quantity: 9 }),
  removeCartLine: ({ cartId, lineId, token }) =>
    onInput(documents.REMOVE_CART_LINE, { cartId, accessToken: token, lineId }),
  placeOrder: ({ cartId, token }) =>
    onInput(documents.PLACE_ORDER, {
      cartId,
      accessToken: token,
      email: 'intruder@example.com',
      shippingAddress: ADDRESSES.DE,
      shippingOptionCode: 'STANDARD',
      paymentMethod: 'pm_card_visa',
      expectedTotal: { amountMinor: 1, currency: 'EUR' },
      idempotencyKey: newId(),
    }),
  retryPayment: ({ orderId, token }) =>
    onInput(documents.RETRY_PAYMENT, {
      orderId,
      accessToken: token,
      paymentMethod: 'pm_card_visa',
      idempotencyKey: newId(),
    }),
  cancelOrder: ({ orderId, token }) =>
    onInput(documents.CANCEL_ORDER, { orderId, accessToken: token, idempotencyKey: newId() }),
};

function onInput(query: string, input: object) {
  return { query, variables: { input } };
}

interface Belongings {
  readonly order: Order | null;
  readonly cart: Cart | null;
}

async function look({ owner, order, cart }: Belonging): Promise<Belongings> {
  return { order: await owner.order(order), cart: await owner.cart(cart) };
}

/** An answer with what differs between any two answers taken out: ids and correlation ids. */
function shapeOf(answer: { status: number; result: unknown; errors: readonly object[] }): unknown {
  const { status, result, errors } = answer;
  return JSON.parse(
    JSON.stringify({ status, result, errors }, (name, value) =>
      name === 'correlationId' ? undefined : value,
    ).replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, 'ID'),
  );
}

describe.each(['guest', 'shopper'] as const)('what belongs to a %s', (whose) => {
  test.each(Object.keys(ATTEMPTS))('cannot be reached by others: %s', async (name) => {
    const attempt = ATTEMPTS[name]!;
    const belonging = owned[whose];
    const before = await look(belonging);
    for (const { name: who, visitor, token } of intruders) {
      const ask = ({ query, variables }: { query: string; variables: object }) => visitor.ask<object>(query, variables);
      const lineId = before.cart?.lines[0]?.id ?? '';
      const tried = await ask(attempt({ orderId: belonging.order.id, cartId: belonging.cart.id, lineId, token }));
      const missing = await ask(attempt({ orderId: newId(), cartId: newId(), lineId, token }));
      expect({ who, refusals: refusalsIn(tried).length > 0 }).toEqual({ who, refusals: true });
      expect(JSON.stringify(tried.result)).not.toContain(belonging.order.id);
      expect(JSON.stringify(tried.result)).not.toContain(belonging.cart.id);
      expect({ who, answer: shapeOf(tried) }).toEqual({ who, answer: shapeOf(missing) });
    }
    expect(await look(belonging)).toEqual(before);
  });
});

describe('who may', () => {
  test('a guest reads an order with its token only', async () => {
    const { order } = owned.guest;
    expect((await asGuest().order(order))?.id).toBe(order.id);
    for (const accessToken of [`${order.accessToken}x`, order.accessToken?.slice(1), '']) {
      const answer = await asGuest().visitor.ask<{ order: Order | null }>(documents.ORDER, {
        id: order.id,
        accessToken,
      });
      expect(answer.result?.order ?? null).toBeNull();
      expect(refusalsIn(answer)).not.toEqual([]);
    }
  });

  test('support reads any order', async () => {
    const support = await asSupport();
    const { order } = await support.visitor.get<{ order: Order | null }>(documents.ORDER, { id: owned.guest.order.id });
    expect(order).toMatchObject({ id: owned.guest.order.id, status: 'CONFIRMED' });
  });

  test('a token made up from another secret, or sent to sign in, opens nothing', async () => {
    const forged = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${Buffer.from('{"sub":"1"}').toString('base64url')}.`;
    const { visit } = await import('@ebuy/tools/demo/visitor.ts');
    const { testShop } = await import('../client/shop.ts');
    const answer = await visit(testShop().urls.graph, forged).ask('{ __typename }');
    expect(answer.status).toBe(401);
    expect(refusalsIn({ ...answer, result: null })).toEqual(['UNAUTHENTICATED']);
  });
});
