import { newId } from '@ebuy/kernel';
import { ANONYMOUS } from '@ebuy/runtime';
import { shopper, staff } from '@ebuy/testing';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { makeProduct, mutate, type Products, startProducts } from './fixture.ts';
import { allOf, staffPage } from './pages.ts';

let products: Products;

beforeAll(async () => {
  products = await startProducts();
});

afterAll(() => products?.stop());

describe('staffProducts', () => {
  test('finds by title, slug and SKU, in any case, literally', async () => {
    const word = newId().slice(-12);
    const made = await makeProduct(
      products,
      { title: `50% Off_${word} \\o/`, slug: `slug-${word}` },
      { sku: `SKU_${word}` },
    );
    for (const query of [`off_${word}`, `50% OFF_${word}`, `SLUG-${word}`, `sku_${word}`, `${word} \\O/`]) {
      expect((await staffPage(products, { query })).nodes.map(({ id }) => id)).toEqual([made.id]);
    }
    for (const query of [`off%${word}`, `off-${word}`, `SKU.${word}`]) {
      expect(await staffPage(products, { query })).toMatchObject({ totalCount: 0, nodes: [] });
    }
  });

  test('filters by status, counts all, and pages', async () => {
    const word = newId().slice(-12);
    const made = await Promise.all(
      Array.from({ length: 5 }, (_, index) => makeProduct(products, { title: `${word} ${index}` })),
    );
    await mutate(products, 'publishProduct', { productId: made[0]?.id });
    const drafts = await allOf((after) => staffPage(products, { query: word, status: 'DRAFT', first: 2, after }));
    expect(drafts).toHaveLength(4);
    expect(await staffPage(products, { query: word, status: 'PUBLISHED', first: 1 })).toMatchObject({
      totalCount: 1,
      nodes: [{ id: made[0]?.id }],
      pageInfo: { hasNextPage: false },
    });
    expect(await staffPage(products, { query: word, first: 1 })).toMatchObject({
      totalCount: 5,
      pageInfo: { hasNextPage: true },
    });
  });

  test('refuses a text that is too long or has control characters; an empty one is none', async () => {
    await expect(staffPage(products, { query: 'x'.repeat(201) })).rejects.toThrow('INVALID_QUERY');
    await expect(staffPage(products, { query: 'a\u0000b' })).rejects.toThrow('INVALID_QUERY');
    expect((await staffPage(products, { query: '  ' })).totalCount).toBeGreaterThan(0);
  });

  test('is for staff', async () => {
    await expect(staffPage(products, {}, shopper('s'))).rejects.toThrow('FORBIDDEN');
    await expect(staffPage(products, {}, staff(['catalog:write']))).rejects.toThrow('FORBIDDEN');
    await expect(staffPage(products, {}, ANONYMOUS)).rejects.toThrow('UNAUTHENTICATED');
  });
});
