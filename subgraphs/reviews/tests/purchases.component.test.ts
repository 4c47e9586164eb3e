import { CONSUMER_GROUPS, type DomainEvent, listDeadLetters, TOPICS } from '@ebuy/events';
import { newId } from '@ebuy/kernel';
import { eventually } from '@ebuy/testing';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  cancelled,
  codes,
  confirmed,
  erased,
  neighboursOf,
  openShop,
  peopleOf,
  type ReviewsShop,
  someone,
} from './shop.ts';

let shop: ReviewsShop;
let people: ReturnType<typeof peopleOf>;
let neighbours: ReturnType<typeof neighboursOf>;
let purchases: { readonly events: readonly DomainEvent[] };
let reviews: { readonly events: readonly DomainEvent[] };

beforeAll(async () => {
  shop = await openShop();
  people = peopleOf(shop);
  neighbours = neighboursOf(shop);
  purchases = await shop.kafka.watch(TOPICS.purchase);
  reviews = await shop.kafka.watch(TOPICS.review);
});
afterAll(() => shop.close());

const toldOf = (watched: { readonly events: readonly DomainEvent[] }, subject: string) =>
  watched.events.filter((event) => event.subject === subject);
const kept = async (id: string) => shop.kept.reviews.findOne({ _id: id });
/** Everything published before this has been applied: the order's topic is read to here. */
const quiet = async () => {
  await neighbours.purchase(null, [newId()]);
  await eventually(async () => {
    for (const one of [shop.kept.reviews, shop.kept.purchases, shop.kept.ratings]) {
      expect(await one.countDocuments({ pendingSince: { $exists: true } })).toBe(0);
    }
  });
};

describe('a confirmed order', () => {
  test('is recorded once, a guest’s too, and told of once', async () => {
    const products = [newId(), newId()];
    const orders = [someone().id, null].map((userId) => confirmed(newId(), userId, [...products, ...products]));
    await shop.kafka.publish([...orders, ...orders, ...orders.toReversed()]);
    for (const { subject } of orders) {
      const [told] = await eventually(() => {
        const own = toldOf(purchases, subject);
        expect(own).not.toEqual([]);
        return own;
      });
      expect(told).toMatchObject({ type: 'purchase.recorded', payload: { orderId: subject, productIds: products } });
      expect(told?.causationId).toBe(orders.find((order) => order.subject === subject)?.id);
    }
    await quiet();
    expect(orders.flatMap(({ subject }) => toldOf(purchases, subject))).toHaveLength(2);
    expect(await shop.kept.purchases.countDocuments({ productIds: { $in: products } })).toBe(2);
  });

  test('that comes after its cancellation is recorded, and verifies nothing', async () => {
    const caller = someone();
    const productId = await neighbours.product();
    const [orderId, first] = [newId(), newId()];
    await shop.kafka.publish([cancelled(orderId), cancelled(orderId), confirmed(orderId, caller.id, [productId])]);
    await eventually(() => expect(toldOf(purchases, orderId)).toHaveLength(1));
    expect((await people.post(caller, productId)).review?.verifiedPurchase).toBe(false);
    await shop.kafka.publish([cancelled(first)]);
    await quiet();
    expect(toldOf(purchases, first)).toEqual([]);
  });
});

describe('a cancelled order', () => {
  test('takes the mark of its reviews, not their place; once, however often it is told', async () => {
    const caller = someone();
    const [productId, other] = [await neighbours.product(), await neighbours.product()];
    const orderId = await neighbours.purchase(caller.id, [productId, other]);
    const kept1 = (await people.post(caller, productId, { stars: 1 })).review;
    await neighbours.cancel(orderId);
    await shop.kafka.publish([cancelled(orderId), confirmed(orderId, caller.id, [productId]), cancelled(orderId)]);
    await quiet();
    const told = await eventually(() => {
      const own = toldOf(reviews, kept1?.id ?? '');
      expect(own).toHaveLength(2);
      return own;
    });
    expect(told[1]).toMatchObject({
      type: 'review.moderated',
      payload: { version: 2, status: 'PUBLISHED', verifiedPurchase: false, stars: 1 },
    });
    await eventually(async () =>
      expect((await people.page(productId)).nodes).toMatchObject([
        { id: kept1?.id, verifiedPurchase: false, version: 2 },
      ]),
    );
    // It is what they said without a purchase now; the other product was said nothing of.
    const again = await people.post(caller, productId, { title: 'Once more' });
    expect([codes(again), again.review?.id]).toEqual([['ALREADY_REVIEWED'], kept1?.id]);
    expect((await people.post(caller, other)).review).toMatchObject({ verifiedPurchase: false, status: 'PENDING' });
    // A new purchase opens a new place.
    await neighbours.purchase(caller.id, [productId]);
    expect((await people.post(caller, productId, { title: 'Once more' })).review?.verifiedPurchase).toBe(true);
  });

  test('while its review is being posted: no mark stays', async () => {
    const ids = await Promise.all(
      Array.from({ length: 12 }, async (_, index) => {
        const caller = someone();
        const productId = await neighbours.product();
        const orderId = await neighbours.purchase(caller.id, [productId]);
        const cancelling = shop.kafka.publish([cancelled(orderId)]);
        await new Promise((resolve) => setTimeout(resolve, index));
        const { review } = await people.post(caller, productId);
        await cancelling;
        return review?.id ?? '';
      }),
    );
    await quiet();
    await eventually(async () => {
      const found = await shop.kept.reviews.find({ _id: { $in: ids } }).toArray();
      expect(found.map(({ verifiedPurchase }) => verifiedPurchase)).toEqual(ids.map(() => false));
    });
  });

  test('seen too late by who posted: the review’s own event finds out', async () => {
    const caller = someone();
    const productId = await neighbours.product();
    const orderId = await neighbours.purchase(caller.id, [productId]);
    const { review } = await people.post(caller, productId);
    // As when the cancellation had looked for reviews just before this one was written.
    await shop.kept.purchases.updateOne({ _id: orderId }, { $set: { cancelledAt: new Date() } });
    const [posted] = await eventually(() => {
      const own = toldOf(reviews, review?.id ?? '');
      expect(own).not.toEqual([]);
      return own;
    });
    await shop.kafka.publish([posted as DomainEvent]);
    await eventually(async () => expect((await kept(review?.id ?? ''))?.verifiedPurchase).toBe(false));
  });
});

