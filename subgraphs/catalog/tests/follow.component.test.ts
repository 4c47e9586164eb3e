import { type DomainEvent, TOPICS } from '@ebuy/events';
import { newId } from '@ebuy/kernel';
import { eventually } from '@ebuy/testing';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { payloadOf } from '../src/domain/event.ts';
import { history, product, productEvent, ratingEvent, stockEvent, variant } from './histories.ts';
import { openShop, type Shop } from './shop.ts';

let shop: Shop;
let told: { readonly events: readonly DomainEvent[] };
beforeAll(async () => {
  shop = await openShop();
  told = await shop.kafka.watch(TOPICS.catalogProduct);
});
afterAll(() => shop.close());

/** Shares nothing with any other product, so that it changes only when it is told of: what is related changes in the background. */
const ALONE = { tags: [], vendor: null, productType: null };
const toldOf = (productId: string) => told.events.filter(({ subject }) => subject === productId);
const PAGE = `query ($slug: String!) { product(slug: $slug) { id title availability
  priceRange { min { amountMinor } max { amountMinor } } rating { average count distribution { stars count } }
  variants { id sku availableQuantity availability product { id } } featuredImage { url } images { url } } }`;

describe('what products and reviews tell', () => {
  test('becomes a page', async () => {
    const state = product({ variants: [variant({ amountMinor: 700 }), variant({ amountMinor: 1_900 })] });
    const [small, large] = [state.variants[0]!, state.variants[1]!];
    await shop.tell(
      productEvent(state),
      stockEvent(state.productId, small.variantId, 1, 3),
      stockEvent(state.productId, large.variantId, 1, 0),
      ratingEvent(state.productId, 1, [1, 0, 0, 1, 1]),
    );
    await eventually(async () => {
      const { product: page } = await shop.get<{ product: unknown }>(PAGE, { slug: state.slug });
      expect(page).toEqual({
        id: state.productId,
        title: 'A lamp',
        availability: 'LOW_STOCK',
        priceRange: { min: { amountMinor: 700 }, max: { amountMinor: 1_900 } },
        rating: {
          average: 3.33,
          count: 3,
          distribution: [1, 0, 0, 1, 1].map((count, at) => ({ stars: at + 1, count })),
        },
        variants: [
          {
            ...expectVariant(small.variantId),
            availableQuantity: 3,
            availability: 'LOW_STOCK',
            product: { id: state.productId },
          },
          {
            ...expectVariant(large.variantId),
            availableQuantity: 0,
            availability: 'OUT_OF_STOCK',
            product: { id: state.productId },
          },
        ],
        featuredImage: { url: '/pictures/one.webp' },
        images: [{ url: '/pictures/one.webp' }, { url: '/pictures/two.webp' }],
      });
    });
    // Products are related in the background, and told of again then.
    await eventually(async () => {
      const kept = await shop.sees(state.productId, ({ pendingSince }) => expect(pendingSince).toBeUndefined());
      expect(toldOf(state.productId).at(-1)?.payload).toEqual(payloadOf(kept));
    });
  });

  test('is told on with its causes', async () => {
    const event = productEvent(product());
    await shop.tell(event);
    await eventually(() =>
      expect(toldOf(event.subject)[0]).toMatchObject({
        type: 'catalogProduct.changed',
        source: 'ebuy/catalog',
        correlationId: event.correlationId,
        causationId: event.id,
      }),
    );
  });

  test('waits where no reader sees it until the product has come', async () => {
    const state = product();
    const [only] = state.variants;
    await shop.tell(
      ratingEvent(state.productId, 1, [0, 0, 0, 0, 2]),
      stockEvent(state.productId, only!.variantId, 1, 9),
    );
    await shop.sees(state.productId, ({ shown, version, sources }) => {
      expect([shown, version, sources.stock.length, sources.rating?.version]).toEqual([undefined, 0, 1, 1]);
    });
    const query = `query ($r: [_Any!]!) { _entities(representations: $r) { __typename ... on Product { title } ... on Variant { sku } } }`;
    const r = [
      { __typename: 'Product', id: state.productId },
      { __typename: 'Variant', id: only!.variantId },
    ];
    expect(await shop.get(query, { r })).toEqual({ _entities: [null, null] });
    expect(toldOf(state.productId)).toEqual([]);
    await shop.tell(productEvent(state));
    await shop.sees(state.productId, ({ shown }) => {
      expect(shown).toMatchObject({ availability: 'IN_STOCK', rating: { average: 5, count: 2 } });
    });
    expect(await shop.get(query, { r })).toMatchObject({ _entities: [{ title: 'A lamp' }, { sku: only!.sku }] });
  });

  test('a draft and a withdrawn product are found by id and not by slug, and told as withdrawn', async () => {
    const state = product({ status: 'DRAFT', publishedAt: null, ...ALONE });
    const query = `query ($slug: String!, $r: [_Any!]!) { product(slug: $slug) { id } _entities(representations: $r) { ... on Product { id withdrawnAt } } }`;
    const variables = { slug: state.slug, r: [{ __typename: 'Product', id: state.productId }] };
    const found = async () => {
      const { product: bySlug, _entities: byId } = await shop.get<{ product: object | null; _entities: object[] }>(
        query,
        variables,
      );
      return [bySlug !== null, byId[0] !== null];
    };
    await shop.tell(productEvent(state));
    await eventually(async () => expect(await found()).toEqual([false, true]));
    await shop.tell(productEvent({ ...state, version: 2, status: 'PUBLISHED', publishedAt: state.createdAt }));
    await eventually(async () => expect(await found()).toEqual([true, true]));
    await shop.tell(productEvent({ ...state, version: 3, status: 'WITHDRAWN', withdrawnAt: state.createdAt }));
    await eventually(async () => expect(await found()).toEqual([false, true]));
    await eventually(() =>
      expect(toldOf(state.productId).map(({ type }) => type)).toEqual([
        'catalogProduct.withdrawn',
        'catalogProduct.changed',
        'catalogProduct.withdrawn',
      ]),
    );
  });

  test('changes nothing, and is not told, when nothing that is shown has changed', async () => {
    const state = product(ALONE);
    const { variantId } = state.variants[0]!;
    const levels = stockEvent(state.productId, variantId, 1, 4);
    await shop.tell(productEvent(state), levels);
    const before = await shop.sees(state.productId, ({ shown, pendingSince }) => {
      expect([shown?.variants[0]?.availableQuantity, pendingSince]).toEqual([4, undefined]);
    });
    // The same event again, an old one, and a new one with the same number of available units.
    const reserved = stockEvent(state.productId, variantId, 2, 4);
    await shop.tell(productEvent(state), levels, stockEvent(state.productId, variantId, 1, 100), reserved);
    const after = await shop.sees(state.productId, ({ sources }) => expect(sources.stock[0]?.version).toBe(2));
    expect([after.version, after.shown, after.pendingEvents]).toEqual([before.version, before.shown, []]);
    expect(toldOf(state.productId).at(-1)?.payload).toMatchObject({ version: before.version });
  });

  test('gives the same document in any order, twice, and after the withdrawal', async () => {
    const histories = Array.from({ length: 8 }, () => history());
    const shuffled = fc.sample(fc.shuffledSubarray(histories.flat(), { minLength: histories.flat().length }), 1)[0]!;
    await shop.tell(...shuffled, ...shuffled.slice(0, 30));
    for (const events of histories) {
      await shop.sees(events[0]!.subject, ({ shown, sources }) => {
        expect(shown).toMatchObject({
          status: 'WITHDRAWN',
          title: 'A better lamp',
          unitsSold: 9,
          availability: 'IN_STOCK',
        });
        expect(shown?.rating).toEqual({ average: 3.67, count: 3, histogram: [1, 0, 0, 0, 2] });
        expect([sources.product, sources.rating?.version, sources.missed]).toEqual([4, 2, []]);
        expect(sources.stock.map(({ version }) => version).sort()).toEqual([2, 4]);
      });
    }
  });

  test('many sources that move one product at the same moment lose nothing', async () => {
    const variants = Array.from({ length: 12 }, () => variant());
    const state = product({ variants });
    const stock = variants.flatMap(({ variantId }) =>
      [1, 2, 3, 4].map((version) => stockEvent(state.productId, variantId, version, version, version)),
    );
    const ratings = [1, 2, 3, 4].map((version) => ratingEvent(state.productId, version, [0, 0, 0, 0, version]));
    await Promise.all([shop.tell(productEvent(state)), shop.tell(...stock), shop.tell(...ratings)]);
    const kept = await shop.sees(state.productId, ({ shown, sources }) => {
      expect(sources.stock.map(({ version }) => version)).toEqual(variants.map(() => 4));
      expect(shown).toMatchObject({ unitsSold: 48, rating: { count: 4 } });
    });
    await eventually(async () => {
      const { version } = (await shop.products.findOne({ _id: state.productId }))!;
      expect(version).toBeGreaterThanOrEqual(kept.version);
      expect(toldOf(state.productId).at(-1)?.payload).toMatchObject({ version });
    });
    const versions = toldOf(state.productId).map(({ payload }) => (payload as { version: number }).version);
    expect(versions).toEqual([...versions].sort((one, other) => one - other));
  });
});

