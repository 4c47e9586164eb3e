import { newId } from '@ebuy/kernel';
import { createLogger } from '@ebuy/runtime';
import { eventually } from '@ebuy/testing';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { countRating } from '../src/commands/count-rating.ts';
import { openStore } from '../src/store/index.ts';
import {
  moderator,
  neighboursOf,
  openShop,
  type PageSeen,
  peopleOf,
  type ReviewsShop,
  someone,
  TRACE,
} from './shop.ts';

let shop: ReviewsShop;
let people: ReturnType<typeof peopleOf>;
let neighbours: ReturnType<typeof neighboursOf>;

beforeAll(async () => {
  shop = await openShop();
  people = peopleOf(shop);
  neighbours = neighboursOf(shop);
});
afterAll(() => shop.close());

/** Published reviews, the latest first; some of the same millisecond. */
async function stock(productId: string, count: number): Promise<string[]> {
  const store = await openStore(shop.settings.mongodbUrl, createLogger('test', 'silent'), () => undefined);
  const ids: string[] = [];
  for (let index = 0; index < count; index += 1) {
    const [id, userId] = [newId(), crypto.randomUUID()];
    const createdAt = new Date(Date.UTC(2026, 0, 1) + Math.floor(index / 3));
    const shown = {
      id,
      productId,
      stars: 1 + (index % 5),
      title: `No. ${index}`,
      body: 'Words.',
      displayName: null,
      createdAt,
    };
    const rest = {
      verifiedPurchase: false,
      status: 'PUBLISHED',
      moderationReason: null,
      version: 1,
      orderId: null,
    } as const;
    await store.reviews.insert({ ...shown, ...rest, userId, slot: `user/${userId}/${productId}` }, [], createdAt);
    ids.unshift(id);
  }
  await countRating({ store, now: () => new Date() }, productId, TRACE);
  await store.close();
  return ids;
}

async function walk(
  page: (after: string | null) => Promise<PageSeen>,
  between: () => Promise<unknown> = async () => undefined,
) {
  const pages: PageSeen[] = [];
  for (let after: string | null = null, more = true; more; ) {
    const one: PageSeen = await page(after);
    pages.push(one);
    more = one.pageInfo.hasNextPage;
    after = one.pageInfo.endCursor;
    await between();
  }
  return pages;
}
const idsOf = (pages: readonly PageSeen[]) => pages.flatMap(({ nodes }) => nodes.map(({ id }) => id));

describe('a product’s reviews', () => {
  const stocked: { readonly productId: string; readonly count: number; readonly ids: readonly string[] }[] = [];
  beforeAll(async () => {
    for (const count of [0, 1, 10, 11, 23]) {
      const productId = newId();
      stocked.push({ productId, count, ids: await stock(productId, count) });
    }
  });

  test.each([1, 5, 9, 10, 11, 23, 100])('in pages of %d: each once, in order, however many', async (first) => {
    for (const { productId, count, ids } of stocked) {
      const pages = await walk((after) => people.page(productId, first, after));
      expect(idsOf(pages)).toEqual(ids);
      expect(pages).toHaveLength(Math.max(1, Math.ceil(count / first)));
      expect(pages.map(({ totalCount }) => totalCount)).toEqual(pages.map(() => count));
      expect(pages.map(({ pageInfo }) => pageInfo.hasPreviousPage)).toEqual(pages.map((_, index) => index > 0));
    }
  });

  test('while others are posted, rejected and published: none twice, none that was there all along left out', async () => {
    const productId = await neighbours.product();
    const ids = await stock(productId, 24);
    const [gone, stays] = [
      new Set(ids.filter((_, index) => index % 5 === 3)),
      ids.filter((_, index) => index % 5 !== 3),
    ];
    const leaving = [...gone];
    const between = async () => {
      const { review } = await people.post(someone(), productId);
      await people.moderate(review?.id ?? '', 'PUBLISHED');
      const next = leaving.shift();
      if (next !== undefined) await people.moderate(next, 'REJECTED');
    };
    const seen = idsOf(await walk((after) => people.page(productId, 4, after), between));
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen.filter((id) => stays.includes(id))).toEqual(stays);
  });

  test('are those of their own product, whatever the cursor', async () => {
    const [one, other] = [newId(), newId()];
    await stock(one, 4);
    const others = await stock(other, 4);
    const { pageInfo } = await people.page(one, 2);
    const page = await people.page(other, 100, pageInfo.endCursor);
    expect(idsOf([page]).every((id) => others.includes(id))).toBe(true);
  });

  test('of twenty products at once are one read', async () => {
    const products = await Promise.all(
      Array.from({ length: 20 }, async () => {
        const id = newId();
        await stock(id, 2);
        return id;
      }),
    );
    const { result } = await shop.ask<{ _entities: { reviews: { nodes: unknown[] } }[] }>(
      'query ($of: [_Any!]!) { _entities(representations: $of) { ... on Product { reviews(first: 5) { totalCount nodes { id } } } } }',
      { of: products.map((id) => ({ __typename: 'Product', id })) },
    );
    expect(result?._entities.map(({ reviews }) => reviews.nodes.length)).toEqual(products.map(() => 2));
  });
});

