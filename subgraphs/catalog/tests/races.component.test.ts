/** Two replicas that meet at the worst moment: each is stopped where the other must come in between. */
import { newEvent } from '@ebuy/events';
import { newId } from '@ebuy/kernel';
import { createLogger } from '@ebuy/runtime';
import { eventually, openTestMongo, type TestMongo } from '@ebuy/testing';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { changeProducts, placeProducts } from '../src/commands/change-products.ts';
import { createCollection } from '../src/commands/create-collection.ts';
import { followProduct } from '../src/commands/follow-sources.ts';
import type { CatalogNeeds } from '../src/commands/needs.ts';
import { relateProducts, startRelating } from '../src/commands/relate-products.ts';
import { Shelves } from '../src/commands/shelves.ts';
import { sortIntoCollections } from '../src/commands/sort-into-collections.ts';
import { updateCollection } from '../src/commands/update-collection.ts';
import { foldStock } from '../src/domain/catalog-product.ts';
import { stateOf } from '../src/domain/collection.ts';
import { type OpenStore, openStore } from '../src/store/index.ts';
import type { ProductChange } from '../src/store/products.ts';
import { type ProductState, product, productEvent, stockEvent } from './histories.ts';
import { merchandiser } from './shop.ts';

const trace = { correlationId: 'test', causationId: null };
const logger = createLogger('test', 'silent');
let mongo: TestMongo;
let store: OpenStore;
beforeAll(async () => {
  mongo = await openTestMongo('catalog');
  store = await openStore(mongo.url, logger, { onProduct: () => undefined, onCollection: () => undefined });
});
afterAll(async () => {
  await store.close();
  await mongo.drop();
});

/** A replica; `beforeWrite` comes in between its first decision and that write. */
function replica(beforeWrite?: () => Promise<void>): CatalogNeeds {
  let isFirst = true;
  const write = async (changes: readonly ProductChange[], at: Date) => {
    const first = isFirst;
    isFirst = false;
    if (first) await beforeWrite?.();
    return store.products.write(changes, at);
  };
  return {
    store: { ...store, products: { ...store.products, write } },
    shelves: new Shelves(store.collections),
    now: () => new Date(),
    logger,
    onMissed: () => undefined,
    onRelationsChanged: () => undefined,
  };
}

const told = (state: ProductState) => productEvent(state) as Parameters<typeof followProduct>[1];
const shownOf = async (id: string) => (await store.shown.findMany([id], 'whole'))[0];
const collectionsOf = async (id: string) => (await shownOf(id))?.collections.map(({ collectionId }) => collectionId);
const merchandising = { caller: merchandiser, service: 'router', correlationId: 'test' };
/** A collection is changed, and every product looked at, by another replica. */
async function resort(collectionId: string, tag: string): Promise<void> {
  const other = replica();
  const changed = await updateCollection(other, merchandising, { collectionId, rule: { tag } });
  await sortIntoCollections(other, newEvent('collection.changed', stateOf(changed), trace));
}
const collectionFor = (tag: string) =>
  createCollection(replica(), merchandising, { title: `Raced ${newId()}`, rule: { tag } });

test('a collection that changes between a product’s placing and its write is seen', async () => {
  const [before, after] = [`before-${newId()}`, `after-${newId()}`];
  const { id } = await collectionFor(before);
  const [comes, goes] = [product({ tags: [after] }), product({ tags: [before] })];
  for (const state of [comes, goes]) await followProduct(replica(), told({ ...state, tags: ['neither'] }));
  for (const state of [comes, goes]) {
    const tag = state === comes ? after : before;
    const there = state === comes ? before : after;
    await updateCollection(replica(), merchandising, { collectionId: id, rule: { tag: there } });
    // The sort is over before the product is written: it will not come round again.
    const needs = replica(() => resort(id, after));
    await followProduct(needs, told({ ...state, version: 2, tags: [tag] }));
    expect(await collectionsOf(state.productId)).toEqual(state === comes ? [id] : []);
  }
});

test('a placing that was cut off after its write is mended when the event comes again, although it is not newer', async () => {
  const [before, after] = [`before-${newId()}`, `after-${newId()}`];
  const { id } = await collectionFor(before);
  const state = product({ tags: [after] });
  await followProduct(replica(), told({ ...state, tags: ['neither'] }));
  const event = told({ ...state, version: 2 });
  const needs = replica(() => resort(id, after));
  const refresh = needs.shelves.refresh.bind(needs.shelves);
  await refresh();
  needs.shelves.refresh = () => Promise.reject(new Error('cut off'));
  await expect(followProduct(needs, event)).rejects.toThrow('cut off');
  expect(await collectionsOf(state.productId)).toEqual([]);
  await followProduct(replica(), event);
  expect(await collectionsOf(state.productId)).toEqual([id]);
});

