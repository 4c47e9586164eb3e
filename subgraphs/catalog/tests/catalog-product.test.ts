import type { DomainEvent } from '@ebuy/events';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  blankProduct,
  type CatalogProduct,
  foldProduct,
  foldRating,
  foldStock,
} from '../src/domain/catalog-product.ts';
import { catalogEvent, payloadOf } from '../src/domain/event.ts';
import { missedAfter } from '../src/domain/gaps.ts';
import { ratingOf } from '../src/domain/rating.ts';
import { same } from '../src/domain/same.ts';
import { settle } from '../src/domain/settle.ts';
import { history, product, productEvent, ratingEvent, stockEvent, variant } from './histories.ts';

function fold(current: CatalogProduct, event: DomainEvent): CatalogProduct {
  if (event.type === 'stock.changed') return foldStock(current, (event as DomainEvent<'stock.changed'>).payload);
  if (event.type === 'rating.changed') return foldRating(current, (event as DomainEvent<'rating.changed'>).payload);
  return foldProduct(current, (event as DomainEvent<'product.changed'>).payload);
}

const foldAll = (events: readonly DomainEvent[]): CatalogProduct =>
  events.reduce(fold, blankProduct(events[0]?.subject ?? ''));
const events = history();
const { productId } = events[0]!.payload as { productId: string };
const whole = { ...events.reduce(fold, blankProduct(productId)) };

describe('a history', () => {
  test('gives the same in any order, with any of its events told again', () => {
    const anyOrder = fc
      .tuple(fc.shuffledSubarray(events, { minLength: events.length }), fc.array(fc.constantFrom(...events)))
      .map(([all, again]) => [...all, ...again]);
    fc.assert(
      fc.property(anyOrder, (told) => {
        expect(told.reduce(fold, blankProduct(productId))).toEqual(whole);
      }),
      { numRuns: 300 },
    );
  });

  test('depends on the newest event of each source alone', () => {
    const newest = [events[10]!, events[9]!, events[11]!, events[8]!];
    expect(newest.reduce(fold, blankProduct(productId)).shown).toEqual(whole.shown);
  });

  test('ends as it should', () => {
    expect(whole.shown).toMatchObject({
      status: 'WITHDRAWN',
      title: 'A better lamp',
      availability: 'IN_STOCK',
      priceRange: { min: { amountMinor: 900 }, max: { amountMinor: 2_500 } },
      unitsSold: 9,
      variants: [
        { availability: 'IN_STOCK', availableQuantity: 12 },
        { sku: 'OTHER', availability: 'LOW_STOCK', availableQuantity: 2 },
      ],
      rating: { average: 3.67, count: 3, histogram: [1, 0, 0, 0, 2] },
    });
  });

  test('is nobody’s business until the product has come', () => {
    const stub = foldAll([
      stockEvent(productId, variant().variantId, 1, 5),
      ratingEvent(productId, 1, [1, 0, 0, 0, 0]),
    ]);
    expect([stub.shown, payloadOf(stub)]).toEqual([null, null]);
    expect(settle(blankProduct(productId), stub, 1_000)).toMatchObject({
      isVisible: false,
      product: { version: 0, revision: 1 },
    });
  });
});

describe('what is shown', () => {
  test.each([
    [[0, 0], 'OUT_OF_STOCK'],
    [[1, 0], 'LOW_STOCK'],
    [[5, 5], 'LOW_STOCK'],
    [[0, 6], 'IN_STOCK'],
  ])('%j units are %s', (units, availability) => {
    const state = product({ variants: units.map(() => variant()) });
    const levels = units.map((available, index) =>
      stockEvent(state.productId, state.variants[index]!.variantId, 1, available),
    );
    expect(foldAll([productEvent(state), ...levels]).shown?.availability).toBe(availability);
  });

  test('counts the variants that it has, not those that it had', () => {
    const [stays, goes] = [variant(), variant()];
    const state = product({ variants: [stays, goes] });
    const levels = [stays, goes].map(({ variantId }) => stockEvent(state.productId, variantId, 1, 9, 4));
    const after = foldAll([productEvent(state), ...levels, productEvent({ ...state, version: 2, variants: [stays] })]);
    expect([after.shown?.unitsSold, after.sources.stock.length]).toEqual([4, 2]);
  });

  test('an average is rounded to two decimals, and there is none of nothing', () => {
    expect(ratingOf([0, 0, 0, 0, 0])).toEqual({ average: null, count: 0, histogram: [0, 0, 0, 0, 0] });
    expect(ratingOf([1, 1, 0, 0, 1]).average).toBe(2.67);
    const anyHistogram = fc.array(fc.nat(100_000), { minLength: 5, maxLength: 5 });
    fc.assert(
      fc.property(anyHistogram, (histogram) => {
        const { average, count } = ratingOf(histogram);
        if (count === 0) return expect(average).toBeNull();
        expect(average).toBeGreaterThanOrEqual(1);
        expect(average).toBeLessThanOrEqual(5);
        const exact = histogram.reduce((sum, many, index) => sum + many * (index + 1), 0) / count;
        expect(Math.abs((average ?? 0) - exact)).toBeLessThanOrEqual(0.005 + 1e-9);
      }),
    );
  });

  test('a product without variants has no price, and is put aside', () => {
    expect(() => foldAll([productEvent(product({ variants: [] }))])).toThrow(RangeError);
  });
});