describe('an erased user', () => {
  test('is forgotten: the words and stars stay, nobody’s', async () => {
    const caller = someone({ displayName: 'Grace Hopper' });
    const [bought, other] = [await neighbours.product(), await neighbours.product()];
    const orderId = await neighbours.purchase(caller.id, [bought]);
    const verified = (await people.post(caller, bought, { stars: 5 })).review;
    const pending = (await people.post(caller, other, { stars: 2 })).review;
    await shop.kafka.publish([erased(caller.id ?? ''), erased(caller.id ?? '')]);
    await eventually(async () => expect((await people.page(bought)).nodes[0]?.author).toEqual({ displayName: null }));
    await eventually(async () => expect((await kept(pending?.id ?? ''))?.version).toBe(2));
    await quiet();
    await eventually(async () => {
      for (const name of ['reviews', 'ratings', 'purchases'] as const) {
        const documents = await shop.kept[name].find({}).toArray();
        expect(JSON.stringify(documents)).not.toContain(caller.id);
        expect(JSON.stringify(documents)).not.toContain('Hopper');
      }
    });
    expect((await people.page(bought)).nodes).toMatchObject([{ id: verified?.id, stars: 5, verifiedPurchase: true }]);
    await eventually(() =>
      expect(toldOf(reviews, verified?.id ?? '').map(({ type }) => type)).toEqual([
        'review.posted',
        'review.moderated',
      ]),
    );
    // The purchase's place stays taken; a cancellation still finds it.
    await neighbours.cancel(orderId);
    await eventually(async () => expect((await kept(verified?.id ?? ''))?.verifiedPurchase).toBe(false));
  });

  test('whose order is told of late has bought nothing that names them', async () => {
    const caller = someone();
    const [orderId, productId] = [newId(), newId()];
    await shop.kafka.publish([erased(caller.id ?? '')]);
    await eventually(async () =>
      expect(await shop.mongo.connection.collection('erasures').findOne({ _id: caller.id as never })).not.toBeNull(),
    );
    await shop.kafka.publish([confirmed(orderId, caller.id, [productId])]);
    await eventually(() => expect(toldOf(purchases, orderId)).toHaveLength(1));
    await eventually(async () => {
      const purchase = await shop.kept.purchases.findOne({ _id: orderId });
      expect(purchase).toMatchObject({ productIds: [productId] });
      expect(purchase).not.toHaveProperty('userId');
    });
  });

  test('who posts at that very moment is forgotten as well', async () => {
    const caller = someone({ displayName: 'Katherine Johnson' });
    const productId = await neighbours.product();
    await shop.kafka.publish([erased(caller.id ?? '')]);
    await eventually(async () =>
      expect(await shop.mongo.connection.collection('erasures').findOne({ _id: caller.id as never })).not.toBeNull(),
    );
    const { review } = await people.post(caller, productId);
    await eventually(async () =>
      expect(await kept(review?.id ?? '')).toMatchObject({ displayName: null, version: 2, status: 'PENDING' }),
    );
    expect(await kept(review?.id ?? '')).not.toHaveProperty('userId');
  });
});

test('nothing was put aside', async () => {
  for (const group of [CONSUMER_GROUPS.recordPurchases, CONSUMER_GROUPS.countRatings, CONSUMER_GROUPS.forgetAuthors]) {
    expect(await listDeadLetters(shop.kafka.settings, group)).toEqual([]);
  }
});
