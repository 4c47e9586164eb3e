import { newEvent } from '@ebuy/events';
import { newId } from '@ebuy/kernel';
import { accessTokenFor, type RequestContext } from '@ebuy/runtime';
import { type Cart, type CartChange, newCart } from '../domain/cart.ts';
import { type Addition, addToLines, checkQuantity, checkRoom } from '../domain/lines.ts';
import { refusal } from '../refusals.ts';
import { soundAddition } from './add-cart-line.ts';
import { type CartNeeds, untilWon, writeChange } from './change-cart.ts';

export interface CreateCart {
  readonly currency?: string | null | undefined;
  readonly lines?: readonly { readonly variantId: string; readonly quantity: number }[] | null | undefined;
}

export interface CreatedCart {
  readonly cart: Cart;
  /** Null for a signed-in shopper. */
  readonly accessToken: string | null;
}

/** A guest's new cart, or the one cart of a signed-in shopper: theirs is added to when it is there. */
export async function createCart(needs: CartNeeds, context: RequestContext, input: CreateCart): Promise<CreatedCart> {
  const { caller } = context;
  const additions = (input.lines ?? []).map((line, index) => soundAddition(line, ['lines', String(index)]));
  checkRoom({ currency: null, lines: [] }, additions);
  for (const { quantity, path } of additions) checkQuantity(quantity, [...path, 'quantity']);
  if (caller.kind === 'user' && caller.id !== null) {
    const userId = caller.id;
    const cart = await untilWon(() => createForUser(needs, context, userId, input, additions));
    return { cart, accessToken: null };
  }
  const cart = await filled(needs, context, newCart(newId(), null, input.currency ?? null), additions);
  await insert(needs, context, cart);
  return { cart, accessToken: accessTokenFor(needs.accessTokenSecret, 'cart', cart.id) };
}

async function createForUser(
  needs: CartNeeds,
  context: RequestContext,
  userId: string,
  { currency }: CreateCart,
  additions: readonly Addition[],
): Promise<Cart | undefined> {
  const own = await needs.store.findOfUser(userId);
  if (own === null) {
    const cart = await filled(needs, context, newCart(newId(), userId, currency ?? null), additions);
    return (await insert(needs, context, cart)) ? cart : undefined;
  }
  const asked = inCurrency(own, currency ?? own.currency);
  if (additions.length === 0 && asked === own) return own;
  const { currency: chosen, lines } = await filled(needs, context, asked, additions);
  const change: CartChange = { currency: chosen, lines };
  return writeChange(needs, context, own, change);
}

/** An empty cart takes any currency. */
function inCurrency(cart: Cart, currency: string | null): Cart {
  if (currency === cart.currency) return cart;
  if (cart.lines.length === 0) return { ...cart, currency };
  throw refusal('CURRENCY_MISMATCH', {
    message: `Your cart has lines in ${cart.currency}. Order or remove them first.`,
    field: ['currency'],
  });
}

async function filled(
  { offers }: CartNeeds,
  context: RequestContext,
  cart: Cart,
  additions: readonly Addition[],
): Promise<Cart> {
  if (additions.length === 0) return cart;
  checkRoom(cart, additions);
  const variantIds = [...cart.lines, ...additions].map(({ variantId }) => variantId);
  return { ...cart, ...addToLines(cart, additions, await offers.require(variantIds, context), newId) };
}

async function insert({ store, now }: CartNeeds, { correlationId }: RequestContext, cart: Cart): Promise<boolean> {
  const at = now();
  const event = newEvent(
    'cart.changed',
    { cartId: cart.id, version: cart.version },
    { correlationId, causationId: null },
    at,
  );
  return store.insert(cart, [event], at);
}
