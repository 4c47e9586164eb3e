import { newEvent, type Trace } from '@ebuy/events';
import type { AuditEntry } from '@ebuy/runtime';
import { type Review, type ReviewChange, stateOf } from '../domain/review.ts';
import { type Needs, untilWon } from './needs.ts';

/** A review, and whether this call changed it. */
export interface Changed {
  readonly review: Review;
  readonly changed: boolean;
}

/**
 * Reads, decides and writes with its event, again when another was faster. `decide` gives null when nothing changes. Null: there is no
 * such review.
 */
export async function changeReview(
  { store, now }: Pick<Needs, 'store' | 'now'>,
  reviewId: string,
  trace: Trace,
  decide: (review: Review) => ReviewChange | null,
  /** Where a person made it: the audit's entry. */
  audit?: ((before: Review, change: ReviewChange, at: Date) => AuditEntry) | undefined,
): Promise<Changed | null> {
  return untilWon('A review', async () => {
    const [review] = await store.reviews.findMany([reviewId]);
    if (review === undefined) return null;
    const change = decide(review);
    if (change === null) return { review, changed: false };
    const at = now();
    const state = stateOf({ ...review, ...change, version: review.version + 1 }, at);
    const events = [newEvent('review.moderated', state, trace, at)];
    const audited = audit ? [audit(review, change, at)] : [];
    const written = await store.reviews.change(review, change, { events, audited }, at);
    return written === null ? undefined : { review: written, changed: true };
  });
}
