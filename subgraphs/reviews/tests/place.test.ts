import { newId } from '@ebuy/kernel';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { findPlace, type Purchase, slotsOf } from '../src/domain/place.ts';
import { authorSlot, purchaseSlot, type Review } from '../src/domain/review.ts';

const userId = 'user';
const productId = newId();
const words = { stars: 4, title: 'New', body: 'Words.' };

const review = (slot: string, more: Partial<Review> = {}): Review => ({
  ...{ id: newId(), productId, stars: 5, title: slot, body: 'Said before.', displayName: null, userId, slot },
  ...{ verifiedPurchase: false, status: 'PUBLISHED', moderationReason: null, version: 1, createdAt: new Date(0) },
  orderId: null,
  ...more,
});
const find = (purchases: readonly Purchase[], own: readonly Review[] = []) =>
  findPlace({ userId, productId, purchases, own, words });
const bought = (orderId: string, cancelled = false): Purchase => ({ orderId, cancelled });
const ofOrder = (orderId: string) => purchaseSlot(orderId, productId);
const own = authorSlot(userId, productId);

test('without a purchase: the author’s own place, once', () => {
  expect(find([])).toEqual({ free: { slot: own, orderId: null } });
  const before = review(own);
  expect(find([], [before])).toEqual({ taken: before });
});

test('with purchases: the oldest that is free, whatever was said without one', () => {
  expect(find([bought('a'), bought('b')])).toEqual({ free: { slot: ofOrder('a'), orderId: 'a' } });
  expect(find([bought('a'), bought('b')], [review(ofOrder('a')), review(own)])).toEqual({
    free: { slot: ofOrder('b'), orderId: 'b' },
  });
  expect(find([bought('a')], [review(own)])).toEqual({ free: { slot: ofOrder('a'), orderId: 'a' } });
  const [first, last] = [review(ofOrder('a')), review(ofOrder('b'))];
  expect(find([bought('a'), bought('b')], [first, last])).toEqual({ taken: last });
});

test('a cancelled purchase opens nothing, and what was said of it is the one unverified review', () => {
  expect(find([bought('a', true)])).toEqual({ free: { slot: own, orderId: null } });
  const said = review(ofOrder('a'));
  expect(find([bought('a', true)], [said])).toEqual({ taken: said });
  expect(find([bought('a', true), bought('b')], [said])).toEqual({ free: { slot: ofOrder('b'), orderId: 'b' } });
});

test('the very same words are the same review', () => {
  const same = review(ofOrder('a'), words);
  expect(find([bought('a'), bought('b')], [same])).toEqual({ taken: same });
});

test('whoever posts as often as they can has as many reviews as valid purchases, or one', () => {
  fc.assert(
    fc.property(fc.array(fc.boolean(), { maxLength: 8 }), fc.boolean(), (cancelled, before) => {
      const purchases = cancelled.map((one, index) => bought(String(index), one));
      const said = before ? [review(own)] : [];
      for (let tries = 0; tries < 20; tries += 1) {
        const place = find(purchases, said);
        if ('taken' in place) break;
        expect(slotsOf({ userId, productId, purchases })).toContain(place.free.slot);
        expect(said.map(({ slot }) => slot)).not.toContain(place.free.slot);
        said.push(review(place.free.slot));
      }
      const valid = purchases.filter((one) => !one.cancelled).length;
      expect(said).toHaveLength(valid === 0 ? 1 : valid + (before ? 1 : 0));
    }),
  );
});
