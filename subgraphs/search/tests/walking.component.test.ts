import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { cursors } from '../src/queries/cursor.ts';
import {
  type CatalogProduct,
  idsOf,
  nextVersion,
  openStage,
  product,
  type Stage,
  titlesOf,
  windowOver,
} from './stage.ts';

const SORTS = ['RELEVANCE', 'PRICE_ASC', 'PRICE_DESC', 'NEWEST', 'RATING', 'BEST_SELLING'] as const;

let stage: Stage;
let all: CatalogProduct[];
beforeAll(async () => {
  stage = await openStage();
  // Much is equal, so that the last key has work to do.
  all = Array.from({ length: 60 }, (_, index) =>
    product({
      title: `Walking ${index % 3 === 0 ? 'Stick' : 'Stick Stand'}`,
      amountMinor: 1_000 * (index % 4),
      unitsSold: index % 5,
      stars: Array.from({ length: index % 3 }, () => 5),
      publishedAt: new Date(Date.UTC(2026, 0, 1 + (index % 6))).toISOString(),
    }),
  );
  await stage.fill(all);
});
afterAll(() => stage.close());

/** Page after page; `between` runs after each. */
async function walk(query: string, sort: string, between: () => Promise<unknown> = async () => undefined) {
  const seen: string[] = [];
  for (let after: string | null = null; ; ) {
    const page = await stage.search(query, { sort, first: 7, after });
    seen.push(...idsOf(page));
    expect(page.totalCount).toBe(60);
    expect(page.pageInfo.hasPreviousPage).toBe(after !== null);
    if (!page.pageInfo.hasNextPage) return seen;
    after = page.pageInfo.endCursor;
    await between();
  }
}

describe('walking through results', () => {
  test.each(SORTS)('by %s neither repeats nor misses one while documents change', async (sort) => {
    const expected = idsOf(await stage.search('walking stick', { sort, first: 100 }));
    expect(expected).toHaveLength(60);
    const changes = async () => {
      const some = all.slice(0, 12).map((one, index) => ({
        ...one,
        version: nextVersion(),
        unitsSold: Math.floor(Math.random() * 1_000),
        title: index % 2 === 0 ? 'Something Else' : 'Walking Stick Walking Stick',
        priceRange: { min: { amountMinor: index, currency: 'USD' }, max: { amountMinor: index, currency: 'USD' } },
        ...(index === 5 ? { status: 'WITHDRAWN' as const } : {}),
      }));
      await stage.fill([...some, product({ title: 'Walking Stick' })]);
    };
    let changed = 0;
    const seen = await walk('walking stick', sort, async () => {
      changed += 1;
      if (changed === 1) await changes();
    });
    expect(seen).toEqual(expected);
    const restored = all.map((one) => ({ ...one, version: nextVersion() }));
    await stage.fill(restored);
    const strays = await stage.search('walking stick', { first: 100 });
    const known = new Set(all.map(({ productId }) => productId));
    const extra = idsOf(strays).filter((id) => !known.has(id));
    await stage.fill(extra.map((productId) => product({ productId, status: 'WITHDRAWN' })));
  });

  test('sorts as it says, what is equal by id', async () => {
    const by = (compare: (a: CatalogProduct, b: CatalogProduct) => number) =>
      [...all].sort((a, b) => compare(a, b) || (a.productId < b.productId ? -1 : 1)).map(({ productId }) => productId);
    const price = (one: CatalogProduct) => one.priceRange.min.amountMinor;
    const ordered = async (sort: string) => idsOf(await stage.search('', { sort, first: 100 }));
    expect(await ordered('PRICE_ASC')).toEqual(by((a, b) => price(a) - price(b)));
    expect(await ordered('PRICE_DESC')).toEqual(by((a, b) => price(b) - price(a)));
    expect(await ordered('NEWEST')).toEqual(
      by((a, b) =>
        (a.publishedAt ?? '') < (b.publishedAt ?? '') ? 1 : (a.publishedAt ?? '') > (b.publishedAt ?? '') ? -1 : 0,
      ),
    );
    expect(await ordered('BEST_SELLING')).toEqual(by((a, b) => b.unitsSold - a.unitsSold));
    expect(await ordered('RATING')).toEqual(by((a, b) => b.rating.count - a.rating.count));
  });

  test('few reviews weigh less; another currency stands last by price, both ways, and no price filter finds it', async () => {
    const one = product({ title: 'Rated Alpha', stars: [5] });
    const many = product({
      title: 'Rated Beta',
      stars: Array.from({ length: 40 }, (_, index) => (index % 4 === 0 ? 4 : 5)),
    });
    const eur = { amountMinor: 1_500, currency: 'EUR' };
    const foreign = product({ title: 'Rated Gamma', priceRange: { min: eur, max: eur } });
    await stage.fill([one, many, foreign]);
    expect(titlesOf(await stage.search('rated', { sort: 'RATING' }))).toEqual([
      'Rated Beta',
      'Rated Alpha',
      'Rated Gamma',
    ]);
    expect(titlesOf(await stage.search('rated', { sort: 'PRICE_ASC' })).at(-1)).toBe('Rated Gamma');
    expect(titlesOf(await stage.search('rated', { sort: 'PRICE_DESC' })).at(-1)).toBe('Rated Gamma');
    const page = await stage.search('rated', { sort: 'PRICE_ASC', first: 2 });
    const rest = await stage.search('rated', { sort: 'PRICE_ASC', first: 2, after: page.pageInfo.endCursor });
    expect(titlesOf(rest)).toEqual(['Rated Gamma']);
    const priced = await stage.search('rated', { filters: [{ field: 'price', min: 0 }] });
    expect(titlesOf(priced).sort()).toEqual(['Rated Alpha', 'Rated Beta']);
  });

  test('what is sold out sinks a little and never vanishes', async () => {
    await stage.fill([
      product({ title: 'Tidal Clock', availability: 'OUT_OF_STOCK' }),
      product({ title: 'Tidal Clock' }),
      product({ title: 'Book of Clocks, Tides and Sundials', productType: 'Books' }),
    ]);
    const found = await stage.search('tidal clock');
    expect(found.edges.slice(0, 2).map(({ node }) => node.availability)).toEqual(['IN_STOCK', 'OUT_OF_STOCK']);
  });
});

