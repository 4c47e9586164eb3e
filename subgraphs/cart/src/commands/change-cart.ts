import { setTimeout as sleep } from 'node:timers/promises';
import { type EventPayload, newEvent } from '@ebuy/events';
import { Fault, isId } from '@ebuy/kernel';
import type { Logger, RequestContext } from '@ebuy/runtime';
import type { Offers } from '../clients/products.ts';
import { mayOpen } from '../domain/access.ts';
import type { Cart, CartChange } from '../domain/cart.ts';
import { refusal } from '../refusals.ts';
import type { CartStore } from '../store/index.ts';

/** What every command of this subgraph works with. */
export interface CartNeeds {
  readonly store: CartStore;
  readonly offers: Offers;
  readonly accessTokenSecret: string;
  readonly now: () => Date;
  readonly logger: Logger;
}

/** Which cart, and what opens it. */
export interface CartTarget {
  readonly cartId: string;
  readonly accessToken?: string | null | undefined;
}

const MAX_TRIES = 60;
const MAX_PAUSE_MS = 30;

/**
 * Tries until `attempt` gives something: a write that lost its race gives undefined and is decided anew on what the cart is then. One of
 * the racers always wins, so a round is never wasted for all.
 */
export async function untilWon<Result>(attempt: () => Promise<Result | undefined>): Promise<Result> {
  for (let tries = 1; tries <= MAX_TRIES; tries += 1) {
    const result = await attempt();
    if (result !== undefined) return result;
    await sleep(Math.random() * Math.min(2 * tries, MAX_PAUSE_MS));
  }
  throw new Fault('A cart changed faster than it could be changed', { retryable: true });
}

/** The cart, for whom it opens; for everybody else it is not there. */
export async function openCart(
  { store, accessTokenSecret }: Pick<CartNeeds, 'store' | 'accessTokenSecret'>,
  { caller }: Pick<RequestContext, 'caller'>,
  { cartId, accessToken }: CartTarget,
): Promise<Cart | null> {
  if (!isId(cartId)) return null;
  const cart = await store.find(cartId.toLowerCase());
  return cart !== null && mayOpen(cart, caller, accessToken ?? null, accessTokenSecret) ? cart : null;
}

/** Reads, checks, decides and writes, again when another was faster. `decide` gives null when nothing changes. */
export async function changeCart(
  needs: CartNeeds,
  context: RequestContext,
  target: CartTarget & { readonly expectedVersion?: number | null | undefined },
  decide: (cart: Cart) => CartChange | null | Promise<CartChange | null>,
): Promise<Cart> {
  return untilWon(async () => {
    const cart = await openCart(needs, context, target);
    if (cart === null) throw refusal('NOT_FOUND', { field: ['cartId'] });
    if (typeof target.expectedVersion === 'number' && target.expectedVersion !== cart.version) {
      throw refusal('VERSION_CONFLICT', { field: ['expectedVersion'], current: cart });
    }
    return writeChange(needs, context, cart, await decide(cart));
  });
}

/** Undefined when another was faster. */
export async function writeChange(
  { store, now }: Pick<CartNeeds, 'store' | 'now'>,
  { correlationId }: Pick<RequestContext, 'correlationId'>,
  cart: Cart,
  change: CartChange | null,
): Promise<Cart | undefined> {
  if (change === null) return cart;
  const at = now();
  const payload: EventPayload<'cart.changed'> = { cartId: cart.id, version: cart.version + 1 };
  const event = newEvent('cart.changed', payload, { correlationId, causationId: null }, at);
  return (await store.change(cart, change, [event], at)) ?? undefined;
}
