import { newId } from '@ebuy/kernel';
import { judgeChain, readMongoChain } from '@ebuy/runtime';
import { readSubgraphSdl } from '@ebuy/schema';
import { auditedBy, auditedMutations, auditOfMongo, CLIENT_ADDRESS, eventually } from '@ebuy/testing';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { erased, moderator, neighboursOf, openShop, peopleOf, type ReviewsShop, someone } from './shop.ts';

const BUSY = { timeoutMs: 45_000 };
const AUDITED = auditedMutations(readSubgraphSdl('reviews'));
let shop: ReviewsShop;
beforeAll(async () => {
  shop = await openShop();
});
afterAll(() => shop.close());

const database = () => shop.mongo.connection.db!;
const by = (act: () => Promise<unknown>) => auditedBy(auditOfMongo(database(), ['reviews']), AUDITED, act);

test('every mutation of the schema has its case here', () => {
  expect(AUDITED).toEqual(['moderateReview']);
});

test('moderateReview leaves one entry, the same again none, a refusal none, and it outlives the author', async () => {
  const { post, moderate } = peopleOf(shop);
  const author = someone();
  const productId = await neighboursOf(shop).product();
  const { review } = await post(author, productId);
  const reviewId = review?.id ?? '';
  const done = await by(() => moderate(reviewId, 'REJECTED', 'Ada was rude'));
  expect(done).toEqual([
    {
      ...{ id: expect.any(String), at: expect.any(String), correlationId: expect.any(String), causationId: null },
      actor: { kind: 'staff', id: moderator.id, clientId: moderator.clientId, roles: moderator.roles },
      action: 'moderateReview',
      aggregate: { type: 'Review', id: reviewId },
      version: 2,
      detail: { productId, was: 'PENDING', status: 'REJECTED' },
      from: { address: CLIENT_ADDRESS, service: 'router' },
    },
  ]);
  expect(JSON.stringify(done)).not.toMatch(/Ada|rude/);
  expect(await by(() => moderate(reviewId, 'REJECTED'))).toEqual([]);
  expect(await by(() => moderate(newId(), 'PUBLISHED'))).toEqual([]);
  expect(await by(() => moderate(reviewId, 'PENDING'))).toEqual([]);
  const query = `mutation { moderateReview(input: { reviewId: "${reviewId}", status: PUBLISHED }) { review { id } } }`;
  expect(await by(() => shop.ask(query, {}, author))).toEqual([]);
  await shop.kafka.publish([erased(author.id ?? '')]);
  await eventually(
    async () => expect((await shop.kept.reviews.findOne({ _id: reviewId }))?.userId).toBeUndefined(),
    BUSY,
  );
  const kept = (await auditOfMongo(database(), ['reviews'])()).filter(({ aggregate }) => aggregate.id === reviewId);
  expect(kept).toEqual(done);
  expect(JSON.stringify(kept)).not.toContain(author.id);
});

test('the chain holds, and nothing waits to be sealed', async () => {
  await eventually(async () => {
    expect(await shop.kept.reviews.countDocuments({ pendingAuditSince: { $exists: true } })).toBe(0);
    const { head, breaks } = await judgeChain('reviews', readMongoChain(database()));
    expect([head.seal > 0, breaks]).toEqual([true, []]);
  }, BUSY);
});
