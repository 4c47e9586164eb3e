import { newId } from '@ebuy/kernel';
import { ANONYMOUS } from '@ebuy/runtime';
import { readOperations } from '@ebuy/schema';
import { shopper, staff } from '@ebuy/testing';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  makeOnSale,
  makeProduct,
  merchandiser,
  mutate,
  type Products,
  SHOWN_VARIANT,
  startProducts,
} from './fixture.ts';

let products: Products;

beforeAll(async () => {
  products = await startProducts();
});

afterAll(() => products?.stop());

interface Page {
  readonly totalCount: number;
  readonly nodes: { id: string; slug: string; title: string; withdrawnAt: string | null; updatedAt: string }[];
  readonly edges: { cursor: string }[];
  readonly pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean; endCursor: string | null };
}

const PAGE = `totalCount nodes { id slug title withdrawnAt updatedAt } edges { cursor }
  pageInfo { hasNextPage hasPreviousPage endCursor }`;

async function browse(variables: Record<string, unknown>): Promise<Page> {
  const { result, errors } = await products.router.ask<{ products: Page }>(
    `query($first: Int!, $after: String, $since: DateTime) { products(first: $first, after: $after, updatedSince: $since) { ${PAGE} } }`,
    variables,
  );
  if (!result?.products) throw new Error(errors[0]?.extensions?.code);
  return result.products;
}

async function staffPage(variables: Record<string, unknown>, caller = merchandiser): Promise<Page> {
  const { result, errors } = await products.router.ask<{ staffProducts: Page | null }>(
    `query($query: String, $status: ProductStatus, $first: Int!, $after: String) {
      staffProducts(query: $query, status: $status, first: $first, after: $after) { ${PAGE} } }`,
    { first: 10, ...variables },
    caller,
  );
  if (!result?.staffProducts) throw new Error(errors[0]?.extensions?.code);
  return result.staffProducts;
}

async function allOf(read: (after: string | null) => Promise<Page>): Promise<Page['nodes']> {
  const nodes: Page['nodes'] = [];
  for (let after: string | null = null; ; ) {
    const page = await read(after);
    nodes.push(...page.nodes);
    if (!page.pageInfo.hasNextPage) return nodes;
    after = page.pageInfo.endCursor;
  }
}

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
    const all = await allOf((after) => browse({ first: 3, after }));
    const ids = all.map(({ id }) => id);
    expect(ids).toEqual([...ids].sort().reverse());
    expect(ids).toEqual(expect.arrayContaining(made.map(({ product }) => product.id)));
    expect(all.every(({ withdrawnAt }) => withdrawnAt === null)).toBe(true);
    const page = await browse({ first: 3 });
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
    const changes = await allOf((after) => browse({ first: 1, after, since }));
    expect(changes.map(({ id }) => id)).toEqual([made[1], made[2], made[0]].map((one) => one?.product.id));
    expect(changes.at(-1)?.withdrawnAt).not.toBeNull();
    expect(changes.map(({ id }) => id)).not.toContain(draft.id);
    const times = changes.map(({ updatedAt }) => updatedAt);
    expect(times).toEqual([...times].sort());
  });

  test.each([0, -1, 101, 2_147_483_647])('a page of %d is refused', async (first) => {
    await expect(browse({ first })).rejects.toThrow('INVALID_PAGE_SIZE');
    await expect(staffPage({ first })).rejects.toThrow('INVALID_PAGE_SIZE');
  });

  test('a cursor of another list is refused', async () => {
    const { pageInfo } = await staffPage({ first: 1 });
    await expect(browse({ first: 1, after: pageInfo.endCursor })).rejects.toThrow('INVALID_CURSOR');
    await expect(browse({ first: 1, after: "' OR 1=1 --" })).rejects.toThrow('INVALID_CURSOR');
  });
});

