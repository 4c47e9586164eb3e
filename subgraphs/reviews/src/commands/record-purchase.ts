import { causedBy, type DomainEvent, newEvent } from '@ebuy/events';
import type { Needs } from './needs.ts';

/** Notes once who bought what, guests' orders too: those are nobody's until they are claimed. An erased user's are nobody's. */
export async function recordPurchase(
  { store, now }: Pick<Needs, 'store' | 'now'>,
  event: DomainEvent<'order.confirmed'>,
): Promise<void> {
  const { orderId, userId, lines } = event.payload;
  const productIds = [...new Set(lines.map(({ productId }) => productId))];
  const at = now();
  const recorded = newEvent('purchase.recorded', { orderId, productIds }, causedBy(event), at);
  await store.purchases.record({ orderId, userId, productIds }, [recorded], at);
  // Afterwards: either the erasure sees the purchase, or this sees the erasure. Cut off in between, the event comes again.
  if (userId !== null && (await store.erasures.has(userId))) await store.purchases.forgetUser(userId);
}
