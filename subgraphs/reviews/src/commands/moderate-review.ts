import { isId } from '@ebuy/kernel';
import type { Auditor } from '@ebuy/runtime';
import { soundReason } from '../domain/checks.ts';
import type { Review, ReviewStatus } from '../domain/review.ts';
import { refusal } from '../refusals.ts';
import { type Changed, changeReview } from './change-review.ts';
import type { Needs } from './needs.ts';

export interface ModerateReview {
  readonly reviewId: string;
  readonly status: ReviewStatus;
  readonly reason?: string | null | undefined;
}

/** Who moderates. */
export interface Moderator {
  readonly correlationId: string;
  /** Makes the audit's entry; the seed, which nobody decides about, leaves none. */
  readonly audit?: Auditor;
}

/** Who may stands in the schema. The same status again changes nothing, a new reason neither. */
export async function moderateReview(
  needs: Pick<Needs, 'store' | 'now'>,
  { correlationId, audit }: Moderator,
  { reviewId, status, reason }: ModerateReview,
): Promise<Changed> {
  if (status === 'PENDING') throw refusal('INVALID_STATUS', { field: ['status'] });
  const moderationReason = soundReason(reason);
  const trace = { correlationId, causationId: null };
  const changed = isId(reviewId)
    ? await changeReview(
        needs,
        reviewId.toLowerCase(),
        trace,
        (review) => (review.status === status ? null : { status, moderationReason }),
        audit && ((review, _, at) => audit(auditedModeration(review, status), at)),
      )
    : null;
  if (changed === null) throw refusal('REVIEW_NOT_FOUND', { field: ['reviewId'] });
  return changed;
}

function auditedModeration({ id, version, productId, status: was }: Review, status: ReviewStatus) {
  const aggregate = { type: 'Review', id };
  return { action: 'moderateReview', aggregate, version: version + 1, detail: { productId, was, status } };
}
