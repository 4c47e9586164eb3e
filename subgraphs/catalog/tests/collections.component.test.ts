import { type DomainEvent, TOPICS } from '@ebuy/events';
import { newId } from '@ebuy/kernel';
import { eventually } from '@ebuy/testing';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { product, productEvent, stockEvent, variant } from './histories.ts';
import { openShop, type Shop } from './shop.ts';

let shop: Shop;
let told: { readonly events: readonly DomainEvent[] };
beforeAll(async () => {
  shop = await openShop();
  told = await shop.kafka.watch(TOPICS.collection);
});
afterAll(() => shop.close());

const slug = (word: string) => `${word}-${newId()}`;
const membersOf = async (collectionId: string): Promise<string[]> => {
  const query = `query ($r: [_Any!]!) { _entities(representations: $r) { ... on Collection { products(first: 100) { nodes { id } } } } }`;
  const r = [{ __typename: 'Collection', id: collectionId }];
  const { _entities } = await shop.get<{ _entities: { products: { nodes: { id: string }[] } }[] }>(query, { r });
  return _entities[0]!.products.nodes.map(({ id }) => id);
};
/** A new product that is known already. */
const known = async (more: Parameters<typeof product>[0] = {}) => {
  const state = product(more);
  await shop.tell(productEvent(state));
  await shop.sees(state.productId, ({ shown }) => expect(shown).toBeDefined());
  return state;
};
const collectionsOf = async (productId: string): Promise<string[]> =>
  ((await shop.products.findOne({ _id: productId }))?.shown?.collections ?? []).map(({ collectionId }) => collectionId);

describe('members', () => {
  test('by hand, because they name it, or by rule, found when the collection is made after them', async () => {
    const tag = slug('Tag');
    const name = slug('named');
    const byHand = await known();
    const naming = await known({ collections: [name, 'nobody-has-this'] });
    const obeying = await known({ tags: ['other', tag.toUpperCase()] });
    const stranger = await known();
    const id = await shop.collection({
      slug: name,
      title: 'Three ways in',
      productIds: [byHand.productId],
      rule: { tag },
    });
    await eventually(async () => {
      const members = await membersOf(id);
      expect(members[0]).toBe(byHand.productId);
      expect(members.slice(1).sort()).toEqual([naming.productId, obeying.productId].sort());
    });
    expect(await collectionsOf(stranger.productId)).toEqual([]);
    await shop.sees(obeying.productId, ({ shown, sortedInto, pendingSince }) => {
      expect(shown?.collections).toEqual([{ collectionId: id, slug: name, title: 'Three ways in' }]);
      expect([sortedInto, pendingSince]).toEqual([[id], undefined]);
    });
    await eventually(() =>
      expect(told.events.filter(({ subject }) => subject === id).map(({ payload }) => payload)).toMatchObject([
        { collectionId: id, version: 1, slug: name, productIds: [byHand.productId], rule: { tag, vendor: null } },
      ]),
    );
  });

  test('and when it was made before them', async () => {
    const vendor = slug('vendor');
    const id = await shop.collection({ title: slug('Early'), rule: { vendor } });
    const state = product({ vendor });
    await shop.tell(productEvent(state));
    await eventually(async () => expect(await membersOf(id)).toEqual([state.productId]));
    // And leave when they do not obey any more.
    await shop.tell(productEvent({ ...state, version: 2, vendor: 'another' }));
    await eventually(async () => expect(await membersOf(id)).toEqual([]));
  });

  test('obey all of a rule: the cheapest variant within the price, in its currency', async () => {
    const productType = slug('type');
    const rule = { productType, maxPrice: { amountMinor: 1_000, currency: 'EUR' } };
    const id = await shop.collection({ title: slug('Cheap'), rule });
    const fits = product({ productType, variants: [variant({ amountMinor: 5_000 }), variant({ amountMinor: 1_000 })] });
    const dear = product({ productType, variants: [variant({ amountMinor: 1_001 })] });
    const foreign = product({ productType, variants: [variant({ amountMinor: 5, currency: 'JPY' })] });
    const otherType = product({ variants: [variant({ amountMinor: 1 })] });
    await shop.tell(...[fits, dear, foreign, otherType].map(productEvent));
    await eventually(async () => expect(await membersOf(id)).toEqual([fits.productId]));
    for (const { productId } of [dear, foreign, otherType]) {
      await shop.sees(productId, ({ shown }) => expect(shown?.collections).toEqual([]));
    }
  });

  test('follow what a collection becomes: its title in their documents, its rule in who they are', async () => {
    const [red, blue] = [slug('red'), slug('blue')];
    const [first, second] = [await known({ tags: [red] }), await known({ tags: [blue] })];
    const id = await shop.collection({ title: 'Before', rule: { tag: red } });
    await eventually(async () => expect(await membersOf(id)).toEqual([first.productId]));
    const { collection } = await shop.collect('updateCollection', {
      collectionId: id,
      title: 'After',
      rule: { tag: blue },
    });
    expect(collection?.version).toBe(2);
    await eventually(async () => expect(await membersOf(id)).toEqual([second.productId]));
    await shop.sees(second.productId, ({ shown }) => expect(shown?.collections).toMatchObject([{ title: 'After' }]));
    await shop.sees(first.productId, ({ shown }) => expect(shown?.collections).toEqual([]));
    await shop.collect('updateCollection', { collectionId: id, rule: null, productIds: [first.productId] });
    await eventually(async () => expect(await membersOf(id)).toEqual([first.productId]));
    await shop.sees(first.productId, ({ sortedInto }) => expect(sortedInto).toEqual([]));
  });

  test.each([11, 12])(
    'that change while the collection changes end where both say, once quiet (%i changes)',
    async (changes) => {
      const tags = [slug('a'), slug('b')];
      const id = await shop.collection({ title: slug('Moving'), rule: { tag: tags[0] } });
      const states = Array.from({ length: 10 }, () => product({ tags: [tags[0]!] }));
      let [ruled, last] = [0, 0];
      const moveProducts = async () => {
        for (let version = 1; version <= 8; version += 1) {
          last = version % 2;
          await shop.tell(...states.map((state) => productEvent({ ...state, version, tags: [tags[last]!] })));
        }
      };
      const moveCollection = async () => {
        for (let change = 1; change <= changes; change += 1) {
          ruled = change % 2;
          await shop.collect('updateCollection', { collectionId: id, rule: { tag: tags[ruled] } });
          await new Promise((resolve) => setTimeout(resolve, 30));
        }
      };
      await Promise.all([moveProducts(), moveCollection()]);
      const expected = ruled === last ? states.map(({ productId }) => productId).sort() : [];
      for (const { productId } of states) await shop.sees(productId, ({ sources }) => expect(sources.product).toBe(8));
      await eventually(async () => {
        for (const { productId } of states) {
          expect(await collectionsOf(productId)).toEqual(expected.includes(productId) ? [id] : []);
        }
        expect((await membersOf(id)).sort()).toEqual(expected);
      });
    },
  );

  test('come in pages without repeats or holes while they are sold, reprised and withdrawn', async () => {
    const tag = slug('paged');
    const byHand = await Promise.all(Array.from({ length: 4 }, () => known({ tags: [tag] })));
    const id = await shop.collection({
      title: slug('Paged'),
      productIds: byHand.map(({ productId }) => productId),
      rule: { tag },
    });
    const others = Array.from({ length: 9 }, (_, index) =>
      product({ tags: [tag], publishedAt: `2026-11-0${index + 1}T10:00:00.000Z` }),
    );
    await shop.tell(...others.map(productEvent));
    const all = [...byHand.map(({ productId }) => productId), ...others.map(({ productId }) => productId).reverse()];
    await eventually(async () => expect(await membersOf(id)).toEqual(all));
    const query = `query ($r: [_Any!]!, $after: String) { _entities(representations: $r) { ... on Collection {
      products(first: 3, after: $after) { totalCount nodes { id } edges { cursor } pageInfo { hasNextPage hasPreviousPage endCursor } } } } }`;
    interface PageSeen {
      readonly totalCount: number;
      readonly nodes: { readonly id: string }[];
      readonly edges: { readonly cursor: string }[];
      readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string };
    }
    const seen: string[] = [];
    let after: string | null = null;
    for (let page = 0; page < 10; page += 1) {
      const r = [{ __typename: 'Collection', id }];
      const answer: { _entities: { products: PageSeen }[] } = await shop.get(query, { r, after });
      const { nodes, edges, pageInfo, totalCount }: PageSeen = answer._entities[0]!.products;
      expect(edges.at(-1)?.cursor).toBe(pageInfo.endCursor);
      seen.push(...nodes.map((node) => node.id));
      if (page === 0) expect(totalCount).toBe(13);
      if (!pageInfo.hasNextPage) break;
      after = pageInfo.endCursor;
      // Sold, and the last one seen goes off sale: nobody behind it is passed over.
      const gone = [...byHand, ...others].find(({ productId }) => productId === nodes.at(-1)?.id)!;
      await shop.tell(
        stockEvent(all[0]!, byHand[0]!.variants[0]!.variantId, page + 1, page),
        productEvent({ ...gone, version: 2, status: 'WITHDRAWN', withdrawnAt: gone.createdAt }),
      );
      await shop.sees(gone.productId, ({ shown }) => expect(shown?.status).toBe('WITHDRAWN'));
    }
    expect(seen).toEqual(all);
  });
});

