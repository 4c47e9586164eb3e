import { perRequest, type RequestContext } from '@ebuy/runtime';
import DataLoader from 'dataloader';
import { positionOf } from '../domain/cursor.ts';
import { countOf, NO_STARS } from '../domain/rating.ts';
import type { Store } from '../store/index.ts';
import type { Rating, Ratings } from '../store/ratings.ts';
import { checkPageSize, type PageInput, type ReviewPage } from './page.ts';

/** A product's published reviews, the latest first. Its first page is in its rating: one document by its id. */
export type ProductReviews = (context: RequestContext, productId: string, page: PageInput) => Promise<ReviewPage>;

export function productReviewsIn({ reviews, ratings }: Pick<Store, 'reviews' | 'ratings'>): ProductReviews {
  const ratingsOf = perRequest(() => ratingLoader(ratings));
  return async (context, productId, { first, after }) => {
    checkPageSize(first);
    const rating = () => ratingsOf(context).load(productId);
    const list = { list: 'product', count: async () => countOf((await rating())?.histogram ?? NO_STARS) } as const;
    const position = after === null || after === undefined ? null : positionOf('product', after);
    if (position === null) {
      const known = await rating();
      const total = countOf(known?.histogram ?? NO_STARS);
      const newest = known?.newest ?? [];
      if (first <= newest.length || total <= newest.length) {
        return { ...list, reviews: newest.slice(0, first), hasNextPage: total > first, continued: false };
      }
    }
    const found = await reviews.findPage({ productId, status: 'PUBLISHED' }, position, first + 1);
    return {
      ...list,
      reviews: found.slice(0, first),
      hasNextPage: found.length > first,
      continued: position !== null,
    };
  };
}

function ratingLoader(ratings: Ratings): DataLoader<string, Rating | null> {
  return new DataLoader(
    async (productIds) => {
      const found = new Map((await ratings.findMany(productIds)).map((rating) => [rating.productId, rating]));
      return productIds.map((productId) => found.get(productId) ?? null);
    },
    { maxBatchSize: 100 },
  );
}
