import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type Relatable, relationsAmong } from '../src/domain/related.ts';

const one = (id: string, more: Partial<Relatable> = {}): Relatable => ({
  id,
  collectionIds: [],
  tags: [],
  productType: null,
  vendor: null,
  price: { amountMinor: 1_000, currency: 'EUR' },
  ...more,
});

const relatedOf = (products: readonly Relatable[]): Record<string, string[]> => {
  const relations = relationsAmong(products);
  return Object.fromEntries(
    Array.from({ length: relations.count }, (_, at) => [relations.idAt(at), relations.relatedAt(at)]),
  );
};

describe('related products', () => {
  test('share something: the more, the closer; then by price; then by id', () => {
    const price = (amountMinor: number) => ({ amountMinor, currency: 'EUR' });
    const related = relatedOf([
      one('a', { tags: ['x', 'y'], productType: 'lamp' }),
      one('b', { tags: ['X'] }),
      one('c', { tags: ['x', 'y'], productType: 'Lamp' }),
      one('d', { tags: ['x'], price: price(2_000) }),
      one('e', { tags: ['x'], price: { amountMinor: 1_000, currency: 'JPY' } }),
      one('f', { tags: ['x'] }),
      one('g', { vendor: 'nobody else' }),
    ]);
    expect(related.a).toEqual(['c', 'b', 'f', 'd', 'e']);
    expect(related.g).toEqual([]);
  });

  test('are at most twelve, never the product itself, none twice', () => {
    const products = Array.from({ length: 40 }, (_, at) => one(`p${at}`, { tags: ['t', 't', 'T'], vendor: 'v' }));
    for (const [id, ids] of Object.entries(relatedOf(products))) {
      expect([ids.length, new Set(ids).size, ids.includes(id)]).toEqual([12, 12, false]);
    }
  });

  test('do not depend on the order in which products are read', () => {
    const anyProduct = fc.record({
      collectionIds: fc.subarray(['c1', 'c2', 'c3']),
      tags: fc.subarray(['t1', 't2', 't3', 't4']),
      productType: fc.option(fc.constantFrom('lamp', 'mug')),
      vendor: fc.option(fc.constantFrom('v1', 'v2')),
      price: fc.record({ amountMinor: fc.nat(5_000), currency: fc.constantFrom('EUR', 'JPY') }),
    });
    const anyShop = fc
      .array(anyProduct, { maxLength: 40 })
      .map((list) => list.map((fields, at) => ({ id: `p${String(at).padStart(3, '0')}`, ...fields })));
    fc.assert(
      fc.property(
        anyShop.chain((shop) => fc.tuple(fc.constant(shop), fc.shuffledSubarray(shop, { minLength: shop.length }))),
        ([shop, shuffled]) => {
          expect(relatedOf(shuffled)).toEqual(relatedOf(shop));
        },
      ),
    );
  });

  test('of a trait that thousands share are the nearest by price', () => {
    const products = Array.from({ length: 1_000 }, (_, at) =>
      one(`p${String(at).padStart(4, '0')}`, { tags: ['all'], price: { amountMinor: 100 + at, currency: 'EUR' } }),
    );
    const related = relatedOf(products).p0500 ?? [];
    expect(related).toHaveLength(12);
    for (const id of related) expect(Math.abs(Number(id.slice(1)) - 500)).toBeLessThanOrEqual(12);
  });
});
