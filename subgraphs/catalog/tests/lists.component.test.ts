import { newId } from '@ebuy/kernel';
import { eventually } from '@ebuy/testing';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type ProductState, product, productEvent, stockEvent } from './histories.ts';
import { openShop, type Shop } from './shop.ts';

let shop: Shop;
beforeAll(async () => {
  shop = await openShop();
});
afterAll(() => shop.close());

interface PageSeen {
  readonly totalCount: number;
  readonly nodes: readonly { readonly id: string; readonly withdrawnAt: string | null }[];
  readonly edges: readonly { readonly cursor: string; readonly node: { readonly id: string } }[];
  readonly pageInfo: {
    readonly hasNextPage: boolean;
    readonly hasPreviousPage: boolean;
    readonly startCursor: string | null;
    readonly endCursor: string | null;
  };
}

const LIST = `query ($first: Int!, $after: String, $updatedSince: DateTime) {
  products(first: $first, after: $after, updatedSince: $updatedSince) {
    totalCount nodes { id withdrawnAt } edges { cursor node { id } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }`;
const list = async (variables: { first: number; after?: string | null; updatedSince?: string }) =>
  (await shop.get<{ products: PageSeen }>(LIST, variables)).products;
const known = async (...states: readonly ProductState[]) => {
  await shop.tell(...states.map(productEvent));
  for (const { productId, version } of states) {
    await shop.sees(productId, ({ sources }) => expect(sources.product).toBe(version));
  }
};
const at = (minute: number) => `2026-11-10T10:${String(minute).padStart(2, '0')}:00.000Z`;

describe('products', () => {
  test('on sale, newest first, in pages without repeats or holes while products come, change and go', async () => {
    const states = Array.from({ length: 9 }, () => product());
    const draft = product({ status: 'DRAFT', publishedAt: null });
    await known(...states, draft);
    const expected = states.map(({ productId }) => productId).reverse();
    const seen: string[] = [];
    let page = await list({ first: 2 });
    expect(page.pageInfo).toMatchObject({ hasPreviousPage: false, startCursor: page.edges[0]?.cursor });
    for (;;) {
      seen.push(...page.nodes.map(({ id }) => id).filter((id) => expected.includes(id)));
      if (!page.pageInfo.hasNextPage) break;
      // A newer one, a sale, a new title, and the last one that was seen goes off sale.
      const last = states.find(({ productId }) => productId === page.nodes.at(-1)?.id)!;
      const first = states[0]!;
      await known(product(), { ...last, version: 2, status: 'WITHDRAWN', withdrawnAt: at(1) });
      await shop.tell(stockEvent(first.productId, first.variants[0]!.variantId, seen.length, seen.length));
      page = await list({ first: 2, after: page.pageInfo.endCursor });
      expect(page.pageInfo.hasPreviousPage).toBe(true);
    }
    expect(seen).toEqual(expected);
    expect(page.totalCount).toBe(await shop.products.countDocuments({ 'shown.status': 'PUBLISHED' }));
  });

  test('that have changed since, oldest change first, withdrawn ones too, drafts never; a sale is no change', async () => {
    const since = at(10);
    const before = product({ updatedAt: at(9) });
    const exactly = product({ updatedAt: at(10) });
    const [one, two] = [product({ updatedAt: at(12) }), product({ updatedAt: at(12) })];
    const withdrawn = product({ status: 'WITHDRAWN', updatedAt: at(11), withdrawnAt: at(11) });
    const draft = product({ status: 'DRAFT', publishedAt: null, updatedAt: at(12) });
    await known(before, one, exactly, two, withdrawn, draft);
    await shop.tell(stockEvent(before.productId, before.variants[0]!.variantId, 1, 5));
    await shop.sees(before.productId, ({ sources }) => expect(sources.stock).toHaveLength(1));
    const expected = [exactly, withdrawn, one, two].map(({ productId }) => productId);
    const whole = await list({ first: 100, updatedSince: since });
    expect(whole.nodes.map(({ id }) => id)).toEqual(expected);
    expect(whole.totalCount).toBe(4);
    expect(whole.nodes[1]?.withdrawnAt).toBe(at(11));
    // Any offset means the same moment.
    expect((await list({ first: 100, updatedSince: '2026-11-10T12:10:00+02:00' })).totalCount).toBe(4);
    const first = await list({ first: 3, updatedSince: since });
    // What changes behind the cursor comes again at its new place, after everything else.
    await known({ ...exactly, version: 2, updatedAt: at(20) });
    const second = await list({ first: 3, updatedSince: since, after: first.pageInfo.endCursor });
    expect([...first.nodes, ...second.nodes].map(({ id }) => id)).toEqual([...expected, exactly.productId]);
    expect(second.pageInfo.hasNextPage).toBe(false);
  });

  test('refuse cursors of other lists, of nobody and altered ones, and odd sizes', async () => {
    await known(product(), product());
    const code = async (variables: Record<string, unknown>) =>
      (await shop.ask(LIST, variables)).errors[0]?.extensions?.code;
    const published = (await list({ first: 1 })).pageInfo.endCursor!;
    const changes = (await list({ first: 1, updatedSince: at(0) })).pageInfo.endCursor!;
    const id = JSON.parse(Buffer.from(published, 'base64url').toString())[2] as string;
    const altered = Buffer.from(Buffer.from(published, 'base64url').toString().replace(id, newId())).toString(
      'base64url',
    );
    for (const after of ['', 'x', '$gt', '\u0000', altered, changes, `${published}A`, 'A'.repeat(10_000)]) {
      expect([after.slice(0, 20), await code({ first: 1, after })]).toEqual([after.slice(0, 20), 'INVALID_CURSOR']);
    }
    expect(await code({ first: 1, after: published, updatedSince: at(0) })).toBe('INVALID_CURSOR');
    for (const first of [0, -1, 101]) expect(await code({ first })).toBe('INVALID_PAGE_SIZE');
    expect(await code({ first: 1, updatedSince: 'yesterday' })).toBe('BAD_USER_INPUT');
  });
});