describe('staffProducts', () => {
  test('finds by title, slug and SKU, in any case, literally', async () => {
    const word = newId().slice(-12);
    const made = await makeProduct(
      products,
      { title: `50% Off_${word} \\o/`, slug: `slug-${word}` },
      { sku: `SKU_${word}` },
    );
    for (const query of [`off_${word}`, `50% OFF_${word}`, `SLUG-${word}`, `sku_${word}`, `${word} \\O/`]) {
      expect((await staffPage({ query })).nodes.map(({ id }) => id)).toEqual([made.id]);
    }
    for (const query of [`off%${word}`, `off-${word}`, `SKU.${word}`]) {
      expect(await staffPage({ query })).toMatchObject({ totalCount: 0, nodes: [] });
    }
  });

  test('filters by status, counts all, and pages', async () => {
    const word = newId().slice(-12);
    const made = await Promise.all(
      Array.from({ length: 5 }, (_, index) => makeProduct(products, { title: `${word} ${index}` })),
    );
    await mutate(products, 'publishProduct', { productId: made[0]?.id });
    const drafts = await allOf((after) => staffPage({ query: word, status: 'DRAFT', first: 2, after }));
    expect(drafts).toHaveLength(4);
    expect(await staffPage({ query: word, status: 'PUBLISHED', first: 1 })).toMatchObject({
      totalCount: 1,
      nodes: [{ id: made[0]?.id }],
      pageInfo: { hasNextPage: false },
    });
    expect(await staffPage({ query: word, first: 1 })).toMatchObject({
      totalCount: 5,
      pageInfo: { hasNextPage: true },
    });
  });

  test('refuses a text that is too long or has control characters; an empty one is none', async () => {
    await expect(staffPage({ query: 'x'.repeat(201) })).rejects.toThrow('INVALID_QUERY');
    await expect(staffPage({ query: 'a\u0000b' })).rejects.toThrow('INVALID_QUERY');
    expect((await staffPage({ query: '  ' })).totalCount).toBeGreaterThan(0);
  });

  test('is for staff', async () => {
    await expect(staffPage({}, shopper('s'))).rejects.toThrow('FORBIDDEN');
    await expect(staffPage({}, staff(['catalog:write']))).rejects.toThrow('FORBIDDEN');
    await expect(staffPage({}, ANONYMOUS)).rejects.toThrow('UNAUTHENTICATED');
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

describe('purchasableVariants', () => {
  const QUERY = `query($ids: [ID!]!) { purchasableVariants(ids: $ids) {
    variantId productId sku title price { amountMinor currency } available published } }`;

  test('says what can be sold, in the order asked for; ids that name none are left out', async () => {
    const { product, variant } = await makeOnSale(products, 3);
    const sized = await makeProduct(products, {
      title: 'Shirt',
      options: [{ name: 'Size', values: ['S', 'M'] }],
      variants: ['S', 'M'].map((size) => ({
        sku: newId(),
        optionValues: [size],
        price: { amountMinor: 1_000, currency: 'JPY' },
        onHand: 1,
      })),
    });
    const { result, errors } = await products.askAsCart(QUERY, {
      ids: [sized.variants[1]?.id, 'nothing', variant.id, newId(), variant.id],
    });
    expect(errors).toEqual([]);
    expect(result).toEqual({
      purchasableVariants: [
        {
          variantId: sized.variants[1]?.id,
          productId: sized.id,
          sku: sized.variants[1]?.sku,
          title: 'Shirt – M',
          price: { amountMinor: 1_000, currency: 'JPY' },
          available: 1,
          published: false,
        },
        {
          variantId: variant.id,
          productId: product.id,
          sku: variant.sku,
          title: product.title,
          price: { amountMinor: 1_999, currency: 'EUR' },
          available: 3,
          published: true,
        },
      ],
    });
    expect((await products.askAsCart(QUERY, { ids: [] })).result).toEqual({ purchasableVariants: [] });
  });

  test('takes 100 ids, and no more', async () => {
    const ids = Array.from({ length: 101 }, newId);
    expect((await products.askAsCart(QUERY, { ids: ids.slice(1) })).result).toEqual({ purchasableVariants: [] });
    const { result, errors } = await products.askAsCart(QUERY, { ids });
    expect([result, errors[0]?.extensions?.code]).toEqual([null, 'TOO_MANY_IDS']);
  });

  test('is not for who comes through the router, whoever that is', async () => {
    for (const caller of [ANONYMOUS, shopper('s'), merchandiser]) {
      const { result, errors } = await products.router.ask(QUERY, { ids: [newId()] }, caller);
      expect([result, errors[0]?.extensions?.code]).toEqual([null, 'FORBIDDEN']);
    }
  });
});

test('the clients’ operations that products alone answers run as they are written', async () => {
  const { product, variant } = await makeOnSale(products, 3);
  const run = (client: 'console' | 'partner', operationName: string, variables: Record<string, unknown>) =>
    products.router.ask<Record<string, unknown>>(
      operationAlone(readOperations(client), operationName),
      variables,
      merchandiser,
    );
  for (const [client, name, variables] of [
    ['console', 'StaffProducts', { first: 2 }],
    ['console', 'UpdateProduct', { input: { productId: product.id, title: 'Renamed' } }],
    ['console', 'RepriceVariant', { input: { variantId: variant.id, price: { amountMinor: 5, currency: 'EUR' } } }],
    ['console', 'AdjustStock', { input: { variantId: variant.id, delta: 1, reason: 'x', idempotencyKey: newId() } }],
    ['console', 'WithdrawProduct', { input: { productId: product.id } }],
    ['console', 'PublishProduct', { input: { productId: product.id } }],
    ['partner', 'PartnerCatalog', { updatedSince: '2026-01-01T00:00:00Z' }],
    ['partner', 'PartnerStock', { skus: [variant.sku] }],
  ] as const) {
    expect([name, (await run(client, name, variables)).errors]).toEqual([name, []]);
  }
});

/** One operation with the fragments of its document: a subgraph's server would refuse those that others answer. */
function operationAlone(document: string, name: string): string {
  const blocks = document.split(/\n(?=query |mutation |subscription |fragment )/);
  const operation = blocks.find((block) => new RegExp(`^(query|mutation) ${name}\\b`).test(block)) ?? '';
  const fragments = blocks.filter((block) => {
    const fragment = /^fragment (\w+)/.exec(block)?.[1];
    return fragment !== undefined && operation.includes(`...${fragment}`);
  });
  return [operation, ...fragments].join('\n').replace(/^#.*$/gm, '');
}