test('versions that were passed over are counted, kept, and told no more when they come after all', async () => {
  const state = product({ version: 5 });
  const { productId } = state;
  const { variantId } = state.variants[0]!;
  const counted = async () => {
    const metrics = await (await fetch(`http://127.0.0.1:${shop.adminPort()}/metrics`)).text();
    return ['product', 'stock'].map((source) =>
      Number(
        new RegExp(`^ebuy_catalog_version_gaps_total\\{source="${source}".*\\} (\\d+)`, 'm').exec(metrics)?.[1] ?? 0,
      ),
    ) as [number, number];
  };
  await shop.tell(productEvent(state), stockEvent(productId, variantId, 2, 1));
  const [products, stock] = await counted();
  await shop.tell(productEvent({ ...state, version: 9 }), stockEvent(productId, variantId, 4, 2));
  await shop.sees(productId, ({ sources }) => {
    expect(sources.missed).toHaveLength(2);
    expect(sources.missed).toEqual(
      expect.arrayContaining([
        { source: 'product', from: 6, to: 8 },
        { source: `stock/${variantId}`, from: 3, to: 3 },
      ]),
    );
  });
  await eventually(async () => expect(await counted()).toEqual([products + 3, stock + 1]));
  await shop.tell(productEvent({ ...state, version: 7 }), stockEvent(productId, variantId, 3, 50));
  await shop.sees(productId, ({ sources }) => {
    expect(sources.missed).toEqual([
      { source: 'product', from: 6, to: 6 },
      { source: 'product', from: 8, to: 8 },
    ]);
  });
});

