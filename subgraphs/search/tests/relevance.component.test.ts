import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { judgedProducts } from './judged.fixture.ts';
import { openStage, product, type Stage, titlesOf } from './stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
  await stage.fill(judgedProducts());
});
afterAll(() => stage.close());

/** What a shopper means by a query, as titles that must be among the first three; the first of them on top where `!` says so. */
const JUDGED: readonly [query: string, ...expected: string[]][] = [
  ['mug', '!Harvest Stoneware Mug'],
  ['mugs', '!Harvest Stoneware Mug'],
  ['desk lamp', '!Driftline Desk Lamp'],
  ['lamp', 'Driftline Desk Lamp', 'Brass Oil Lamp'],
  ['frying pan', '!Carbon Skillet'],
  ['knives', 'Blue Steel Santoku', 'Paring Knife'],
  ['tshirt', '!Everyday Cotton Tee'],
  ['t-shirt', '!Everyday Cotton Tee'],
  ['jumper', '!Field Merino Sweater'],
  ['sneakers', '!Daily Running Shoe'],
  ['rucksack', '!Ridge Daypack'],
  ['teapot', '!Quay Teapot'],
  ['tea pot', '!Quay Teapot'],
  ['wine glass', '!Long Table Wine Glasses'],
  ['kiln mug', '!Harvest Stoneware Mug'],
  ['stonware mug', '!Harvest Stoneware Mug'],
  ['headfones', '!Meadow Wireless Headphones'],
  ['bike', '!City Bicycle'],
  ['TNT-2P', '!Two Person Tent'],
  ['coffee grinder', '!Hand Coffee Grinder'],
  ['coffee', 'Washed Filter Coffee', 'Night Decaf'],
  ['umbrella', '!Folding Umbrella'],
  ['the teddy', '!Barnaby Bear'],
  ['wooden toy train', '!Wooden Train Set'],
  ['gift for a gardener with tomatoes', '!Heirloom Tomato Seeds'],
];

describe('relevance', () => {
  test.each(JUDGED)('%s', async (query, ...expected) => {
    const titles = titlesOf(await stage.search(query, { first: 3 }));
    const wanted = expected.map((title) => title.replace(/^!/, ''));
    expect(titles).toEqual(expect.arrayContaining(wanted));
    if (expected[0]?.startsWith('!')) expect(titles[0]).toBe(wanted[0]);
  });

  test('a word as it is typed does not bring its neighbours in', async () => {
    expect(titlesOf(await stage.search('lamp'))).not.toContain('Camp Rope');
    expect(titlesOf(await stage.search('trainer'))).not.toContain('Wooden Train Set');
  });

  test('bestsellers and the well rated stand above what fits alike, not above what fits better', async () => {
    await stage.fill([
      product({ title: 'Quartz Timer' }),
      product({ title: 'Quartz Timer', unitsSold: 500, stars: [5, 5, 5, 5, 4, 5, 5] }),
      product({ title: 'Wall Shelf', tags: ['quartz', 'timer'], unitsSold: 100_000, stars: [5, 5, 5, 5, 5, 5, 5] }),
    ]);
    const found = await stage.search('quartz timer');
    expect(titlesOf(found)).toEqual(['Quartz Timer', 'Quartz Timer', 'Wall Shelf']);
    expect(found.edges[0]?.node.rating).toMatchObject({ count: 7 });
  });
});

describe('did you mean', () => {
  test.each([
    ['stonware mug', 'stoneware mug'],
    ['wireles headfones', 'wireless headphones'],
    ['santoko', 'santoku'],
  ])('%s: %s', async (query, offer) => {
    const { didYouMean } = await stage.search(query);
    expect(didYouMean).toBe(offer);
    expect((await stage.search(offer)).totalCount).toBeGreaterThan(0);
  });

  test.each(['mug', 'stoneware mug', 'qqqqzzzz', '', '?!', '茶', 'Santoku', 'SANTOKU', 'the'])(
    '%s: nothing better, or itself',
    async (query) => {
      expect((await stage.search(query)).didYouMean).toBeNull();
    },
  );

  test('never offers what only a withdrawn product had', async () => {
    const rare = product({ title: 'Xylophone' });
    await stage.fill([rare]);
    expect((await stage.search('xylofone')).didYouMean).toBe('xylophone');
    await stage.fill([{ ...rare, version: rare.version + 1_000_000, status: 'WITHDRAWN' }]);
    expect((await stage.search('xylofone')).didYouMean).toBeNull();
  });
});

describe('suggestions', () => {
  test.each([
    'm',
    'mu',
    'stone',
    'kil',
    'wine gl',
    'coffee',
    'kitchen',
    'cot',
    'run',
    'no',
    'oblique s',
    'hand coffee g',
  ])('%s: each query has results, contains what was typed, and stands once', async (prefix) => {
    const { queries, products } = await stage.suggest(prefix, 20);
    expect(queries.length).toBeGreaterThan(0);
    expect(products.length).toBeGreaterThan(0);
    expect(new Set(queries.map((query) => query.toLowerCase())).size).toBe(queries.length);
    for (const query of queries) {
      for (const word of prefix.split(' ')) expect(query.toLowerCase()).toMatch(new RegExp(`\\b${word}`));
      const { totalCount, didYouMean } = await stage.search(query, { first: 1 });
      expect([query, totalCount > 0, didYouMean]).toEqual([query, true, null]);
    }
  });

  test('begin with kinds, makers and collections, and offer what sells first', async () => {
    expect((await stage.suggest('mu')).queries[0]).toBe('Mugs');
    await stage.fill([product({ title: 'Zinc Tray' }), product({ title: 'Zinc Tray', unitsSold: 900 })]);
    const { products } = await stage.suggest('zin', 2);
    const [first] = (await stage.search('zinc tray', { sort: 'BEST_SELLING' })).edges;
    expect(products[0]?.id).toBe(first?.node.id);
    expect(await stage.suggest('nothing like it')).toEqual({ queries: [], products: [] });
  });
});