describe('hostile texts', () => {
  test.each([
    ['10,000 characters', 'x'.repeat(10_000)],
    ['a null byte', 'a\u0000b'],
    ['right to left', '\u202Eمصباح'],
    ['an operator', '$where'],
    ['JSON', '{"$gt":""}'],
    ['a prototype', '__proto__'],
    ['a pattern', '.*'],
    ['nothing', ''],
  ])('find nothing: %s', async (_, text) => {
    const query = `query ($text: String!, $id: ID!, $r: [_Any!]!) {
      product(slug: $text) { id } collection(slug: $text) { id } variantsBySku(skus: [$text]) { id }
      _entities(representations: $r) { ... on Product { id } ... on Variant { id } ... on Collection { id } } }`.replace(
      ', $id: ID!',
      '',
    );
    const r = ['Product', 'Variant', 'Collection'].map((__typename) => ({ __typename, id: text }));
    expect(await shop.get(query, { text, r })).toEqual({
      product: null,
      collection: null,
      variantsBySku: [],
      _entities: [null, null, null],
    });
  });

  test('operators instead of texts are refused', async () => {
    for (const slug of [{ $gt: '' }, ['a'], 1]) {
      const { result, errors } = await shop.ask('query ($slug: String!) { product(slug: $slug) { id } }', { slug });
      expect([result, errors[0]?.extensions?.code]).toEqual([null, 'BAD_USER_INPUT']);
    }
    const r = [{ __typename: 'Product', id: { $gt: '' } }];
    const { result } = await shop.ask(
      'query ($r: [_Any!]!) { _entities(representations: $r) { ... on Product { id } } }',
      { r },
    );
    expect((result as { _entities?: unknown[] } | null)?._entities ?? [null]).toEqual([null]);
  });

  test('in a product come back as they were', async () => {
    const title = '\u202Eمصباح 💡 <script>alert(1)</script> $where {"$gt":""}';
    const state = product({ title, tags: ['$or', '__proto__', 'a.b'], vendor: '$set' });
    await known(state);
    const query = 'query ($slug: String!) { product(slug: $slug) { title tags vendor } }';
    expect(await shop.get(query, { slug: state.slug })).toEqual({
      product: { title, tags: ['$or', '__proto__', 'a.b'], vendor: '$set' },
    });
  });
});

