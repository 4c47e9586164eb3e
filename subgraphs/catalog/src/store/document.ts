import type { PendingEvent } from '@ebuy/events';
import type { AuditedDocument } from '@ebuy/runtime';
import { type Connection, type Model, Schema } from 'mongoose';
import type { CatalogProduct, Shown, Sources } from '../domain/catalog-product.ts';
import type { Collection } from '../domain/collection.ts';

export const PRODUCTS = 'products';
export const COLLECTIONS = 'collections';

/** A product as it is kept: one document, changed by one write at a time. */
export interface ProductDocument {
  /** The product's id. */
  _id: string;
  /** Raised by every write: what writers compare. */
  revision: number;
  /** Raised whenever `shown` changes; what neighbours compare. 0 for a stub. */
  version: number;
  /** Everything that is shown; absent in a stub, which no reader sees. */
  shown?: Shown;
  sources: Sources;
  sortedInto: readonly string[];
  /** Those of `shown.variants`, to be found by; absent in a stub, so that the unique index passes it over. */
  variantIds?: readonly string[];
  /** ISO 8601: no event tells of it any more. */
  goneSince?: string;
  /** At most one: each carries the whole state, so that a newer one takes its place. */
  pendingEvents: PendingEvent[];
  pendingSince?: Date;
}

export interface CollectionDocument extends Omit<Collection, 'id'>, AuditedDocument {
  readonly _id: string;
  readonly pendingEvents: PendingEvent[];
  readonly pendingSince?: Date;
}

const text = { type: String, required: true } as const;
const number = { type: Number, required: true } as const;
const whole = { type: Schema.Types.Mixed } as const;
const part = { _id: false, id: false } as const;
const strictly = { versionKey: false, id: false, autoCreate: false, autoIndex: false, strict: 'throw' } as const;

const pendingSchema = new Schema({ id: text, topic: text, key: text, value: text }, part);

/** What is inside `shown` and `sources` was checked as an event when it came: it is kept as it is. */
const productSchema = new Schema<ProductDocument>(
  {
    _id: text,
    revision: number,
    version: number,
    shown: whole,
    sources: { ...whole, required: true },
    sortedInto: { type: [String], default: undefined },
    variantIds: { type: [String], default: undefined },
    goneSince: String,
    pendingEvents: { type: [pendingSchema], default: undefined },
    pendingSince: Date,
  },
  { ...strictly, strictQuery: false },
);

const collectionSchema = new Schema<CollectionDocument>(
  {
    _id: text,
    version: number,
    slug: text,
    title: text,
    description: String,
    productIds: { type: [String], default: undefined },
    rule: whole,
    createdAt: { type: Date, required: true },
    updatedAt: { type: Date, required: true },
    pendingEvents: { type: [pendingSchema], default: undefined },
    pendingSince: Date,
    pendingAudit: { type: [Schema.Types.Mixed], default: undefined },
    pendingAuditSince: Date,
  },
  { ...strictly, strictQuery: 'throw' },
);

export type ProductModel = Model<ProductDocument>;
export type CollectionModel = Model<CollectionDocument>;

export function productModel(connection: Connection): ProductModel {
  return connection.model<ProductDocument>('Product', productSchema, PRODUCTS);
}

export function collectionModel(connection: Connection): CollectionModel {
  return connection.model<CollectionDocument>('Collection', collectionSchema, COLLECTIONS);
}

/** Made one at a time: not every engine takes two at once. */
export async function createIndexes(products: ProductModel, collections: CollectionModel): Promise<void> {
  // A product's page is found by its slug, a cart line's by its variant. Neither ever moves to another product.
  await products.collection.createIndex({ 'shown.slug': 1 }, { unique: true, sparse: true });
  await products.collection.createIndex({ variantIds: 1 }, { unique: true, sparse: true });
  // A SKU may move, and be heard of in its new place first: not unique.
  await products.collection.createIndex({ 'shown.variants.sku': 1 });
  // The lists, each in its order.
  await products.collection.createIndex({ 'shown.status': 1, _id: -1 });
  await products.collection.createIndex({ 'shown.updatedAt': 1, _id: 1 });
  await products.collection.createIndex({ sortedInto: 1, 'shown.publishedAt': -1, _id: -1 });
  // For the relay, and for the sweep that lets go.
  await products.collection.createIndex({ pendingSince: 1 }, { sparse: true });
  await products.collection.createIndex({ goneSince: 1 }, { sparse: true });
  await collections.collection.createIndex({ slug: 1 }, { unique: true });
  await collections.collection.createIndex({ pendingSince: 1 }, { sparse: true });
}

/** Read without what waits for the relay. */
export function toCatalogProduct(document: Omit<ProductDocument, 'pendingEvents' | 'pendingSince'>): CatalogProduct {
  return {
    id: document._id,
    revision: document.revision,
    version: document.version,
    sources: document.sources,
    variantIds: document.variantIds ?? [],
    sortedInto: document.sortedInto,
    shown: document.shown ?? null,
    goneSince: document.goneSince ?? null,
  };
}

/** The fields of a document that are not the relay's. */
export function toFields({ revision, version, sources, variantIds, sortedInto, shown, goneSince }: CatalogProduct) {
  return {
    revision,
    version,
    sources,
    sortedInto,
    ...(shown === null ? {} : { shown, variantIds }),
    ...(goneSince === null ? {} : { goneSince }),
  };
}

/** What waits in a document, for the relay and for the audit. */
type PendingField = 'pendingEvents' | 'pendingSince' | 'pendingAudit' | 'pendingAuditSince';

export function toCollection(document: Omit<CollectionDocument, PendingField>): Collection {
  const { _id, description, rule, ...rest } = document;
  return { id: _id, ...rest, description: description ?? null, rule: rule ?? null };
}
