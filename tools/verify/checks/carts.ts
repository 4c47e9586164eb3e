import type { SentEvent } from '../books/topic-log.ts';
import type { Violation } from '../contract.ts';
import { unheard } from './unheard.ts';

export interface CartRow {
  readonly _id: string;
  readonly status: string;
  readonly mergedInto?: string | null;
  readonly appliedEvents?: readonly string[];
}

/** A cart remembers so many of the events that it has applied, the newest. */
const REMEMBERED = 100;
const GROUP = 'cart.empty-ordered-cart';

/** Whether what was ordered was taken out of its cart, or of the one that it went into, and whether that was told. */
export function judgeCarts(
  confirmed: readonly SentEvent[],
  carts: ReadonlyMap<string, CartRow>,
  told: readonly SentEvent[],
): Violation[] {
  const causes = new Set(told.map(({ causationId }) => causationId));
  return confirmed.flatMap((event) => {
    const chain = chainOf(String(event.data.cartId), carts);
    const [first] = chain;
    if (first === undefined) return [unheard(event, 'cart', GROUP, `cart ${event.data.cartId}`)];
    if (chain.some(({ appliedEvents = [] }) => appliedEvents.includes(event.id))) {
      return causes.has(event.id) ? [] : [unheard(event, 'the cart topic', GROUP, 'cart.emptied or cart.changed')];
    }
    const last = chain.at(-1) ?? first;
    const isClosed = last.status === 'CLOSED' && (last.mergedInto ?? null) === null;
    const mayBeForgotten = chain.some(({ appliedEvents = [] }) => appliedEvents.length >= REMEMBERED);
    return isClosed || mayBeForgotten ? [] : [unheard(event, 'cart', GROUP, `a mark in cart ${last._id}`)];
  });
}

/** A cart and those that its lines went on to, in their order. */
function chainOf(cartId: string, carts: ReadonlyMap<string, CartRow>): CartRow[] {
  const chain: CartRow[] = [];
  for (
    let cart = carts.get(cartId);
    cart !== undefined && !chain.includes(cart);
    cart = carts.get(cart.mergedInto ?? '')
  ) {
    chain.push(cart);
  }
  return chain;
}
