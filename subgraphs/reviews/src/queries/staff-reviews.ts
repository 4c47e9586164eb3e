import { positionOf } from '../domain/cursor.ts';
import type { ReviewStatus } from '../domain/review.ts';
import type { Store } from '../store/index.ts';
import { checkPageSize, type PageInput, type ReviewPage } from './page.ts';

export interface StaffReviewsInput extends PageInput {
  readonly status?: ReviewStatus | null | undefined;
}

/** Every review, or those of one status, the latest first. Who may ask stands in the schema. */
export async function staffReviews(
  { reviews }: Pick<Store, 'reviews'>,
  { status, first, after }: StaffReviewsInput,
): Promise<ReviewPage> {
  checkPageSize(first);
  const filter = status ? { status } : {};
  const position = after === null || after === undefined ? null : positionOf('staff', after);
  const found = await reviews.findPage(filter, position, first + 1);
  return {
    list: 'staff',
    reviews: found.slice(0, first),
    hasNextPage: found.length > first,
    continued: position !== null,
    count: () => reviews.count(filter),
  };
}
