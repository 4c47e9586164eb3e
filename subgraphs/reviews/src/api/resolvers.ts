/** GraphQL in: reads arguments, calls a command or a query, shows the answer. */
import { isId } from '@ebuy/kernel';
import { auditorOf, payloadOf, type RequestContext } from '@ebuy/runtime';
import { moderateReview } from '../commands/moderate-review.ts';
import type { CountRating, Needs } from '../commands/needs.ts';
import { postReview } from '../commands/post-review.ts';
import { authorOf } from '../domain/access.ts';
import type { ShownReview } from '../domain/review.ts';
import type { Resolvers } from '../generated/graphql.ts';
import { findReviewIn } from '../queries/find-review.ts';
import { edgesOf, pageInfoOf } from '../queries/page.ts';
import { productReviewsIn } from '../queries/product-reviews.ts';
import { staffReviews } from '../queries/staff-reviews.ts';
import type { RefusalCode } from '../refusals.ts';

/** A product as this subgraph knows one. @public Named by codegen.json. */
export interface ProductReference {
  readonly id: string;
}

export function createResolvers(needs: Needs, countRating: CountRating): Resolvers {
  const findReview = findReviewIn(needs.store);
  const productReviews = productReviewsIn(needs.store);
  /** Who changed something sees it on the page that comes next. The event counts again in any case. */
  const counted = async ({ productId }: ShownReview, { correlationId }: RequestContext) => {
    await countRating(productId, { correlationId, causationId: null }).catch((error: unknown) =>
      needs.logger.warn({ err: error, productId }, 'a rating is counted later'),
    );
  };
  return {
    Query: {
      staffReviews: (_, input) => staffReviews(needs.store, input),
    },
    Mutation: {
      postReview: (_, { input }, context) => {
        authorOf(context.caller);
        return decided(async () => {
          const review = await postReview(needs, context, input);
          if (review.status === 'PUBLISHED') await counted(review, context);
          return review;
        });
      },
      moderateReview: (_, { input }, context) =>
        decided(async () => {
          const { correlationId } = context;
          const moderator = { correlationId, audit: auditorOf(context, { asStaff: true }) };
          const { review, changed } = await moderateReview(needs, moderator, input);
          if (changed) await counted(review, context);
          return review;
        }),
    },
    Product: {
      __resolveReference: ({ id }) => (isId(id) ? { id: id.toLowerCase() } : null),
      reviews: ({ id }, page, context) => productReviews(context, id, page),
    },
    Review: {
      __resolveReference: ({ id }, context) => findReview(context, id),
      product: ({ productId }) => ({ id: productId }),
      author: ({ displayName }) => ({ displayName }),
    },
    ReviewConnection: {
      edges: (page) => edgesOf(page),
      nodes: ({ reviews }) => [...reviews],
      pageInfo: (page) => pageInfoOf(page),
      totalCount: ({ count }) => count(),
    },
  };
}

/** A payload; the codes are those of REFUSALS, which a test holds against the schema's enum. */
function decided(run: () => Promise<ShownReview>) {
  return payloadOf<'review', ShownReview, RefusalCode>('review', run);
}
