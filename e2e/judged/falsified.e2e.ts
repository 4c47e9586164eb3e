// `npm run verify` is worth something only if it turns red: one document of each read model is falsified, found, and mended again.
import { eventually } from '@ebuy/testing';
import type { Merchandiser } from '@ebuy/tools/demo/staff.ts';
import { checksOf } from '@ebuy/tools/verify/checks.ts';
import { judge } from '@ebuy/tools/verify/judge.ts';
import { openStores, type Stores } from '@ebuy/tools/verify/stores.ts';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Sold, sell } from '../client/sell.ts';
import { asGuest, asMerchandiser, testShop } from '../client/shop.ts';
import { found } from '../client/storefront.ts';

const INDEX = 'ebuy-products';
/** What scenarios before this one have left to do is done by then. */
const QUIET_MS = 100_000;
let merchandiser: Merchandiser;
let stores: Stores;
let lamp: Sold;

beforeAll(async () => {
  merchandiser = await asMerchandiser();
  stores = await openStores(testShop());
  lamp = await sell(merchandiser, { title: 'Falsified lamp' });
  await eventually(async () => expect(await found(asGuest().visitor, lamp)).toBeDefined());
  expect(await violations(QUIET_MS)).toEqual([]);
});

afterAll(() => stores.close());

async function violations(withinMs: number): Promise<string[]> {
  const judgements = await judge(checksOf(stores), { withinMs });
  return judgements.flatMap(({ verdict }) => verdict.violations.map(({ where, field }) => `${where} ${field}`));
}

test('a price in the catalog', async () => {
  const products = stores.catalog.collection<{ _id: string }>('products');
  const price = (amountMinor: number) =>
    products.updateOne({ _id: lamp.productId }, { $set: { 'shown.variants.0.price.amountMinor': amountMinor } });
  await price(1);
  expect(await violations(0)).toContain(`catalog product ${lamp.productId} variants.0.price.amountMinor`);
  await price(lamp.price.amountMinor);
  expect(await violations(QUIET_MS)).toEqual([]);
});

test('a product that is missing in the catalog, and one too many', async () => {
  const products = stores.catalog.collection<{ _id: string }>('products');
  const document = await products.findOne({ _id: lamp.productId });
  await products.deleteOne({ _id: lamp.productId });
  expect(await violations(0)).toContain(`catalog product ${lamp.productId} `);
  await products.insertOne(document as { _id: string });
  expect(await violations(QUIET_MS)).toEqual([]);
});

test('a title in the index', async () => {
  const title = (text: string) =>
    stores.search.update({ index: INDEX, id: lamp.productId, body: { doc: { title: text } }, refresh: true });
  await title('Another lamp');
  expect(await violations(0)).toContain(`search document ${lamp.productId} title`);
  await title(lamp.title);
  expect(await violations(QUIET_MS)).toEqual([]);
});

test('a star in a rating', async () => {
  const ratings = stores.reviews.collection<{ _id: string; histogram: number[] }>('ratings');
  const rating = await ratings.findOne({ histogram: { $exists: true } });
  if (rating === null) throw new Error('The shop has no rating');
  const stars = (five: number) => ratings.updateOne({ _id: rating._id }, { $set: { 'histogram.4': five } });
  await stars((rating.histogram[4] ?? 0) + 1);
  expect(await violations(0)).toContain(`rating ${rating._id} histogram.4`);
  await stars(rating.histogram[4] ?? 0);
  expect(await violations(QUIET_MS)).toEqual([]);
});
