// I9: state topics and who follows them. The newest version in a topic is the owner's, and no older one came after it.
import type { mongo } from 'mongoose';
import type pg from 'pg';
import { type Aggregate, type NewestState, readTopics } from '../books/topic-log.ts';
import type { Check, Violation } from '../contract.ts';
import type { Stores } from '../stores.ts';

type Versions = ReadonlyMap<string, number>;

export function statesWereTold(stores: Stores): Check {
  return {
    invariant: 'I9',
    claim: "every state topic ends with its owner's newest version of everything",
    counted: 'states',
    run: async (look) => {
      const { states } = await look.at(readTopics, stores);
      const owned = await readOwned(stores);
      const violations = owned.flatMap(({ aggregate, versions }) =>
        judgeStates(aggregate, versions, states.get(aggregate) ?? new Map()),
      );
      return { compared: owned.reduce((sum, { versions }) => sum + versions.size, 0), violations };
    },
  };
}

export function judgeStates(
  aggregate: Aggregate,
  owned: Versions,
  told: ReadonlyMap<string, NewestState>,
): Violation[] {
  const violations: Violation[] = [];
  const say = (id: string, field: string, expected: unknown, found: unknown) =>
    violations.push({ where: `${aggregate} ${id} in the ${aggregate} topic`, field, expected, found });
  for (const [id, version] of owned) {
    const newest = told.get(id);
    if (newest === undefined) say(id, '', `version ${version}`, null);
    else if (newest.version !== version) say(id, 'version', `${version}, which its owner has`, newest.version);
    else if (newest.highest > version) say(id, 'version', `${newest.highest} last: it was told before`, version);
  }
  for (const [id, { type, version }] of told) {
    // What was withdrawn may be gone.
    if (!owned.has(id) && !type.endsWith('.withdrawn'))
      say(id, '', 'an owner that has it', `${type}, version ${version}`);
  }
  return violations;
}

async function readOwned({ products, users, catalog, reviews }: Stores) {
  const rows = async (pool: pg.Pool, query: string): Promise<Versions> =>
    new Map((await pool.query<{ id: string; version: number }>(query)).rows.map(({ id, version }) => [id, version]));
  const documents = async (place: mongo.Collection<Versioned>, which: mongo.Filter<Versioned> = {}) => {
    const found = await place.find(which, { projection: { version: 1 } }).toArray();
    return new Map(found.map(({ _id, version }) => [_id, version]));
  };
  const owned: [Aggregate, Promise<Versions>][] = [
    ['product', rows(products, 'SELECT id, version FROM product')],
    ['stock', rows(products, 'SELECT variant_id AS id, version FROM stock')],
    ['user', rows(users, 'SELECT id, version FROM shop_user')],
    ['catalogProduct', documents(catalog.collection('products'), { version: { $gt: 0 } })],
    ['collection', documents(catalog.collection('collections'))],
    ['review', documents(reviews.collection('reviews'))],
    ['rating', documents(reviews.collection('ratings'), { version: { $gt: 0 } })],
  ];
  return Promise.all(owned.map(async ([aggregate, versions]) => ({ aggregate, versions: await versions })));
}

interface Versioned {
  readonly _id: string;
  readonly version: number;
}

interface CatalogDocument {
  readonly _id: string;
  readonly sources: {
    readonly product: number;
    readonly stock: readonly { readonly variantId: string; readonly version: number }[];
    readonly rating: { readonly version: number } | null;
  };
}

export function followersAreUpToDate(stores: Stores): Check {
  return {
    invariant: 'I9',
    claim:
      'catalog has heard the newest version of every product, stock and rating, and reviews of every product on sale',
    counted: 'versions',
    run: async () => {
      const owned = new Map((await readOwned(stores)).map(({ aggregate, versions }) => [aggregate, versions]));
      const { rows: drafts } = await stores.products.query<{ id: string }>(
        `SELECT id FROM product WHERE status = 'DRAFT'`,
      );
      const heard = await readHeard(stores);
      const known = new Map(owned.get('product'));
      // A draft is nothing to review.
      for (const { id } of drafts) known.delete(id);
      return compareHeard([
        { what: 'product', in: 'catalog', owned: owned.get('product'), heard: heard.products },
        { what: 'stock', in: 'catalog', owned: owned.get('stock'), heard: heard.stock },
        { what: 'rating', in: 'catalog', owned: owned.get('rating'), heard: heard.ratings },
        { what: 'product', in: 'reviews', owned: known, heard: heard.known },
      ]);
    },
  };
}

async function readHeard({ catalog, reviews }: Stores) {
  const documents = await catalog
    .collection<CatalogDocument>('products')
    .find({}, { projection: { 'sources.product': 1, 'sources.stock': 1, 'sources.rating': 1 } })
    .toArray();
  const known = await reviews
    .collection<Versioned>('products')
    .find({}, { projection: { version: 1 } })
    .toArray();
  return {
    products: new Map(documents.map(({ _id, sources }) => [_id, sources.product])),
    stock: new Map(
      documents.flatMap(({ sources }) => sources.stock.map(({ variantId, version }) => [variantId, version])),
    ),
    ratings: new Map(documents.map(({ _id, sources }) => [_id, sources.rating?.version ?? 0])),
    known: new Map(known.map(({ _id, version }) => [_id, version])),
  };
}

interface Comparison {
  readonly what: string;
  readonly in: string;
  readonly owned: Versions | undefined;
  readonly heard: Versions;
}

export function compareHeard(comparisons: readonly Comparison[]) {
  const violations = comparisons.flatMap(({ what, in: place, owned = new Map(), heard }) =>
    [...owned].flatMap(([id, version]): Violation[] => {
      const found = heard.get(id) ?? null;
      return found === version
        ? []
        : [{ where: `${what} ${id} in ${place}`, field: `version of ${what}`, expected: version, found }];
    }),
  );
  return { compared: comparisons.reduce((sum, { owned }) => sum + (owned?.size ?? 0), 0), violations };
}
