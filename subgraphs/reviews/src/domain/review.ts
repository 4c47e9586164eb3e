import type { EventPayload } from '@ebuy/events';

export type ReviewStatus = 'PENDING' | 'PUBLISHED' | 'REJECTED';

/** What the graph may show of a review: all but who wrote it and for which order. */
export interface ShownReview {
  readonly id: string;
  readonly productId: string;
  readonly stars: number;
  readonly title: string;
  readonly body: string;
  /** As signed when posting; null when there was none, or when the author wanted to be forgotten. */
  readonly displayName: string | null;
  readonly verifiedPurchase: boolean;
  readonly status: ReviewStatus;
  readonly moderationReason: string | null;
  readonly version: number;
  readonly createdAt: Date;
}

export interface Review extends ShownReview {
  /** Null once the author is forgotten. Never in the graph, never in an event. */
  readonly userId: string | null;
  /** The purchase that it is a review of; stays when that is cancelled. */
  readonly orderId: string | null;
  /** Its place: there is one review in each, see `purchaseSlot` and `authorSlot`. Null: an unverified review without an author. */
  readonly slot: string | null;
}

/** What a command changes; all that is not named stays. */
export type ReviewChange = Partial<
  Pick<Review, 'status' | 'moderationReason' | 'verifiedPurchase' | 'displayName' | 'userId' | 'slot'>
>;

/** What is said, once it is sound. */
export interface Words {
  readonly stars: number;
  readonly title: string;
  readonly body: string;
}

/** The place that a purchase opens: one a purchase and product. It names nobody, so it outlives its author. */
export function purchaseSlot(orderId: string, productId: string): string {
  return `order/${orderId}/${productId}`;
}

/** The place of who did not buy: one a shopper and product. */
export function authorSlot(userId: string, productId: string): string {
  return `user/${userId}/${productId}`;
}

export function sameWords(review: Words, words: Words): boolean {
  return review.stars === words.stars && review.title === words.title && review.body === words.body;
}

/** A review's state in events. */
export function stateOf(review: ShownReview, updatedAt: Date): EventPayload<'review.posted'> {
  const { id, productId, version, status, stars, verifiedPurchase, createdAt } = review;
  return {
    reviewId: id,
    productId,
    version,
    status,
    stars,
    verifiedPurchase,
    createdAt: createdAt.toISOString(),
    updatedAt: updatedAt.toISOString(),
  };
}