describe('what is written', () => {
  const before = foldAll([productEvent(product())]);
  const kept = { ...before, ...settle(blankProduct(before.id), before, 5_000)!.product };

  test('has a version by the clock that always rises, even when the clock does not', () => {
    expect(kept).toMatchObject({ version: 5_000, revision: 1 });
    const next = (nowMs: number) =>
      settle(kept, { ...kept, shown: { ...kept.shown!, title: 'New' } }, nowMs)!.product.version;
    expect([next(9_000), next(5_000), next(1)]).toEqual([9_000, 5_001, 5_001]);
  });

  test('is nothing when nothing is new, and silent when nothing shown is', () => {
    expect(settle(kept, structuredClone(kept), 9_000)).toBeNull();
    const heard = { ...kept, sources: { ...kept.sources, product: 2 } };
    expect(settle(kept, heard, 9_000)).toMatchObject({ isVisible: false, product: { version: 5_000, revision: 2 } });
    // The keys that it is found by are mended as well.
    expect(settle({ ...kept, variantIds: ['other'] }, kept, 9_000)?.product.variantIds).toEqual(kept.variantIds);
  });

  test('is told as changed on sale and as withdrawn otherwise', () => {
    const trace = { correlationId: 'c', causationId: 'e' };
    const typeOf = (status: 'DRAFT' | 'PUBLISHED' | 'WITHDRAWN') =>
      catalogEvent({ ...kept, shown: { ...kept.shown!, status } }, trace, new Date()).type;
    expect([typeOf('PUBLISHED'), typeOf('DRAFT'), typeOf('WITHDRAWN')]).toEqual([
      'catalogProduct.changed',
      'catalogProduct.withdrawn',
      'catalogProduct.withdrawn',
    ]);
  });
});

describe('versions that were passed over', () => {
  test('are those between; the first of a source tells nothing', () => {
    expect(missedAfter([], 'product', 0, 57)).toEqual([]);
    expect(missedAfter([], 'product', 3, 4)).toEqual([]);
    expect(missedAfter([], 'product', 3, 7)).toEqual([{ source: 'product', from: 4, to: 6 }]);
  });

  test('are none once all have come, in whatever order', () => {
    const anyOrder = fc.integer({ min: 1, max: 9 }).chain((count) =>
      fc.shuffledSubarray(
        Array.from({ length: count }, (_, index) => index + 1),
        { minLength: count },
      ),
    );
    fc.assert(
      fc.property(anyOrder, (versions) => {
        let [held, missed] = [0, [] as ReturnType<typeof missedAfter>];
        for (const version of versions) {
          missed = missedAfter(missed, 'stock/a', held, version);
          held = Math.max(held, version);
        }
        expect(missed).toEqual([]);
      }),
    );
  });

  test('are none of a rating, whose version is a clock', () => {
    const [noon, later] = [1_795_000_000_000, 1_795_000_060_000];
    const { sources } = foldAll([
      ratingEvent(productId, noon, [0, 0, 0, 0, 1]),
      ratingEvent(productId, later, [0, 0, 0, 0, 2]),
    ]);
    expect(sources).toMatchObject({ rating: { version: later, histogram: [0, 0, 0, 0, 2] }, missed: [] });
  });

  test('are remembered within a limit', () => {
    let missed: ReturnType<typeof missedAfter> = [];
    for (let version = 1; version < 200; version += 2) missed = missedAfter(missed, 'product', version, version + 2);
    expect(missed.length).toBe(20);
    expect(missed.at(-1)).toEqual({ source: 'product', from: 200, to: 200 });
  });
});

test('the same values are the same, whatever the order of their fields', () => {
  expect(same({ a: 1, b: [{ c: null }] }, { b: [{ c: null }], a: 1 })).toBe(true);
  const differing: [unknown, unknown][] = [
    [{ a: 1 }, { a: 1, b: undefined }],
    [
      [1, 2],
      [2, 1],
    ],
    [null, {}],
    [[], {}],
    [{ a: undefined }, { b: undefined }],
    ['1', 1],
  ];
  for (const [one, other] of differing) expect(same(one, other)).toBe(false);
  fc.assert(fc.property(fc.jsonValue(), (value) => expect(same(value, structuredClone(value))).toBe(true)));
});
