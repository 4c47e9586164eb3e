import { isId } from '@ebuy/kernel';
import type { RequestContext } from '@ebuy/runtime';
import { soundReason } from '../domain/checks.ts';
import type { ReviewStatus } from '../domain/review.ts';
import { refusal } from '../refusals.ts';
import { type Changed, changeReview } from './change-review.ts';
import type { Needs } from './needs.ts';

export interface ModerateReview {
  readonly reviewId: string;
  readonly status: ReviewStatus;
  readonly reason?: string | null | undefined;
}

/** Who may stands in the schema. The same status again changes nothing, a new reason neither. */
export async function moderateReview(
  needs: Pick<Needs, 'store' | 'now'>,
  { correlationId }: Pick<RequestContext, 'correlationId'>,
  { reviewId, status, reason }: ModerateReview,
): Promise<Changed> {
  if (status === 'PENDING') throw refusal('INVALID_STATUS', { field: ['status'] });
  const moderationReason = soundReason(reason);
  const trace = { correlationId, causationId: null };
  const changed = isId(reviewId)
    ? await changeReview(needs, reviewId.toLowerCase(), trace, (review) =>
        review.status === status ? null : { status, moderationReason },
      )
    : null;
  if (changed === null) throw refusal('REVIEW_NOT_FOUND', { field: ['reviewId'] });
  return changed;
}