test('variants by SKU: each once, in the order asked for, of products on sale; at most a hundred', async () => {
  const [one, two] = [product(), product()];
  const draft = product({ status: 'DRAFT', publishedAt: null });
  await known(one, two, draft);
  const skus = [two, draft, one, two].map(({ variants }) => variants[0]!.sku);
  const query = 'query ($skus: [String!]!) { variantsBySku(skus: $skus) { sku product { id } } }';
  expect(await shop.get(query, { skus: [...skus, 'unknown'] })).toEqual({
    variantsBySku: [
      { sku: skus[0], product: { id: two.productId } },
      { sku: skus[2], product: { id: one.productId } },
    ],
  });
  const { errors } = await shop.ask(query, { skus: Array.from({ length: 101 }, (_, index) => `S${index}`) });
  expect(errors[0]?.extensions?.code).toBe('TOO_MANY_IDS');
});

test('a card is answered from a card, and has the same values as the whole', async () => {
  const state = product();
  await known(state);
  const card =
    'id slug title vendor availability priceRange { min { amountMinor } max { amountMinor } } featuredImage { url width } rating { average count }';
  const query = `query ($slug: String!) { product(slug: $slug) { ${card} images { url } } products(first: 1) { nodes { ${card} } edges { node { ...Card } } } }
    fragment Card on Product { ... on Product { ${card} } }`;
  const { product: whole, products } = await shop.get<{
    product: Record<string, unknown>;
    products: { nodes: object[]; edges: { node: object }[] };
  }>(query, { slug: state.slug });
  const { images, ...expected } = whole;
  expect(images).toHaveLength(2);
  expect([products.nodes[0], products.edges[0]?.node]).toEqual([expected, expected]);
  // More than a card has is read, too.
  const more = await shop.get(
    '{ products(first: 1) { nodes { id } edges { node { descriptionHtml variants { sku } } } } }',
  );
  expect(more).toMatchObject({
    products: { edges: [{ node: { descriptionHtml: state.descriptionHtml, variants: [{}] } }] },
  });
});

describe('related products', () => {
  const RELATED =
    'query ($slug: String!, $first: Int!) { product(slug: $slug) { related(first: $first) { id title availability } } }';
  const related = async ({ slug }: ProductState, first = 12) =>
    (await shop.get<{ product: { related: { id: string }[] } }>(RELATED, { slug, first })).product.related.map(
      ({ id }) => id,
    );

  test('are decided in the background and told, read in their order, and never off sale', async () => {
    const [tag, productType] = [`tag-${newId()}`, `type-${newId()}`];
    const lamp = product({ tags: [tag], productType, vendor: null });
    const close = product({ tags: [tag], productType, vendor: null });
    const far = product({ tags: [tag], productType: null, vendor: null });
    await known(lamp, far, close);
    await eventually(async () => expect(await related(lamp)).toEqual([close.productId, far.productId]));
    expect(await related(lamp, 1)).toEqual([close.productId]);
    await shop.sees(lamp.productId, ({ pendingSince }) => expect(pendingSince).toBeUndefined());
    // At once, long before relations are decided anew: the next one takes its place.
    await known({ ...close, version: 2, status: 'WITHDRAWN', withdrawnAt: at(1) });
    expect(await related(lamp, 1)).toEqual([far.productId]);
    await shop.sees(close.productId, ({ shown }) => expect(shown?.status).toBe('WITHDRAWN'));
    await eventually(async () => {
      const kept = await shop.products.findOne({ _id: close.productId });
      expect(kept?.shown?.relatedProductIds).toEqual([]);
    });
    const { errors } = await shop.ask(RELATED, { slug: lamp.slug, first: 13 });
    expect(errors[0]?.extensions?.code).toBe('INVALID_RELATED_SIZE');
  });
});
