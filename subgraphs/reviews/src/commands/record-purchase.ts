import { causedBy, type DomainEvent, newEvent } from '@ebuy/events';
import type { Needs } from './needs.ts';

/** Notes once who bought what, guests' orders too: those are nobody's until they are claimed. */
export async function recordPurchase(
  { store, now }: Pick<Needs, 'store' | 'now'>,
  event: DomainEvent<'order.confirmed'>,
): Promise<void> {
  const { orderId, userId, lines } = event.payload;
  const productIds = [...new Set(lines.map(({ productId }) => productId))];
  const at = now();
  const recorded = newEvent('purchase.recorded', { orderId, productIds }, causedBy(event), at);
  await store.purchases.record({ orderId, userId, productIds }, [recorded], at);
}
