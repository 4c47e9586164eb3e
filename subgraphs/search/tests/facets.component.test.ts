import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type CatalogProduct, collection, type Found, idsOf, openStage, product, type Stage } from './stage.ts';

const VENDORS = ['Kiln & Coast', 'KILN  & coast', 'Oblique "Studio"', 'Ünder=Weg', 'a*b?c\\d'];
const TYPES = ['Mugs', 'Lamps', 'Desk Tools'];
const COLLECTIONS = ['Kitchen', 'Home', 'Gifts'].map(collection);
const OPTIONS = { Colour: ['Blue', 'blue', 'Red', 'Green'], 'Size (EU)': ['S', 'M', 'X-L'], Wood: ['Oak'] };
const WORDS = ['blue', 'oak', 'mug', 'lamp', 'stand'];
const QUERIES = ['', 'mug', 'blue lamp', 'oak stand', 'stamd', 'studio', 'zebra quilt'];

const subset = <Value>(values: readonly Value[], most = values.length) => fc.subarray([...values], { maxLength: most });

/** Few values, so that filters meet. */
const anyProduct = fc
  .record({
    words: subset(WORDS, 3),
    vendor: fc.constantFrom(null, ...VENDORS),
    productType: fc.constantFrom(null, ...TYPES),
    collections: subset(COLLECTIONS),
    colours: subset(OPTIONS.Colour),
    sizes: subset(OPTIONS['Size (EU)']),
    wood: fc.boolean(),
    amountMinor: fc.integer({ min: 0, max: 9 }).map((tens) => tens * 1_000),
    isForeign: fc.nat(5).map((dice) => dice === 0),
    stars: fc.array(fc.integer({ min: 1, max: 5 }), { maxLength: 4 }),
    availability: fc.constantFrom('IN_STOCK', 'LOW_STOCK', 'OUT_OF_STOCK' as const),
  })
  .map(({ words, colours, sizes, wood, amountMinor, isForeign, ...rest }) => {
    const choices = {
      ...(colours.length ? { Colour: colours } : {}),
      ...(sizes.length ? { 'Size (EU)': sizes } : {}),
      ...(wood ? { Wood: ['Oak'] } : {}),
    };
    const price = { amountMinor, currency: isForeign ? 'EUR' : 'USD' };
    const title = words.join(' ') || 'thing';
    return product({ title, choices, priceRange: { min: price, max: price }, ...rest } as never);
  });

interface Filter {
  readonly field: string;
  readonly values?: readonly string[];
  readonly min?: number;
  readonly max?: number;
}

const values = (field: string, from: readonly string[]) =>
  fc.subarray([...from], { minLength: 1, maxLength: 3 }).map((some): Filter => ({ field, values: some }));
const amount = fc.option(fc.integer({ min: 0, max: 9_500 }), { nil: undefined });
const anyFilters = fc
  .tuple(
    values('vendor', [...VENDORS, 'nobody']),
    values('productType', TYPES),
    values(
      'collection',
      COLLECTIONS.map(({ slug }) => slug),
    ),
    values('option.colour', OPTIONS.Colour),
    values('option.Size (EU)', [...OPTIONS['Size (EU)'], 'XXL']),
    values('rating', ['4', '3', '2', '1']),
    values('availability', ['IN_STOCK', 'LOW_STOCK', 'OUT_OF_STOCK']),
    fc.tuple(amount, amount).map(([a, b]): Filter => {
      const [min, max] = a !== undefined && b !== undefined && a > b ? [b, a] : [a, b];
      return { field: 'price', ...(min === undefined ? {} : { min }), ...(max === undefined ? {} : { max }) };
    }),
  )
  .chain((all) => fc.subarray([...all], { maxLength: 4 }));

/** The rules, once more, said as simply as they can be. */
const norm = (text: string) => text.toLowerCase().replace(/\s+/g, ' ').trim();
function valuesOf(one: CatalogProduct, field: string): string[] {
  if (field === 'vendor') return one.vendor === null ? [] : [norm(one.vendor)];
  if (field === 'productType') return one.productType === null ? [] : [norm(one.productType)];
  if (field === 'collection') return one.collections.map(({ slug }) => slug);
  if (field === 'availability') return [one.availability];
  if (field === 'rating') return ['4', '3', '2', '1'].filter((stars) => (one.rating.average ?? 0) >= Number(stars));
  const name = norm(field.slice('option.'.length));
  const chosen = one.variants.flatMap(({ selectedOptions }) => selectedOptions.filter((it) => norm(it.name) === name));
  return [...new Set(chosen.map(({ value }) => norm(value)))];
}
function fits(one: CatalogProduct, { field, values: wanted, min, max }: Filter): boolean {
  if (field !== 'price')
    return valuesOf(one, field).some((value) =>
      wanted?.map((it) => (field === 'availability' ? it : norm(it))).includes(value),
    );
  if (min === undefined && max === undefined) return true;
  const { amountMinor, currency } = one.priceRange.min;
  return currency === 'USD' && amountMinor >= (min ?? 0) && amountMinor <= (max ?? Number.MAX_SAFE_INTEGER);
}
const FIELDS = [
  'vendor',
  'productType',
  'collection',
  'rating',
  'availability',
  'option.Colour',
  'option.Size (EU)',
  'option.Wood',
];

