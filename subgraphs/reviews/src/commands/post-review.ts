import { newEvent } from '@ebuy/events';
import { isId, newId } from '@ebuy/kernel';
import type { RequestContext } from '@ebuy/runtime';
import { authorOf } from '../domain/access.ts';
import { soundWords } from '../domain/checks.ts';
import { findPlace, type Place, slotsOf } from '../domain/place.ts';
import { type Review, stateOf, type Words } from '../domain/review.ts';
import { shownName } from '../domain/text.ts';
import { refusal } from '../refusals.ts';
import type { Needs } from './needs.ts';

export interface PostReview extends Words {
  readonly productId: string;
}

/** Verified by a purchase: on the page at once. Else it waits for staff. The unique place decides between two that come together. */
export async function postReview(
  { store, now }: Pick<Needs, 'store' | 'now'>,
  { caller, correlationId }: Pick<RequestContext, 'caller' | 'correlationId'>,
  input: PostReview,
): Promise<Review> {
  const userId = authorOf(caller);
  const words = soundWords(input);
  const productId = isId(input.productId) ? input.productId.toLowerCase() : null;
  const notFound = () => refusal('PRODUCT_NOT_FOUND', { field: ['productId'] });
  if (productId === null) throw notFound();
  const [onSale, purchases] = await Promise.all([
    store.products.isOnSale(productId),
    store.purchases.findOfUser(userId, productId),
  ]);
  if (!onSale && purchases.every(({ cancelled }) => cancelled)) throw notFound();
  // Without a purchase there is one place, and its index alone says whether it is free.
  const slots = purchases.length === 0 ? [] : slotsOf({ userId, productId, purchases });
  const own = slots.length === 0 ? [] : await store.reviews.findInSlots(slots);
  const place = findPlace({ userId, productId, purchases, own, words });
  if ('taken' in place) throw refusal('ALREADY_REVIEWED', { field: ['productId'], current: place.taken });
  const at = now();
  const review = newReview(place.free, { userId, productId, displayName: shownName(caller.displayName), words, at });
  const event = newEvent('review.posted', stateOf(review, at), { correlationId, causationId: null }, at);
  if (await store.reviews.insert(review, [event], at)) return review;
  const [winner] = await store.reviews.findInSlots([place.free.slot]);
  throw refusal('ALREADY_REVIEWED', { field: ['productId'], current: winner ?? null });
}

interface NewReview {
  readonly userId: string;
  readonly productId: string;
  readonly displayName: string | null;
  readonly words: Words;
  readonly at: Date;
}

function newReview({ slot, orderId }: Place, { userId, productId, displayName, words, at }: NewReview): Review {
  const verifiedPurchase = orderId !== null;
  return {
    id: newId(),
    productId,
    ...words,
    displayName,
    verifiedPurchase,
    status: verifiedPurchase ? 'PUBLISHED' : 'PENDING',
    moderationReason: null,
    version: 1,
    createdAt: at,
    userId,
    orderId,
    slot,
  };
}
