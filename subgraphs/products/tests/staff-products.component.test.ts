import { newId } from '@ebuy/kernel';
import { ANONYMOUS } from '@ebuy/runtime';
import { shopper, staff } from '@ebuy/testing';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { makeProduct, merchandiser, mutate, type Products, startProducts } from './fixture.ts';
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

  test('shows everything about a product, drafts too, as the write side has it', async () => {
    const made = await makeProduct(products, {
      options: [{ name: 'Size', values: ['S', 'M'] }],
      vendor: 'Lumen',
      productType: 'Lamp',
      tags: ['brass'],
      descriptionHtml: '<p>Warm light.</p>',
      variants: [
        { sku: newId(), optionValues: ['M'], price: { amountMinor: 300, currency: 'EUR' }, onHand: 7 },
        {
          sku: newId(),
          optionValues: ['S'],
          price: { amountMinor: 100, currency: 'EUR' },
          compareAtPrice: { amountMinor: 150, currency: 'EUR' },
        },
      ],
      images: [{ url: 'https://example.com/one-800x600.png', altText: 'One' }, { url: '/2.png' }],
    });
    const { result, errors } = await products.router.ask(
      `query($query: String) { staffProducts(query: $query, first: 2) { nodes {
        id slug title vendor productType tags status version descriptionHtml availability
        priceRange { min { amountMinor currency } max { amountMinor currency } }
        featuredImage { url altText width height } images { url } options { name values }
        variants { sku title selectedOptions { name value } price { amountMinor currency } compareAtPrice { amountMinor }
          availability availableQuantity stock { onHand } } createdAt updatedAt withdrawnAt } } }`,
      { query: made.slug },
      merchandiser,
    );
    expect(errors).toEqual([]);
    expect(result).toMatchObject({
      staffProducts: {
        nodes: [
          {
            id: made.id,
            version: 1,
            status: 'DRAFT',
            vendor: 'Lumen',
            tags: ['brass'],
            availability: 'IN_STOCK',
            priceRange: { min: { amountMinor: 100, currency: 'EUR' }, max: { amountMinor: 300, currency: 'EUR' } },
            featuredImage: { url: 'https://example.com/one-800x600.png', altText: 'One', width: 800, height: 600 },
            images: [{ url: 'https://example.com/one-800x600.png' }, { url: '/2.png' }],
            options: [{ name: 'Size', values: ['S', 'M'] }],
            variants: [
              {
                title: 'M',
                selectedOptions: [{ name: 'Size', value: 'M' }],
                availableQuantity: 7,
                stock: { onHand: 7 },
              },
              { title: 'S', availability: 'OUT_OF_STOCK', compareAtPrice: { amountMinor: 150 } },
            ],
            withdrawnAt: null,
          },
        ],
      },
    });
  });

  test.each([0, -1, 101, 2_147_483_647])('a page of %d is refused', async (first) => {
    await expect(staffPage(products, { first })).rejects.toThrow('INVALID_PAGE_SIZE');
  });

  test('a cursor that it did not give out is refused', async () => {
    await expect(staffPage(products, { first: 1, after: "' OR 1=1 --" })).rejects.toThrow('INVALID_CURSOR');
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
