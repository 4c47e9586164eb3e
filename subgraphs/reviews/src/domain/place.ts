/** Which place a new review takes: that of a purchase, that of who did not buy, or none because all are taken. */
import { authorSlot, purchaseSlot, type Review, sameWords, type Words } from './review.ts';

/** An order with the product in it. */
export interface Purchase {
  readonly orderId: string;
  /** A cancelled order verifies nothing any more. */
  readonly cancelled: boolean;
}

export interface Place {
  readonly slot: string;
  readonly orderId: string | null;
}

export interface PlaceRequest {
  readonly userId: string;
  readonly productId: string;
  /** Every order of the shopper with this product, the oldest first. */
  readonly purchases: readonly Purchase[];
  /** What the shopper said of this product already. */
  readonly own: readonly Review[];
  readonly words: Words;
}

/** Every place that the shopper's reviews of this product may have. */
export function slotsOf({ userId, productId, purchases }: Pick<PlaceRequest, 'userId' | 'productId' | 'purchases'>) {
  return [...purchases.map(({ orderId }) => purchaseSlot(orderId, productId)), authorSlot(userId, productId)];
}

/**
 * The free place, or the review that stands in the way.
 *
 * - The very same words are the same review: a click that comes twice takes no second purchase's place.
 * - The oldest purchase first: it is the least likely to be cancelled.
 * - Who has bought reviews as often as that. Who has not reviews once; a review whose order was cancelled since is that one.
 */
export function findPlace(request: PlaceRequest): { readonly free: Place } | { readonly taken: Review } {
  const { userId, productId, purchases, own, words } = request;
  const same = own.find((review) => sameWords(review, words));
  if (same !== undefined) return { taken: same };
  const valid = purchases.filter(({ cancelled }) => !cancelled);
  if (valid.length === 0) {
    const before = own[0];
    return before === undefined ? { free: { slot: authorSlot(userId, productId), orderId: null } } : { taken: before };
  }
  const bySlot = new Map(own.map((review) => [review.slot, review]));
  let taken: Review | undefined;
  for (const { orderId } of valid) {
    const slot = purchaseSlot(orderId, productId);
    const review = bySlot.get(slot);
    if (review === undefined) return { free: { slot, orderId } };
    taken = review;
  }
  if (taken === undefined) throw new Error('Purchases, but neither a free place nor a taken one');
  return { taken };
}
