/** What a rebuild does with documents that are ahead of what it has read: topics are handed in, to be behind exactly when it matters. */
import { createLogger } from '@ebuy/runtime';
import { openTestMongo, type TestMongo } from '@ebuy/testing';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { followProduct } from '../src/commands/follow-sources.ts';
import type { CatalogNeeds } from '../src/commands/needs.ts';
import { rebuildCatalog } from '../src/commands/rebuild-catalog.ts';
import { Shelves } from '../src/commands/shelves.ts';
import { blankProduct, type CatalogProduct, foldProduct } from '../src/domain/catalog-product.ts';
import { type OpenStore, openStore } from '../src/store/index.ts';
import type { SourceTopics } from '../src/store/topics.ts';
import { type ProductState, product, productEvent } from './histories.ts';

const logger = createLogger('test', 'silent');
let mongo: TestMongo;
let store: OpenStore;
let needs: CatalogNeeds;
beforeEach(async () => {
  mongo = await openTestMongo('catalog');
  store = await openStore(mongo.url, logger, { onProduct: () => undefined, onCollection: () => undefined });
  needs = {
    store,
    shelves: new Shelves(store.collections),
    now: () => new Date(),
    logger,
    onMissed: () => undefined,
    onRelationsChanged: () => undefined,
  };
});
afterEach(async () => {
  await store.close();
  await mongo.drop();
});

const told = (state: ProductState) => productEvent(state) as Parameters<typeof followProduct>[1];

/** Topics that have these at first, and those once they are read on. */
function topicsOf(first: readonly ProductState[], later: readonly ProductState[]): SourceTopics {
  const products = new Map<string, CatalogProduct>();
  let readings = 0;
  return {
    products,
    counts: { read: 0, unreadable: 0 },
    async caughtUp() {
      for (const state of readings === 0 ? first : later) {
        products.set(state.productId, foldProduct(blankProduct(state.productId), state));
      }
      readings += 1;
    },
    close: async () => undefined,
  };
}

const titleOf = async ({ productId }: ProductState) => (await store.shown.findMany([productId], 'whole'))[0]?.title;

test('a document that has heard of a newer event stays as it is: nothing old is written over it, not even for a moment', async () => {
  const [old, other] = [product(), product()];
  const newer = { ...old, version: 2, title: 'Newer' };
  await followProduct(needs, told(newer));
  await followProduct(needs, told(other));
  expect(await rebuildCatalog(needs, topicsOf([old, other], [newer]))).toMatchObject({ written: 0, gone: 0 });
  expect(await titleOf(newer)).toBe('Newer');
});

test('a document whose first event came after the topics were read stays', async () => {
  const [old, born] = [product(), product()];
  await followProduct(needs, told(old));
  await followProduct(needs, told(born));
  expect(await rebuildCatalog(needs, topicsOf([old], [born]))).toMatchObject({ written: 0, gone: 0 });
  expect(await titleOf(born)).toBe(born.title);
});

test('a version that no event ever had is no reason to stay', async () => {
  const state = product();
  await followProduct(needs, told({ ...state, version: 99, title: 'From nowhere' }));
  expect(await rebuildCatalog(needs, topicsOf([state], []))).toMatchObject({ written: 1 });
  expect(await titleOf(state)).toBe(state.title);
});

test('topics without any event are not believed', async () => {
  await followProduct(needs, told(product()));
  await expect(rebuildCatalog(needs, topicsOf([], []))).rejects.toThrow('No topic has an event');
  expect(await store.products.goneWait()).toBe(false);
});