describe('the list of collections', () => {
  test('goes in the order in which they were made, by stable cursors', async () => {
    const made: string[] = [];
    for (let count = 0; count < 5; count += 1) made.push(await shop.collection({ title: slug('Listed') }));
    const seen: string[] = [];
    let after: string | null = null;
    do {
      const page: {
        collections: {
          totalCount: number;
          nodes: { id: string }[];
          pageInfo: { hasNextPage: boolean; endCursor: string };
        };
      } = await shop.get(
        'query ($after: String) { collections(first: 2, after: $after) { totalCount nodes { id } pageInfo { hasNextPage endCursor } } }',
        { after },
      );
      expect(page.collections.totalCount).toBe(await shop.collections.countDocuments({}));
      seen.push(...page.collections.nodes.map(({ id }) => id));
      after = page.collections.pageInfo.hasNextPage ? page.collections.pageInfo.endCursor : null;
    } while (after !== null);
    expect(seen.slice(-5)).toEqual(made);
    expect(new Set(seen).size).toBe(seen.length);
  });

  test('has each under its slug, which a title gives and nobody else gets', async () => {
    const title = `Über ${newId()}`;
    const [one, two] = [
      await shop.collect('createCollection', { title }),
      await shop.collect('createCollection', { title }),
    ];
    const first = one.collection!.slug;
    expect(first).toMatch(/^uber-/);
    expect(two.collection!.slug).toBe(`${first}-2`);
    const found = await shop.get(
      'query ($slug: String!) { collection(slug: $slug) { id title description version } }',
      { slug: first },
    );
    expect(found).toEqual({ collection: { id: one.collection!.id, title, description: null, version: 1 } });
    expect(await shop.get('{ collection(slug: "$where") { id } }')).toEqual({ collection: null });
  });
});
