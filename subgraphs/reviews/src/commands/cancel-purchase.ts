import { causedBy, type DomainEvent, type Trace } from '@ebuy/events';
import { purchaseSlot } from '../domain/review.ts';
import { changeReview } from './change-review.ts';
import type { Needs } from './needs.ts';

/** An order that was cancelled verifies nothing any more: what was said of it stays, without the mark. */
export async function cancelPurchase(
  needs: Pick<Needs, 'store' | 'now'>,
  event: DomainEvent<'order.cancelled'>,
): Promise<void> {
  const { orderId } = event.payload;
  const { store, now } = needs;
  const productIds = await store.purchases.cancel(orderId, now());
  if (productIds.length === 0) return;
  const reviews = await store.reviews.findInSlots(productIds.map((productId) => purchaseSlot(orderId, productId)));
  for (const { id } of reviews) await takeMark(needs, id, causedBy(event));
}

export async function takeMark(needs: Pick<Needs, 'store' | 'now'>, reviewId: string, trace: Trace): Promise<void> {
  await changeReview(needs, reviewId, trace, ({ verifiedPurchase }) =>
    verifiedPurchase ? { verifiedPurchase: false } : null,
  );
}