describe('a cursor', () => {
  const pointOf = (cursor: string | null) =>
    (JSON.parse(Buffer.from((cursor ?? '').split('.')[0] ?? '', 'base64url').toString()) as string[])[2] as string;

  test('is refused for another query, filter or order, when forged, cut or foreign, and never a fault', async () => {
    const { pageInfo } = await stage.search('walking', { first: 3 });
    const after = pageInfo.endCursor as string;
    expect(await stage.refused('walking', { after })).toBeUndefined();
    expect(await stage.refused('stick', { after })).toBe('CURSOR_INVALID');
    expect(await stage.refused('walking', { after, sort: 'NEWEST' })).toBe('CURSOR_INVALID');
    expect(await stage.refused('walking', { after, filters: [{ field: 'vendor', values: ['x'] }] })).toBe(
      'CURSOR_INVALID',
    );
    const [body = '', signature = ''] = after.split('.');
    const forged = Buffer.from(Buffer.from(body, 'base64url').toString().replace('typed', 'meant')).toString(
      'base64url',
    );
    for (const wrong of [
      '',
      'x',
      '..',
      `${body}.`,
      `.${signature}`,
      `${forged}.${signature}`,
      after.slice(1),
      `${after}a`,
      '\u0000',
      'é'.repeat(5_000),
    ]) {
      expect([wrong.slice(0, 20), await stage.refused('walking', { after: wrong })]).toEqual([
        wrong.slice(0, 20),
        'CURSOR_INVALID',
      ]);
    }
  });

  test('goes on after this replica was started again, in the same point in time', async () => {
    const first = await stage.search('walking', { first: 30 });
    await stage.fill([product({ title: 'Walking Walking' })]);
    await stage.restart();
    const second = await stage.search('walking', { first: 40, after: first.pageInfo.endCursor });
    expect(first.totalCount).toBe(second.totalCount);
    expect(new Set([...idsOf(first), ...idsOf(second)]).size).toBe(first.totalCount);
  });

  test('that has ended says to start again', async () => {
    const { pageInfo } = await stage.search('walking', { first: 3 });
    await stage.opensearch.client.deletePit({ body: { pit_id: [pointOf(pageInfo.endCursor)] } });
    expect(await stage.refused('walking', { after: pageInfo.endCursor })).toBe('CURSOR_EXPIRED');
    // The shared one went with it: the next search opens another, as it must after the engine was started anew.
    expect((await stage.search('walking', { first: 3 })).edges).toHaveLength(3);
  });

  test('leads on for ten minutes, however often it is used: else walks would keep open every point that there is', async () => {
    const { pageInfo } = await stage.search('walking', { first: 3 });
    const body = Buffer.from((pageInfo.endCursor ?? '').split('.')[0] ?? '', 'base64url').toString();
    const [, question, point, , begunAt, after] = JSON.parse(body) as [
      number,
      string,
      string,
      string,
      number,
      string[],
    ];
    const { write } = cursors(stage.settings.identityVerifyKeys);
    const begunAgo = (ms: number) => write(question, { point, spelling: 'typed', begunAt: begunAt - ms, after });
    expect(await stage.refused('walking', { after: begunAgo(540_000) })).toBeUndefined();
    expect(await stage.refused('walking', { after: begunAgo(600_001) })).toBe('CURSOR_EXPIRED');
  });

  test('is of one point in time for all who search together', async () => {
    await windowOver();
    const pages = await Promise.all(Array.from({ length: 12 }, () => stage.search('walking', { first: 1 })));
    const points = pages.map(({ pageInfo }) => pointOf(pageInfo.endCursor));
    expect(new Set(points).size).toBeLessThanOrEqual(2);
  });
});
