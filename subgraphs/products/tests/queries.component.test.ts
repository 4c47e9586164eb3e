import { newId } from '@ebuy/kernel';
import { shopper, staff } from '@ebuy/testing';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { makeOnSale, makeProduct, mutate, type Products, SHOWN_VARIANT, startProducts } from './fixture.ts';
import { allOf, browse, staffPage } from './pages.ts';

let products: Products;

beforeAll(async () => {
  products = await startProducts();
});

afterAll(() => products?.stop());

const withdraw = (productId: string) => mutate(products, 'withdrawProduct', { productId });

describe('product', () => {
  const PRODUCT_PAGE = `query($slug: String!) { product(slug: $slug) {
    id slug title vendor productType tags version descriptionHtml availability
    priceRange { min { amountMinor currency } max { amountMinor currency } }
    featuredImage { url altText width height } images { url } options { name values }
    variants { id sku title selectedOptions { name value } price { amountMinor currency } compareAtPrice { amountMinor }
      availability availableQuantity product { id } } createdAt updatedAt withdrawnAt } }`;
  const ask = (slug: string) =>
    products.router.ask<{ product: Record<string, unknown> | null }>(PRODUCT_PAGE, { slug });

  test('shows a shopper everything about a published product', async () => {
    const made = await makeProduct(products, {
      options: [{ name: 'Size', values: ['S', 'M'] }],
      variants: [
        { sku: newId(), optionValues: ['M'], price: { amountMinor: 300, currency: 'EUR' }, onHand: 7 },
        { sku: newId(), optionValues: ['S'], price: { amountMinor: 100, currency: 'EUR' }, onHand: 0 },
      ],
      images: [{ url: 'https://example.com/1.png', altText: 'One' }, { url: '/2.png' }],
    });
    await mutate(products, 'publishProduct', { productId: made.id });
    const { result, errors } = await ask(made.slug);
    expect(errors).toEqual([]);
    expect(result?.product).toMatchObject({
      id: made.id,
      version: 2,
      availability: 'IN_STOCK',
      priceRange: { min: { amountMinor: 100, currency: 'EUR' }, max: { amountMinor: 300, currency: 'EUR' } },
      featuredImage: { url: 'https://example.com/1.png', altText: 'One', width: null },
      images: [{ url: 'https://example.com/1.png' }, { url: '/2.png' }],
      options: [{ name: 'Size', values: ['S', 'M'] }],
      variants: [
        { title: 'M', selectedOptions: [{ name: 'Size', value: 'M' }], availableQuantity: 7, product: { id: made.id } },
        { title: 'S', availability: 'OUT_OF_STOCK', compareAtPrice: null },
      ],
      withdrawnAt: null,
    });
  });

  test('does not find drafts, withdrawn products, or what is no slug', async () => {
    const draft = await makeProduct(products);
    const { product: gone } = await makeOnSale(products, 1);
    await withdraw(gone.id);
    for (const slug of [draft.slug, gone.slug, 'nothing-here', '', 'a\u0000b', "' OR 1=1 --", 'x'.repeat(10_000)]) {
      expect(await ask(slug)).toEqual({ result: { product: null }, errors: [] });
    }
  });
});

