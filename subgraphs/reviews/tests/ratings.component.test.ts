import { type DomainEvent, TOPICS } from '@ebuy/events';
import { newId } from '@ebuy/kernel';
import { createLogger } from '@ebuy/runtime';
import { eventually } from '@ebuy/testing';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { countRating, createRatingCounter } from '../src/commands/count-rating.ts';
import { recountRatings } from '../src/commands/recount-ratings.ts';
import { histogramOf } from '../src/domain/rating.ts';
import { type OpenStore, openStore } from '../src/store/index.ts';
import { cancelled, counted, neighboursOf, openShop, peopleOf, type ReviewsShop, someone, TRACE } from './shop.ts';

/** Two replicas on the same engines: every count may meet another's. */
let shop: ReviewsShop;
let twin: ReviewsShop;
let store: OpenStore;
let ratings: { readonly events: readonly DomainEvent[] };
const now = () => new Date();

beforeAll(async () => {
  shop = await openShop();
  twin = await openShop({ shares: shop });
  store = await openStore(shop.settings.mongodbUrl, createLogger('test', 'silent'), () => undefined);
  ratings = await shop.kafka.watch(TOPICS.rating);
});
afterAll(async () => {
  await store.close();
  await twin.close();
  await shop.close();
});

const told = (productId: string) =>
  ratings.events
    .filter(({ subject }) => subject === productId)
    .map(({ payload }) => payload as { version: number; histogram: number[] });
const truth = async (productId: string) => histogramOf(await shop.kept.reviews.find({ productId }).toArray());

/** The rating, its last event and the page agree with a count by hand. */
async function expectRight(productId: string): Promise<void> {
  const histogram = await truth(productId);
  const rating = await shop.kept.ratings.findOne({ _id: productId });
  expect(rating?.histogram ?? [0, 0, 0, 0, 0]).toEqual(histogram);
  expect(told(productId).at(-1)?.histogram ?? [0, 0, 0, 0, 0]).toEqual(histogram);
  const versions = told(productId).map(({ version }) => version);
  expect(versions).toEqual([...new Set(versions)].sort((a, b) => a - b));
  const newest = await shop.kept.reviews
    .find({ productId, status: 'PUBLISHED' })
    .sort({ createdAt: -1, _id: -1 })
    .limit(10)
    .toArray();
  expect(rating?.newest.map(({ _id, version }) => [_id, version]) ?? []).toEqual(
    newest.map(({ _id, version }) => [_id, version]),
  );
}

