import { isId } from '@ebuy/kernel';
import { perRequest, type RequestContext } from '@ebuy/runtime';
import DataLoader from 'dataloader';
import { maySee } from '../domain/access.ts';
import type { Review } from '../domain/review.ts';
import type { Store } from '../store/index.ts';

/** A review, for who may see it; for everybody else it is not there. */
export type FindReview = (context: RequestContext, reviewId: string) => Promise<Review | null>;

export function findReviewIn({ reviews }: Pick<Store, 'reviews'>): FindReview {
  const reviewsOf = perRequest(
    () =>
      new DataLoader<string, Review | null>(
        async (ids) => {
          const found = new Map((await reviews.findMany(ids)).map((review) => [review.id, review]));
          return ids.map((id) => found.get(id) ?? null);
        },
        { maxBatchSize: 100 },
      ),
  );
  return async (context, reviewId) => {
    if (!isId(reviewId)) return null;
    const review = await reviewsOf(context).load(reviewId.toLowerCase());
    return review !== null && maySee(review, context.caller) ? review : null;
  };
}