describe('products', () => {
  test('pages through the published ones, newest first, each once', async () => {
    const made = await Promise.all(Array.from({ length: 7 }, () => makeOnSale(products, 1)));
    await makeProduct(products);
    const all = await allOf((after) => browse(products, { first: 3, after }));
    const ids = all.map(({ id }) => id);
    expect(ids).toEqual([...ids].sort().reverse());
    expect(ids).toEqual(expect.arrayContaining(made.map(({ product }) => product.id)));
    expect(all.every(({ withdrawnAt }) => withdrawnAt === null)).toBe(true);
    const page = await browse(products, { first: 3 });
    expect(page).toMatchObject({ totalCount: all.length, pageInfo: { hasNextPage: true, hasPreviousPage: false } });
    expect(page.edges.at(-1)?.cursor).toBe(page.pageInfo.endCursor);
  });

  test('since a moment: what has changed, oldest change first, withdrawn ones too, drafts not', async () => {
    await makeOnSale(products, 1);
    const since = new Date(Date.now() + 1).toISOString();
    await new Promise((resolve) => setTimeout(resolve, 5));
    const draft = await makeProduct(products);
    const made = [await makeOnSale(products, 1), await makeOnSale(products, 1), await makeOnSale(products, 1)];
    await withdraw(made[0]?.product.id ?? '');
    const changes = await allOf((after) => browse(products, { first: 1, after, since }));
    expect(changes.map(({ id }) => id)).toEqual([made[1], made[2], made[0]].map((one) => one?.product.id));
    expect(changes.at(-1)?.withdrawnAt).not.toBeNull();
    expect(changes.map(({ id }) => id)).not.toContain(draft.id);
    const times = changes.map(({ updatedAt }) => updatedAt);
    expect(times).toEqual([...times].sort());
  });

  test.each([0, -1, 101, 2_147_483_647])('a page of %d is refused', async (first) => {
    await expect(browse(products, { first })).rejects.toThrow('INVALID_PAGE_SIZE');
    await expect(staffPage(products, { first })).rejects.toThrow('INVALID_PAGE_SIZE');
  });

  test('a cursor of another list is refused', async () => {
    const { pageInfo } = await staffPage(products, { first: 1 });
    await expect(browse(products, { first: 1, after: pageInfo.endCursor })).rejects.toThrow('INVALID_CURSOR');
    await expect(browse(products, { first: 1, after: "' OR 1=1 --" })).rejects.toThrow('INVALID_CURSOR');
  });
});

describe('what only staff sees', () => {
  test('status and stock are null for everyone else, and the rest is there', async () => {
    const { product } = await makeOnSale(products, 4);
    const query = 'query($slug: String!) { product(slug: $slug) { title status variants { sku stock { onHand } } } }';
    const { result, errors } = await products.router.ask(query, { slug: product.slug }, shopper('s'));
    expect(result).toMatchObject({ product: { title: product.title, status: null, variants: [{ stock: null }] } });
    expect(errors.map(({ extensions }) => extensions?.code)).toEqual(['FORBIDDEN', 'FORBIDDEN']);
    const seen = await products.router.ask(query, { slug: product.slug }, staff(['catalog:read-staff']));
    expect(seen.result).toMatchObject({ product: { status: 'PUBLISHED', variants: [{ stock: { onHand: 4 } }] } });
  });
});

describe('Product and Variant by id', () => {
  test('are answered whatever their status, unknown ones with null, in one statement each', async () => {
    const draft = await makeProduct(products);
    const { product, variant } = await makeOnSale(products, 2);
    const query = `query($representations: [_Any!]!) { _entities(representations: $representations) {
      ... on Product { id slug } ... on Variant { id ${SHOWN_VARIANT.replace(/stock.*/s, '')} product { slug } } } }`;
    const { result, errors } = await products.router.ask(query, {
      representations: [
        { __typename: 'Product', id: product.id },
        { __typename: 'Product', id: draft.id },
        { __typename: 'Variant', id: variant.id },
        { __typename: 'Variant', id: draft.variants[0]?.id },
        { __typename: 'Variant', id: newId() },
        { __typename: 'Product', id: 'nothing' },
        { __typename: 'Variant', id: variant.id },
      ],
    });
    expect(errors).toEqual([]);
    expect(result).toMatchObject({
      _entities: [
        { slug: product.slug },
        { slug: draft.slug },
        { sku: variant.sku, product: { slug: product.slug } },
        { product: { slug: draft.slug } },
        null,
        null,
        { sku: variant.sku },
      ],
    });
  });
});

describe('variantsBySku', () => {
  test('answers for published products, in the order asked for, each once', async () => {
    const [one, two] = [await makeOnSale(products, 1), await makeOnSale(products, 9)];
    const draft = await makeProduct(products);
    const skus = [two.variant.sku, 'nothing', one.variant.sku, two.variant.sku, draft.variants[0]?.sku, 'a\u0000b'];
    const { result } = await products.router.ask(
      'query($skus: [String!]!) { variantsBySku(skus: $skus) { sku availability availableQuantity } }',
      { skus },
    );
    expect(result).toEqual({
      variantsBySku: [
        { sku: two.variant.sku, availability: 'IN_STOCK', availableQuantity: 9 },
        { sku: one.variant.sku, availability: 'LOW_STOCK', availableQuantity: 1 },
      ],
    });
  });
});
