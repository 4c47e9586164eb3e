import { causedBy, type DomainEvent } from '@ebuy/events';
import { takeMark } from './cancel-purchase.ts';
import { forgetAuthorOf } from './forget-author.ts';
import type { Needs } from './needs.ts';

/**
 * Looks again at a review that was posted, for what was decided while it was being written: its order cancelled, its author erased. Either
 * they see the review, or this sees them.
 */
export async function settlePosted(
  needs: Pick<Needs, 'store' | 'now'>,
  event: DomainEvent<'review.posted'>,
): Promise<void> {
  const { store } = needs;
  const [review] = await store.reviews.findMany([event.payload.reviewId]);
  if (review === undefined) return;
  const { orderId, userId, verifiedPurchase } = review;
  if (orderId !== null && verifiedPurchase && (await store.purchases.isCancelled(orderId))) {
    await takeMark(needs, review.id, causedBy(event));
  }
  if (userId !== null && (await store.erasures.has(userId))) await forgetAuthorOf(needs, review, causedBy(event));
}
