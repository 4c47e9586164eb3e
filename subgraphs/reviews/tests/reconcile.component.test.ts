/** What reviews tells again of reviews and ratings, and that a cancellation that is said again changes nothing. */
import { TOPICS } from '@ebuy/events';
import { newId } from '@ebuy/kernel';
import { reconcileTopic } from '@ebuy/runtime';
import { eventually } from '@ebuy/testing';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { topicTruths } from '../src/commands/reconcile-topics.ts';
import { cancelled, counted, neighboursOf, openShop, peopleOf, type ReviewsShop, someone } from './shop.ts';

let shop: ReviewsShop;
let people: ReturnType<typeof peopleOf>;
let neighbours: ReturnType<typeof neighboursOf>;
beforeAll(async () => {
  shop = await openShop();
  people = peopleOf(shop);
  neighbours = neighboursOf(shop);
});
afterAll(() => shop?.close());

async function reconcile(): Promise<Record<string, number>[]> {
  const { db } = shop.mongo.connection;
  if (db === undefined) throw new Error('No database');
  await counted(shop);
  await eventually(async () => {
    expect(await shop.kept.ratings.countDocuments({ pendingSince: { $exists: true } })).toBe(0);
  });
  const findings = [];
  for (const truth of topicTruths({ database: db })) findings.push(await reconcileTopic(shop.kafka.settings, truth));
  expect(findings.flatMap(({ reported }) => reported)).toEqual([]);
  return findings.map(({ repaired }) => ({ ...repaired }));
}

test('a review and a rating that the topics have in older versions are told again', async () => {
  const productId = await neighbours.product();
  const buyer = someone();
  await neighbours.purchase(buyer.id, [productId]);
  const { review } = await people.post(buyer, productId);
  await eventually(async () => expect(await shop.kept.ratings.findOne({ _id: productId })).not.toBeNull());
  expect(await reconcile()).toEqual([{}, {}]);
  const reviewId = review?.id ?? '';
  await shop.kept.reviews.updateOne({ _id: reviewId }, { $inc: { version: 1 } } as never);
  await shop.kept.ratings.updateOne({ _id: productId }, { $inc: { version: 1 } } as never);
  const [reviews, ratings] = await Promise.all([shop.kafka.watch(TOPICS.review), shop.kafka.watch(TOPICS.rating)]);
  const older = { 'older states told again': 1 };
  expect(await reconcile()).toEqual([older, older]);
  const kept = await shop.kept.ratings.findOne({ _id: productId });
  await eventually(() => {
    expect(reviews.events.findLast(({ subject }) => subject === reviewId)?.payload).toMatchObject({ version: 2 });
    expect(ratings.events.findLast(({ subject }) => subject === productId)?.payload).toMatchObject({
      version: kept?.version,
    });
  });
  expect(await reconcile()).toEqual([{}, {}]);
});

test('an order that is said again to be cancelled takes nothing twice', async () => {
  const productId = await neighbours.product();
  const buyer = someone();
  const orderId = await neighbours.purchase(buyer.id, [productId]);
  const { review } = await people.post(buyer, productId);
  await neighbours.cancel(orderId);
  const seen = () => shop.kept.reviews.findOne({ _id: review?.id ?? '' });
  const before = await eventually(async () => {
    const found = await seen();
    expect(found?.verifiedPurchase).toBe(false);
    return found;
  });
  const probe = newId();
  await shop.kafka.publish([cancelled(orderId), cancelled(probe)]);
  await shop.kafka.caughtUp({ subgraph: 'reviews', reaction: 'record-purchases', topic: TOPICS.order });
  expect((await seen())?.version).toBe(before?.version);
});
