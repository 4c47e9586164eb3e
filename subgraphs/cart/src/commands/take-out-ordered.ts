import { causedBy, type DomainEvent, newEvent } from '@ebuy/events';
import type { Cart, CartChange, CartContent } from '../domain/cart.ts';
import { withoutOrdered } from '../domain/lines.ts';
import { type CartNeeds, untilWon } from './change-cart.ts';

/** Far more orders than one cart has on their way at a time. */
const REMEMBERED_EVENTS = 100;

/** Takes what was ordered out of its cart, once: the cart remembers the events whose effect it has. */
export async function takeOutOrdered(
  { store, now, logger }: Pick<CartNeeds, 'store' | 'now' | 'logger'>,
  event: DomainEvent<'order.confirmed'>,
): Promise<void> {
  let { cartId } = event.payload;
  await untilWon(async () => {
    const cart = await store.find(cartId);
    if (cart === null) {
      logger.info({ cartId, eventId: event.id }, 'an ordered cart is there no more');
      return true;
    }
    if (cart.appliedEvents.includes(event.id)) return true;
    if (cart.status === 'CLOSED') {
      if (cart.mergedInto === null) return true;
      // Ordered as a guest, then signed in: the lines went on to the shopper's cart.
      cartId = cart.mergedInto;
      return undefined;
    }
    const left = withoutOrdered(cart, event.payload.lines);
    const change: CartChange = { ...left, appliedEvents: [...cart.appliedEvents, event.id].slice(-REMEMBERED_EVENTS) };
    const at = now();
    return (await store.change(cart, change, [announcement(cart, left, event, at)], at)) ?? undefined;
  });
}

function announcement(cart: Cart, left: CartContent, event: DomainEvent<'order.confirmed'>, at: Date) {
  const changed = { cartId: cart.id, version: cart.version + 1, orderId: event.payload.orderId };
  return newEvent(left.lines.length === 0 ? 'cart.emptied' : 'cart.changed', changed, causedBy(event), at);
}
