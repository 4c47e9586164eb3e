import { causedBy, type DomainEvent, type Trace } from '@ebuy/events';
import { authorSlot, type Review } from '../domain/review.ts';
import { changeReview } from './change-review.ts';
import type { Needs } from './needs.ts';

const REVIEWS_A_ROUND = 200;

/** The words and stars stay, nobody's: other shoppers go by them, and ratings are counted from them. */
export async function forgetAuthor(
  needs: Pick<Needs, 'store' | 'now'>,
  event: DomainEvent<'user.erased'>,
): Promise<void> {
  const { userId } = event.payload;
  const { store, now } = needs;
  // First of all: a review that is being posted at this moment is looked at again when its event comes.
  await store.erasures.add(userId, now());
  await store.purchases.forgetUser(userId);
  for (;;) {
    const reviews = await store.reviews.findOfUser(userId, REVIEWS_A_ROUND);
    for (const review of reviews) await forgetAuthorOf(needs, review, causedBy(event));
    if (reviews.length < REVIEWS_A_ROUND) return;
  }
}

export async function forgetAuthorOf(needs: Pick<Needs, 'store' | 'now'>, { id }: Review, trace: Trace): Promise<void> {
  await changeReview(needs, id, trace, ({ userId, productId, slot }) => {
    if (userId === null) return null;
    // A purchase's place names the order alone and stays taken; the author's own names them.
    return { userId: null, displayName: null, ...(slot === authorSlot(userId, productId) ? { slot: null } : {}) };
  });
}
