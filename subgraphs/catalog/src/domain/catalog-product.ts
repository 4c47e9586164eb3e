/**
 * What the catalog keeps of a product: what it shows of it, and how far it has heard each of the sources it is made from.
 *
 * Sources tell their whole state, in any order and more than once. The parts that come from one source depend on the newest of its
 * events alone, so what is shown once all have come does not depend on the order in which they came.
 */
import type { EventPayload } from '@ebuy/events';
import { availabilityOf, bestAvailability } from '@ebuy/kernel';
import { type MissedVersions, missedAfter } from './gaps.ts';
import { type Histogram, NO_STARS, ratingOf } from './rating.ts';

/** Everything that a page, a card or a neighbour is shown: the payload of `catalogProduct.*` without its version. */
export type Shown = Omit<EventPayload<'catalogProduct.changed'>, 'version'>;
export type ShownVariant = Shown['variants'][number];

export interface StockSource {
  readonly variantId: string;
  readonly version: number;
  readonly available: number;
  readonly sold: number;
}

export interface Sources {
  /** The version of the product's own state; 0 while none has come. */
  readonly product: number;
  /** Slugs of the collections that the product itself names, whether or not there are such collections. */
  readonly collectionSlugs: readonly string[];
  /** By variant id; also of variants that the product does not have (yet). */
  readonly stock: readonly StockSource[];
  /** Null while none has come. */
  readonly rating: { readonly version: number; readonly histogram: Histogram } | null;
  /** Of the product and of stock. */
  readonly missed: readonly MissedVersions[];
}

export interface CatalogProduct {
  readonly id: string;
  /** Raised by every write; 0 for what is not kept yet. What writers compare. */
  readonly revision: number;
  /** Raised whenever what is shown changes: a hybrid clock, so that it still rises after all was lost and rebuilt. 0: never shown. */
  readonly version: number;
  readonly sources: Sources;
  /** What it is found by: the ids of the variants shown. */
  readonly variantIds: readonly string[];
  /** Ids of the collections that it stands in by rule or because it names them: not those that it has a place in by hand. */
  readonly sortedInto: readonly string[];
  /** Null for a stub: its stock or its rating came before the product. No reader sees it. */
  readonly shown: Shown | null;
  /** ISO 8601: since when it is known that no event tells of it. It goes as soon as its withdrawal is sent. */
  readonly goneSince: string | null;
}

export const NO_SOURCES: Sources = { product: 0, collectionSlugs: [], stock: [], rating: null, missed: [] };

export function blankProduct(id: string): CatalogProduct {
  return {
    id,
    revision: 0,
    version: 0,
    sources: NO_SOURCES,
    variantIds: [],
    sortedInto: [],
    shown: null,
    goneSince: null,
  };
}

export function foldProduct(current: CatalogProduct, payload: EventPayload<'product.changed'>): CatalogProduct {
  const { version, collections, ...content } = payload;
  const missed = missedAfter(current.sources.missed, 'product', current.sources.product, version);
  if (version <= current.sources.product) return withMissed(current, missed);
  const sources = { ...current.sources, product: version, collectionSlugs: collections, missed };
  return { ...current, sources, shown: show(content, sources, current.shown), goneSince: null };
}

export function foldStock(current: CatalogProduct, payload: EventPayload<'stock.changed'>): CatalogProduct {
  const { variantId, version, available } = payload;
  const before = current.sources.stock.find((one) => one.variantId === variantId);
  const missed = missedAfter(current.sources.missed, `stock/${variantId}`, before?.version ?? 0, version);
  if (before !== undefined && version <= before.version) return withMissed(current, missed);
  const stock = [
    ...current.sources.stock.filter((one) => one.variantId !== variantId),
    { variantId, version, available, sold: payload.sold ?? before?.sold ?? 0 },
  ].sort((one, other) => (one.variantId < other.variantId ? -1 : 1));
  return shownAgain(current, { ...current.sources, stock, missed });
}

export function foldRating(current: CatalogProduct, payload: EventPayload<'rating.changed'>): CatalogProduct {
  const { version, histogram } = payload;
  if (version <= (current.sources.rating?.version ?? 0)) return current;
  return shownAgain(current, { ...current.sources, rating: { version, histogram } });
}

function withMissed(current: CatalogProduct, missed: readonly MissedVersions[]): CatalogProduct {
  return missed === current.sources.missed ? current : { ...current, sources: { ...current.sources, missed } };
}

function shownAgain(current: CatalogProduct, sources: Sources): CatalogProduct {
  return { ...current, sources, shown: current.shown && show(current.shown, sources, current.shown) };
}

type Content = Omit<EventPayload<'product.changed'>, 'version' | 'collections'>;

/** What the product says of itself, with what its stock and its rating say; its neighbours stay as they were decided last. */
function show(content: Content, sources: Sources, before: Shown | null): Shown {
  const levels = new Map(sources.stock.map((one) => [one.variantId, one]));
  const units = content.variants.map(({ variantId }) => levels.get(variantId)?.available ?? 0);
  return {
    productId: content.productId,
    status: content.status,
    slug: content.slug,
    title: content.title,
    descriptionHtml: content.descriptionHtml,
    vendor: content.vendor,
    productType: content.productType,
    tags: content.tags,
    options: content.options,
    images: content.images,
    // In one spelling: lists go by these as texts.
    createdAt: moment(content.createdAt),
    updatedAt: moment(content.updatedAt),
    publishedAt: content.publishedAt && moment(content.publishedAt),
    withdrawnAt: content.withdrawnAt && moment(content.withdrawnAt),
    collections: before?.collections ?? [],
    variants: content.variants.map(({ variantId, sku, title, selectedOptions, price, compareAtPrice }, index) => {
      const availableQuantity = units[index] ?? 0;
      const availability = availabilityOf(availableQuantity);
      return { variantId, sku, title, selectedOptions, price, compareAtPrice, availability, availableQuantity };
    }),
    availability: bestAvailability(units),
    priceRange: priceRangeOf(content.variants),
    rating: ratingOf(sources.rating?.histogram ?? NO_STARS),
    unitsSold: content.variants.reduce((sum, { variantId }) => sum + (levels.get(variantId)?.sold ?? 0), 0),
    relatedProductIds: before?.relatedProductIds ?? [],
  };
}

function moment(text: string): string {
  return new Date(text).toISOString();
}

function priceRangeOf(variants: Content['variants']): Shown['priceRange'] {
  const [first] = variants;
  if (first === undefined) throw new RangeError('A product without variants has no price');
  const range = { min: first.price, max: first.price };
  for (const { price } of variants) {
    if (price.amountMinor < range.min.amountMinor) range.min = price;
    if (price.amountMinor > range.max.amountMinor) range.max = price;
  }
  return range;
}