test('an old sort that goes on after a newer one ends with what the collection is now', async () => {
  const [before, after] = [`before-${newId()}`, `after-${newId()}`];
  const collection = await collectionFor(after);
  const state = product({ tags: [before] });
  await followProduct(replica(), told(state));
  expect(await collectionsOf(state.productId)).toEqual([]);
  await updateCollection(replica(), merchandising, { collectionId: collection.id, rule: { tag: before } });
  // The newer one finds nothing to do, for the older has not written yet.
  const needs = replica(() => resort(collection.id, after));
  await sortIntoCollections(needs, newEvent('collection.changed', stateOf(collection), trace));
  expect(await collectionsOf(state.productId)).toEqual([]);
});

test('a stock change between a placing’s read and its write is kept, and so is the place', async () => {
  const tag = `tag-${newId()}`;
  const { id } = await collectionFor(tag);
  const state = product({ tags: [tag] });
  const { productId } = state;
  const { variantId } = state.variants[0]!;
  await followProduct(replica(), told({ ...state, tags: [] }));
  const sell = async () => {
    const { payload } = stockEvent(productId, variantId, 1, 3, 2);
    await changeProducts(replica(), [productId], trace, (current) => foldStock(current, payload));
  };
  await followProduct(replica(sell), told({ ...state, version: 2 }));
  expect(await shownOf(productId)).toMatchObject({
    unitsSold: 2,
    availability: 'LOW_STOCK',
    collections: [{ collectionId: id }],
  });
});

test('of a bulk in which some were faster, all are as decided in the end', async () => {
  const tag = `tag-${newId()}`;
  const states = Array.from({ length: 20 }, () => product({ tags: [tag] }));
  for (const state of states) await followProduct(replica(), told(state));
  const { id } = await collectionFor(tag);
  const sell = async () => {
    for (const { productId, variants } of states.slice(0, 7)) {
      const { payload } = stockEvent(productId, variants[0]!.variantId, 1, 9);
      await changeProducts(replica(), [productId], trace, (current) => foldStock(current, payload));
    }
  };
  const ids = states.map(({ productId }) => productId);
  await placeProducts(replica(sell), ids, trace);
  for (const productId of ids) expect(await collectionsOf(productId)).toEqual([id]);
  for (const productId of ids.slice(0, 7)) expect(await shownOf(productId)).toMatchObject({ availability: 'IN_STOCK' });
});

test('two replicas that relate products from different views end with the same, and then rest', async () => {
  const tag = `tag-${newId()}`;
  const [one, two, three] = [product({ tags: [tag] }), product({ tags: [tag] }), product({ tags: [tag] })];
  for (const state of [one, two, three]) await followProduct(replica(), told(state));
  const others = async () => {
    // What the first is about to write is out of date by now, and the other replica has nothing left to do.
    await followProduct(
      replica(),
      told({ ...three, version: 2, tags: ['elsewhere'], vendor: null, productType: null }),
    );
    await relateProducts(replica());
  };
  await relateProducts(replica(others));
  expect((await shownOf(one.productId))?.relatedProductIds).toContain(two.productId);
  expect((await shownOf(one.productId))?.relatedProductIds).not.toContain(three.productId);
  expect((await shownOf(three.productId))?.relatedProductIds).toEqual([]);
  expect(await Promise.all([relateProducts(replica()), relateProducts(replica())])).toEqual([0, 0]);
});

test('products whose change nobody was told of are related all the same', async () => {
  const [one, other] = [product({ tags: [`tag-${newId()}`] }), product({ tags: ['elsewhere'] })];
  for (const state of [one, other]) await followProduct(replica(), told(state));
  const relating = startRelating(replica(), 500);
  try {
    await eventually(async () => expect(await relateProducts(replica())).toBe(0));
    // Written by a replica that ended then, or without an answer: what comes again finds nothing to do.
    await followProduct(replica(), told({ ...other, version: 2, tags: one.tags }));
    const related = async () => (await shownOf(one.productId))?.relatedProductIds;
    await eventually(async () => expect((await related())?.[0]).toBe(other.productId));
  } finally {
    await relating.stop();
  }
});