describe('staff’s list', () => {
  test('has every review, or those of a status, each once, while they come and change', async () => {
    const productId = await neighbours.product();
    const ids: string[] = [];
    for (let index = 0; index < 15; index += 1) {
      const { review } = await people.post(someone(), productId, { title: `No. ${index}` });
      ids.unshift(review?.id ?? '');
    }
    const moderated = [...ids];
    const between = async () => {
      await people.post(someone(), productId);
      await people.moderate(moderated.pop() ?? '', 'PUBLISHED');
    };
    const all = idsOf(await walk((after) => people.staffPage(4, after), between));
    expect(new Set(all).size).toBe(all.length);
    expect(all.filter((id) => ids.includes(id))).toEqual(ids);
    for (const status of ['PENDING', 'PUBLISHED', 'REJECTED'] as const) {
      const pages = await walk((after) => people.staffPage(7, after, status));
      const found = await shop.kept.reviews.find({ status }).sort({ createdAt: -1, _id: -1 }).toArray();
      expect(idsOf(pages)).toEqual(found.map(({ _id }) => _id));
      expect(pages[0]?.totalCount).toBe(found.length);
    }
  });
});

test.each([
  [{ first: 0 }, 'INVALID_PAGE_SIZE'],
  [{ first: -1 }, 'INVALID_PAGE_SIZE'],
  [{ first: 101 }, 'INVALID_PAGE_SIZE'],
  [{ first: 5, after: '' }, 'INVALID_CURSOR'],
  [{ first: 5, after: 'x'.repeat(10_000) }, 'INVALID_CURSOR'],
  [{ first: 5, after: Buffer.from('["product",1,{"$ne":null}]').toString('base64url') }, 'INVALID_CURSOR'],
])('%j is refused as %s, and its siblings are answered', async (page, code) => {
  const productId = newId();
  const { result, errors } = await shop.ask(
    `query ($of: [_Any!]!, $first: Int!, $after: String) {
      _entities(representations: $of) { ... on Product { id reviews(first: $first, after: $after) { totalCount } } }
      staffReviews(first: $first, after: $after) { totalCount } }`,
    { of: [{ __typename: 'Product', id: productId }], after: null, ...page },
    moderator,
  );
  expect(result).toEqual({ _entities: [{ id: productId, reviews: null }], staffReviews: null });
  expect(errors.map(({ extensions }) => extensions?.code)).toEqual([code, code]);
});

test('a total is counted only for who asks', async () => {
  const productId = newId();
  await stock(productId, 12);
  const staff = await shop.ask<{ staffReviews: object }>('{ staffReviews(first: 1) { nodes { id } } }', {}, moderator);
  expect(staff.result?.staffReviews).toEqual({ nodes: [{ id: expect.any(String) }] });
  // The rating says how many, and nobody needs it here: what it says does not matter.
  const { endCursor } = (await people.page(productId, 10)).pageInfo;
  await shop.kept.ratings.deleteOne({ _id: productId });
  const { nodes, totalCount } = await people.page(productId, 10, endCursor);
  expect([nodes.length, totalCount]).toEqual([2, 0]);
  await eventually(async () => expect(await shop.readyz()).toBe(200));
});
