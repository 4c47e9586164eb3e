import { newId } from '@ebuy/kernel';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Collection } from '../src/domain/collection.ts';
import { type Placeable, placementOf, shelfOf } from '../src/domain/placement.ts';

const NO_RULE = { tag: null, productType: null, vendor: null, maxPrice: null };
const euros = (amountMinor: number) => ({ amountMinor, currency: 'EUR' });

const collection = (more: Partial<Collection> = {}): Collection => ({
  id: newId(),
  version: 1,
  slug: 'shelf',
  title: 'Shelf',
  description: null,
  productIds: [],
  rule: null,
  createdAt: new Date(0),
  updatedAt: new Date(0),
  ...more,
});
const lamp: Placeable = {
  id: newId(),
  collectionSlugs: ['lights'],
  shown: {
    tags: ['Warm', 'Été'],
    productType: 'Lamp',
    vendor: 'Kiln',
    priceRange: { min: euros(1_000), max: euros(9_000) },
  },
};
const isIn = (more: Partial<Collection>) => placementOf(lamp, [shelfOf(collection(more))]).collections.length === 1;

describe('a product stands in a collection', () => {
  test.each<[string, Partial<Collection>]>([
    ['by hand', { productIds: [newId(), lamp.id] }],
    ['because it names it', { slug: 'lights' }],
    ['by its tag, in any case', { rule: { ...NO_RULE, tag: 'wARM' } }],
    ['by a tag with an accent, however it is composed', { rule: { ...NO_RULE, tag: 'e\u0301te\u0301' } }],
    ['by its type', { rule: { ...NO_RULE, productType: 'LAMP' } }],
    ['by its vendor', { rule: { ...NO_RULE, vendor: ' kiln ' } }],
    ['by the price of its cheapest variant', { rule: { ...NO_RULE, maxPrice: euros(1_000) } }],
    ['by all of these', { rule: { tag: 'warm', productType: 'lamp', vendor: 'kiln', maxPrice: euros(5_000) } }],
    ['by hand although the rule says no', { productIds: [lamp.id], rule: { ...NO_RULE, tag: 'cold' } }],
  ])('%s', (_, more) => expect(isIn(more)).toBe(true));

  test.each<[string, Partial<Collection>]>([
    ['for no reason', {}],
    ['by a rule that says nothing', { rule: NO_RULE }],
    ['by a part of a tag', { rule: { ...NO_RULE, tag: 'war' } }],
    ['when one of the rule’s parts does not hold', { rule: { ...NO_RULE, tag: 'warm', vendor: 'other' } }],
    ['when it is dearer', { rule: { ...NO_RULE, maxPrice: euros(999) } }],
    ['for a price in another currency', { rule: { ...NO_RULE, maxPrice: { amountMinor: 99_999, currency: 'USD' } } }],
  ])('not %s', (_, more) => expect(isIn(more)).toBe(false));
});

test('those with a place by hand are not sorted in a second time', () => {
  const [byHand, byRule] = [
    collection({ title: 'B', productIds: [lamp.id], rule: { ...NO_RULE, tag: 'warm' } }),
    collection({ title: 'A', rule: { ...NO_RULE, tag: 'warm' } }),
  ];
  const { collections, sortedInto } = placementOf(lamp, [byHand, byRule].map(shelfOf));
  expect(collections.map(({ title }) => title)).toEqual(['A', 'B']);
  expect(sortedInto).toEqual([byRule.id]);
});

test('a placement does not depend on the order of the collections, and shows a hundred at most', () => {
  const many = Array.from({ length: 130 }, (_, index) =>
    collection({ title: `T${index % 40}`, productIds: [lamp.id] }),
  );
  const expected = placementOf(lamp, many.map(shelfOf));
  expect(expected.collections).toHaveLength(100);
  fc.assert(
    fc.property(fc.shuffledSubarray(many, { minLength: many.length }), (shuffled) => {
      expect(placementOf(lamp, shuffled.map(shelfOf))).toEqual(expected);
    }),
    { numRuns: 20 },
  );
});
