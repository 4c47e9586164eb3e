/** What the catalog tells again of its products and collections, straight from its documents. */
import { type DomainEvent, TOPICS } from '@ebuy/events';
import { newId } from '@ebuy/kernel';
import { reconcileTopic } from '@ebuy/runtime';
import { eventually } from '@ebuy/testing';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { topicTruths } from '../src/commands/reconcile-topics.ts';
import { product, productEvent, variant } from './histories.ts';
import { openShop, type Shop } from './shop.ts';

let shop: Shop;
let told: readonly DomainEvent[];
beforeAll(async () => {
  shop = await openShop();
  told = (await shop.kafka.watch(TOPICS.catalogProduct)).events;
});
afterAll(() => shop?.close());

async function reconcile() {
  const { db } = shop.mongo.connection;
  if (db === undefined) throw new Error('No database');
  const waiting = { pendingSince: { $exists: true } };
  await eventually(async () => {
    expect(await shop.products.countDocuments(waiting)).toBe(0);
    expect(await shop.collections.countDocuments(waiting)).toBe(0);
  });
  const findings = [];
  for (const truth of topicTruths({ database: db })) findings.push(await reconcileTopic(shop.kafka.settings, truth));
  return findings;
}

test('a product and a collection that the topics have in older versions are told again', async () => {
  const state = product({ tags: [], vendor: null, productType: null, variants: [variant()] });
  await shop.tell(productEvent(state));
  const { productId } = state;
  await shop.sees(productId, ({ shown }) => expect(shown?.title).toBe(state.title));
  const collectionId = await shop.collection({ title: 'Told again', slug: `told-${newId()}`, productIds: [] });
  expect(await reconcile()).toMatchObject([{ repaired: {} }, { repaired: {} }]);
  await shop.products.updateOne({ _id: productId }, {
    $inc: { version: 1, revision: 1 },
    $set: { 'shown.title': 'Changed and not told' },
  } as never);
  await shop.collections.updateOne({ _id: collectionId }, { $inc: { version: 1 } } as never);
  const older = { repaired: { 'older states told again': 1 }, reported: [] };
  expect(await reconcile()).toMatchObject([older, older]);
  await eventually(() => {
    const last = told.findLast(({ subject }) => subject === productId);
    expect(last?.payload).toMatchObject({ title: 'Changed and not told' });
  });
  expect(await reconcile()).toMatchObject([{ repaired: {} }, { repaired: {} }]);
});

test('a product that the catalog has lost is reported: making it anew from its sources is what rebuild is for', async () => {
  const state = product({ tags: [], vendor: null, productType: null, variants: [variant()] });
  await shop.tell(productEvent(state));
  await shop.sees(state.productId, ({ pendingSince }) => expect(pendingSince).toBeUndefined());
  await shop.products.deleteOne({ _id: state.productId });
  const [products] = await reconcile();
  expect(products).toMatchObject({ repaired: {}, reported: [{ kind: 'topic_stranger', subject: state.productId }] });
});