test('a slug that is another product’s is put aside, and the partition moves on', async () => {
  const [first, thief] = [product(), product()];
  await shop.tell(productEvent(first));
  await shop.sees(first.productId, ({ shown }) => expect(shown).toBeDefined());
  await shop.tell(productEvent({ ...thief, slug: first.slug }));
  const others = Array.from({ length: 12 }, () => product());
  await shop.tell(...others.map(productEvent));
  for (const { productId } of others) await shop.sees(productId, ({ shown }) => expect(shown).toBeDefined());
  await eventually(async () => {
    expect(await shop.products.findOne({ _id: thief.productId })).toBeNull();
    const metrics = await (await fetch(`http://127.0.0.1:${shop.adminPort()}/metrics`)).text();
    expect(metrics).toMatch(
      /ebuy_events_settled_total\{consumer="catalog.follow-products",type="product.changed",outcome="buried"/,
    );
  });
});

test('a SKU moves between products although its new place is heard of first', async () => {
  const sku = `MOVED-${newId()}`;
  const from = product({ variants: [variant({ sku })], updatedAt: '2026-11-05T00:00:00.000Z' });
  const to = product({ variants: [variant({ sku })], updatedAt: '2026-11-06T00:00:00.000Z' });
  const holder = async () => {
    const query = 'query ($skus: [String!]!) { variantsBySku(skus: $skus) { product { id } } }';
    const { variantsBySku } = await shop.get<{ variantsBySku: { product: { id: string } }[] }>(query, {
      skus: [sku, sku],
    });
    return variantsBySku.map((one) => one.product.id);
  };
  await shop.tell(productEvent(from));
  await eventually(async () => expect(await holder()).toEqual([from.productId]));
  await shop.tell(productEvent(to));
  await eventually(async () => expect(await holder()).toEqual([to.productId]));
  await shop.tell(productEvent({ ...from, version: 2, variants: [variant()], updatedAt: '2026-11-05T12:00:00.000Z' }));
  await shop.sees(from.productId, ({ sources }) => expect(sources.product).toBe(2));
  expect(await holder()).toEqual([to.productId]);
});

function expectVariant(variantId: string) {
  return { id: variantId, sku: `SKU-${variantId}` };
}