describe('the histogram', () => {
  const step = fc.record({
    what: fc.constantFrom('post', 'post', 'post', 'moderate', 'moderate', 'cancel'),
    which: fc.nat({ max: 40 }),
    stars: fc.integer({ min: 1, max: 5 }),
    status: fc.constantFrom('PUBLISHED', 'REJECTED'),
    bought: fc.boolean(),
  });

  test('equals a count by hand after whatever happened, in whatever order, at two replicas at once', async () => {
    const all = [peopleOf(shop), peopleOf(twin)];
    const neighbours = neighboursOf(shop);
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 5, maxLength: 25 }),
        fc.integer({ min: 1, max: 8 }),
        async (steps, lanes) => {
          const productId = await neighbours.product();
          const posted: string[] = [];
          const orders: string[] = [];
          const queue = steps.entries();
          const lane = async () => {
            for (const [index, { what, which, stars, status, bought }] of queue) {
              const people = all[index % 2]!;
              if (what === 'post') {
                const caller = someone();
                if (bought) orders.push(await neighbours.purchase(caller.id, [productId]));
                const { review } = await people.post(caller, productId, { stars });
                posted.push(review!.id);
              } else if (what === 'moderate' && posted.length > 0) {
                await people.moderate(posted[which % posted.length]!, status);
              } else if (what === 'cancel' && orders.length > 0) {
                await shop.kafka.publish([cancelled(orders[which % orders.length]!)]);
              }
            }
          };
          await Promise.all(Array.from({ length: lanes }, lane));
          await eventually(() => expectRight(productId));
        },
      ),
      { numRuns: 8 },
    );
  }, 120_000);

  test('told only when it changed', async () => {
    const [people, neighbours] = [peopleOf(shop), neighboursOf(shop)];
    const productId = await neighbours.product();
    const ids: string[] = [];
    for (const stars of [5, 3, 5]) {
      const { review } = await people.post(someone(), productId, { stars });
      ids.push(review?.id ?? '');
      await people.moderate(review?.id ?? '', 'PUBLISHED');
    }
    await people.moderate(ids[1] ?? '', 'REJECTED');
    // What waits for staff changes nothing, nor does counting again.
    await people.post(someone(), productId);
    for (let times = 0; times < 5; times += 1) expect(await countRating({ store, now }, productId, TRACE)).toBe(false);
    await eventually(() => expect(told(productId)).toHaveLength(4));
    expect(told(productId).map(({ histogram }) => histogram)).toEqual([
      [0, 0, 0, 0, 1],
      [0, 0, 1, 0, 1],
      [0, 0, 1, 0, 2],
      [0, 0, 0, 0, 2],
    ]);
    await eventually(() => expectRight(productId));
  });

  test('an older count is never written over a younger, even one that found nothing new', async () => {
    const people = peopleOf(shop);
    const productId = await neighboursOf(shop).product();
    const { review } = await people.post(someone(), productId, { stars: 5 });
    const id = review?.id ?? '';
    await people.moderate(id, 'PUBLISHED');
    await eventually(() => expectRight(productId));
    await counted(shop);
    // Rejected behind everybody's back: a slow count sees that, and is held up before it writes.
    const gate = Promise.withResolvers<void>();
    const held = Promise.withResolvers<void>();
    let first = true;
    const slow: OpenStore = {
      ...store,
      ratings: {
        ...store.ratings,
        async replace(...args) {
          if (first) {
            first = false;
            held.resolve();
            await gate.promise;
          }
          return store.ratings.replace(...args);
        },
      },
    };
    await shop.kept.reviews.updateOne({ _id: id }, { $set: { status: 'REJECTED' } });
    const slowly = countRating({ store: slow, now }, productId, TRACE);
    await held.promise;
    await shop.kept.reviews.updateOne({ _id: id }, { $set: { status: 'PUBLISHED' } });
    expect(await countRating({ store, now }, productId, TRACE)).toBe(false);
    gate.resolve();
    expect(await slowly).toBe(false);
    await expectRight(productId);
  });

  test('counts that are asked for together are few, and none of them is older than its asker', async () => {
    const productId = newId();
    let counts = 0;
    const [begun, gate] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const counting: OpenStore = {
      ...store,
      reviews: {
        ...store.reviews,
        async countStars(...args) {
          counts += 1;
          begun.resolve();
          await gate.promise;
          return store.reviews.countStars(...args);
        },
      },
    };
    const count = createRatingCounter({ store: counting, now });
    const early = Array.from({ length: 20 }, () => count(productId, TRACE));
    await begun.promise;
    const late = Array.from({ length: 20 }, () => count(productId, TRACE));
    gate.resolve();
    await Promise.all([...early, ...late]);
    expect(counts).toBe(2);
    await Promise.all([count(productId, TRACE), count(newId(), TRACE)]);
    expect(counts).toBe(4);
  });
});

describe('recounting', () => {
  test('corrects what was falsified or lost, under versions that are taken for newer', async () => {
    const [people, neighbours] = [peopleOf(shop), neighboursOf(shop)];
    const products = [await neighbours.product(), await neighbours.product(), await neighbours.product()];
    for (const productId of products) {
      const { review } = await people.post(someone(), productId, { stars: 4 });
      await people.moderate(review?.id ?? '', 'PUBLISHED');
    }
    for (const productId of products) await eventually(() => expectRight(productId));
    await counted(shop);
    const [falsified, lost, right] = products as [string, string, string];
    await shop.kept.ratings.updateOne({ _id: falsified }, { $set: { histogram: [9, 0, 0, 0, 0] } });
    await shop.kept.ratings.deleteOne({ _id: lost });
    const stray = newId();
    await shop.kept.ratings.insertOne({
      ...{ _id: stray, round: 1, version: 7, histogram: [1, 0, 0, 0, 0], newest: [] },
      ...{ countedAt: new Date(), pendingEvents: [] },
    });
    const before = products.map((productId) => told(productId).length);
    const outcome = await recountRatings({ store, now });
    expect(outcome.corrected).toBe(3);
    expect(outcome.products).toBeGreaterThanOrEqual(4);
    for (const productId of [...products, stray]) await eventually(() => expectRight(productId));
    await eventually(() =>
      expect(products.map((productId) => told(productId).length)).toEqual(
        before.map((count, index) => count + (index < 2 ? 1 : 0)),
      ),
    );
    expect(told(right)).toHaveLength(1);
    expect((await recountRatings({ store, now })).corrected).toBe(0);
  });
});