function expectedCounts(all: readonly CatalogProduct[], filters: readonly Filter[], field: string) {
  const others = filters.filter((filter) => norm(filter.field) !== norm(field));
  const left = all.filter((one) => others.every((filter) => fits(one, filter)));
  const counts: Record<string, number> = {};
  const own = filters.find((filter) => norm(filter.field) === norm(field));
  for (const value of own?.values ?? []) counts[field === 'availability' ? value : norm(value)] = 0;
  for (const one of left) for (const value of valuesOf(one, field)) counts[value] = (counts[value] ?? 0) + 1;
  const prices = left
    .filter((one) => one.priceRange.min.currency === 'USD')
    .map((one) => one.priceRange.min.amountMinor);
  return { counts, min: prices.length ? Math.min(...prices) : null, max: prices.length ? Math.max(...prices) : null };
}
const facetOf = ({ facets }: Found, field: string) => facets.find((facet) => norm(facet.field) === norm(field));

let stage: Stage;
let all: readonly CatalogProduct[];
beforeAll(async () => {
  stage = await openStage();
  all = fc.sample(anyProduct, { numRuns: 90, seed: 20_261_123 });
  await stage.fill(all);
});
afterAll(() => stage.close());

describe('facets', () => {
  test('count what a brute-force count does, under any filters and queries', async () => {
    const matching = new Map<string, readonly CatalogProduct[]>();
    for (const query of QUERIES) {
      const ids = new Set(idsOf(await stage.search(query, { first: 100 })));
      matching.set(
        query,
        all.filter(({ productId }) => ids.has(productId)),
      );
    }
    expect(matching.get('mug')?.length).toBeGreaterThan(10);
    expect(matching.get('stamd')?.length).toBeGreaterThan(3);
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...QUERIES), anyFilters, async (query, filters) => {
        const among = matching.get(query) ?? [];
        const found = await stage.search(query, { filters: filters as never, first: 100 });
        const left = among.filter((one) => filters.every((filter) => fits(one, filter)));
        expect(new Set(idsOf(found))).toEqual(new Set(left.map(({ productId }) => productId)));
        expect(found.totalCount).toBe(left.length);
        for (const field of FIELDS) {
          const facet = facetOf(found, field);
          const seen = Object.fromEntries((facet?.values ?? []).map(({ value, count }) => [value, count]));
          expect([field, seen]).toEqual([field, expectedCounts(among, filters, field).counts]);
          const chosen = (filters.find((one) => norm(one.field) === norm(field))?.values ?? []).map((value) =>
            field === 'availability' ? value : norm(value),
          );
          const selected = (facet?.values ?? []).filter((one) => one.selected).map(({ value }) => value);
          expect([field, new Set(selected)]).toEqual([field, new Set(chosen)]);
        }
        const { min, max } = expectedCounts(among, filters, 'price');
        expect([facetOf(found, 'price')?.min ?? null, facetOf(found, 'price')?.max ?? null]).toEqual([min, max]);
      }),
      { numRuns: Number(process.env.FACET_RUNS ?? 120) },
    );
  }, 300_000);

  test('name a chosen value as people do, although no result has it', async () => {
    const found = await stage.search('zebra quilt', {
      filters: [
        { field: 'vendor', values: ['OBLIQUE "STUDIO"', 'nobody'] },
        { field: 'option.size (eu)', values: ['x-l'] },
      ],
    });
    expect(found.totalCount).toBe(0);
    expect(facetOf(found, 'vendor')?.values).toEqual([
      { value: 'nobody', label: 'nobody', count: 0, selected: true },
      { value: 'oblique "studio"', label: 'Oblique "Studio"', count: 0, selected: true },
    ]);
    expect(found.facets.find(({ field }) => field === 'option.Size (EU)')).toMatchObject({
      label: 'Size (EU)',
      values: [{ value: 'x-l', label: 'X-L', count: 0, selected: true }],
    });
  });

  test('show at most fifty values, the most frequent, and always the chosen', async () => {
    const many = Array.from({ length: 60 }, (_, index) =>
      product({ title: 'Crowd', vendor: `Maker ${String(index).padStart(2, '0')}`, productType: 'Crowd' }),
    );
    await stage.fill([...many, product({ title: 'Crowd', vendor: 'Maker 30', productType: 'Crowd' })]);
    const found = await stage.search('crowd', { filters: [{ field: 'vendor', values: ['maker 59'] }] });
    const vendors = facetOf(found, 'vendor')?.values ?? [];
    expect(vendors).toHaveLength(50);
    expect(vendors.slice(0, 2).map(({ value, count }) => [value, count])).toEqual([
      ['maker 59', 1],
      ['maker 30', 2],
    ]);
  });
});
