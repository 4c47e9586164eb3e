import { newEvent } from '@ebuy/events';
import { newId } from '@ebuy/kernel';
import { CLOSED } from '../domain/cart.ts';
import type { CartNeeds } from './change-cart.ts';

const DAY_MS = 86_400_000;
/** Guests' carts that nobody touched for this long are closed. */
export const IDLE_DAYS = 60;
/** Closed carts are deleted after this: no event of an order comes that late, saga topics keep 30 days. */
export const CLOSED_DAYS = 31;
const CARTS_A_CALL = 500;

/** Closes what is idle, deletes what was closed long ago; a bounded number a call. Shoppers' own carts stay. */
export async function retireCarts({ store, now }: Pick<CartNeeds, 'store' | 'now'>): Promise<void> {
  const at = now();
  const daysAgo = (days: number) => new Date(at.getTime() - days * DAY_MS);
  const trace = { correlationId: newId(), causationId: null };
  for (const cart of await store.findIdle(daysAgo(IDLE_DAYS), CARTS_A_CALL)) {
    const event = newEvent('cart.changed', { cartId: cart.id, version: cart.version + 1 }, trace, at);
    // Null when someone came back at this moment: then it is not idle.
    await store.change(cart, CLOSED, [event], at);
  }
  await store.deleteClosed(daysAgo(CLOSED_DAYS), CARTS_A_CALL);
}
