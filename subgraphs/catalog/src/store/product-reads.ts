/** What readers see: `shown`, the whole of it or what a card needs; never a stub, never what waits for the relay. */
import { faulting } from '@ebuy/runtime';
import type { mongo } from 'mongoose';
import type { Shown } from '../domain/catalog-product.ts';
import type { PlaceByTime } from '../domain/cursor.ts';
import type { ProductDocument, ProductModel } from './document.ts';

/** The whole product, or the fields of a card: the rest of those is absent, and nobody asked for it. */
export type Extent = 'whole' | 'card';

const CARD_FIELDS = [
  'productId',
  'status',
  'slug',
  'title',
  'vendor',
  'productType',
  'tags',
  'availability',
  'priceRange',
  'rating',
  'collections',
  'createdAt',
  'updatedAt',
  'publishedAt',
  'withdrawnAt',
] as const;
const PROJECTIONS: Readonly<Record<Extent, mongo.Document>> = {
  whole: { _id: 0, shown: 1 },
  card: {
    _id: 0,
    ...Object.fromEntries(CARD_FIELDS.map((name) => [`shown.${name}`, 1])),
    'shown.images': { $slice: 1 },
  },
};

export interface ProductReads {
  findMany(ids: readonly string[], extent: Extent): Promise<Shown[]>;
  /** The products of these variants. */
  findByVariants(variantIds: readonly string[]): Promise<Shown[]>;
  findBySlug(slug: string): Promise<Shown | null>;
  /** Those that have a variant with one of these SKUs, those that changed last first. */
  findBySkus(skus: readonly string[]): Promise<Shown[]>;
  /** On sale, by descending id. */
  listPublished(after: string | null, limit: number, extent: Extent): Promise<Shown[]>;
  countPublished(): Promise<number>;
  /** Ever on sale and changed since, by time and id. */
  listChanged(since: string, after: PlaceByTime | null, limit: number, extent: Extent): Promise<Shown[]>;
  countChanged(since: string): Promise<number>;
  /** Sorted into this collection and on sale, the newest published first. */
  listSorted(collectionId: string, after: PlaceByTime | null, limit: number, extent: Extent): Promise<Shown[]>;
  countSorted(collectionId: string): Promise<number>;
  countOnSale(ids: readonly string[]): Promise<number>;
  /** Which of these the catalog knows. */
  known(ids: readonly string[]): Promise<Set<string>>;
}

type Filter = mongo.Filter<ProductDocument>;

const ON_SALE = { 'shown.status': 'PUBLISHED' };
const changedSince = (since: string) => ({
  'shown.publishedAt': { $exists: true, $ne: null },
  'shown.updatedAt': { $gte: since },
});

export function productReads({ collection }: ProductModel): ProductReads {
  // The driver's own, as in the writes.
  const documents = collection as unknown as mongo.Collection<ProductDocument>;
  const find = (filter: object, extent: Extent, sort?: mongo.Sort, limit?: number): Promise<Shown[]> =>
    faulting(async () => {
      const cursor = documents.find({ ...filter, shown: { $exists: true } } as Filter, {
        projection: PROJECTIONS[extent],
      });
      if (sort !== undefined) cursor.sort(sort);
      if (limit !== undefined) cursor.limit(limit);
      return (await cursor.toArray()).flatMap(({ shown }) => shown ?? []);
    });
  const count = (filter: object) => faulting(() => documents.countDocuments(filter as Filter));
  const byTime = { 'shown.updatedAt': 1, _id: 1 } as const;
  const newest = { 'shown.publishedAt': -1, _id: -1 } as const;
  return {
    findMany: (ids, extent) => find({ _id: { $in: [...ids] } }, extent),
    findByVariants: (ids) => find({ variantIds: { $in: [...ids] } }, 'whole'),
    findBySlug: (slug) =>
      faulting(async () => {
        const found = await documents.findOne({ 'shown.slug': slug } as Filter, { projection: PROJECTIONS.whole });
        return found?.shown ?? null;
      }),
    findBySkus: (skus) =>
      find({ 'shown.variants.sku': { $in: [...skus] } }, 'whole', { 'shown.updatedAt': -1, _id: -1 }),
    listPublished: (after, limit, extent) =>
      find({ ...ON_SALE, ...(after === null ? {} : { _id: { $lt: after } }) }, extent, { _id: -1 }, limit),
    countPublished: () => count(ON_SALE),
    listChanged: (since, after, limit, extent) => {
      const beyond = after === null ? {} : beyondTime('shown.updatedAt', '$gt', after);
      return find({ ...changedSince(since), ...beyond }, extent, byTime, limit);
    },
    countChanged: (since) => count(changedSince(since)),
    listSorted: (collectionId, after, limit, extent) => {
      const beyond = after === null ? {} : beyondTime('shown.publishedAt', '$lt', after);
      return find({ sortedInto: collectionId, ...ON_SALE, ...beyond }, extent, newest, limit);
    },
    countSorted: (collectionId) => count({ sortedInto: collectionId, ...ON_SALE }),
    countOnSale: (ids) => count({ _id: { $in: [...ids] }, ...ON_SALE }),
    known: (ids) =>
      faulting(async () => {
        const filter = { _id: { $in: [...ids] }, shown: { $exists: true } } as Filter;
        const found = await documents.find(filter, { projection: { _id: 1 } }).toArray();
        return new Set(found.map(({ _id }) => _id));
      }),
  };
}

function beyondTime(field: string, operator: '$gt' | '$lt', { at, id }: PlaceByTime): object {
  return { $or: [{ [field]: { [operator]: at } }, { [field]: at, _id: { [operator]: id } }] };
}
