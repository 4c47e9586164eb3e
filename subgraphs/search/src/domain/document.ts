/** A product as the index keeps it, made from the catalog's document and nothing else: the same document always makes the same. */
import type { EventPayload } from '@ebuy/events';
import { RATING } from '../relevance/weights.ts';
import { type Card, cardOf } from './card.ts';
import { facetKey, tokenOf } from './facet-token.ts';
import { textOf } from './text-of-html.ts';

export type CatalogProduct = EventPayload<'catalogProduct.changed'>;

export const DEFAULT_CURRENCY = 'USD';
/** Raised when a field is added or made otherwise: documents of an older shape can only be made anew from the events. */
export const DOCUMENT_SHAPE = 1;
/** What of a description is searched and kept in the index: about ten pages. */
const MAX_DESCRIPTION_CHARACTERS = 30_000;
/** What OpenSearch takes as one keyword is 32,766 bytes; what a facet shows is far shorter. */
const MAX_FACET_CHARACTERS = 255;

export interface ProductDocument {
  readonly id: string;
  /** The catalog document's, which is the index document's external version too. */
  readonly version: number;
  readonly onSale: true;
  readonly title: string;
  readonly vendor: string | null;
  readonly productType: string | null;
  readonly tags: readonly string[];
  readonly collections: readonly string[];
  readonly optionValues: readonly string[];
  readonly description: string;
  /** As they are compared: without case and outer spaces. */
  readonly skus: readonly string[];
  /** For filters (`…Key`) and for facets (`…Facet`: what is compared and what is shown, in one; see facet-token.ts). */
  readonly vendorKey: string | null;
  readonly vendorFacet: string | null;
  readonly typeKey: string | null;
  readonly typeFacet: string | null;
  readonly collectionKeys: readonly string[];
  readonly collectionFacets: readonly string[];
  readonly optionKeys: readonly string[];
  readonly optionFacets: readonly string[];
  readonly availability: CatalogProduct['availability'];
  readonly inStock: boolean;
  /** Of the cheapest variant, in minor units of the shop's currency; null in another. */
  readonly priceMinor: number | null;
  readonly ratingAverage: number | null;
  /** {@link bayesianRating} */
  readonly ratingScore: number;
  readonly unitsSold: number;
  /** Milliseconds since 1970; 0 when nobody knows. */
  readonly publishedAt: number;
  readonly card: Card;
}

/**
 * What stays of a product that no shopper may find: its id and version. It is kept rather than deleted, because the engine forgets a
 * deleted document's version after a minute (index.gc_deletes), and an older event that came again then would bring it back.
 */
export interface HiddenDocument {
  readonly id: string;
  readonly version: number;
  readonly onSale: false;
}

export type IndexDocument = ProductDocument | HiddenDocument;

export function indexDocumentOf(product: CatalogProduct, currency = DEFAULT_CURRENCY): IndexDocument {
  const { productId: id, version, vendor, productType, collections, priceRange, rating } = product;
  if (product.status !== 'PUBLISHED') return { id, version, onSale: false };
  const options = optionsOf(product);
  return {
    id,
    version,
    onSale: true,
    title: product.title,
    vendor,
    productType,
    tags: product.tags,
    collections: collections.map(({ title }) => title),
    optionValues: [...new Set(options.map(({ value }) => value))],
    description: textOf(product.descriptionHtml).slice(0, MAX_DESCRIPTION_CHARACTERS),
    skus: [...new Set(product.variants.map(({ sku }) => facetKey(sku)))],
    vendorKey: keyOf(vendor),
    vendorFacet: facetOf(vendor),
    typeKey: keyOf(productType),
    typeFacet: facetOf(productType),
    collectionKeys: collections.map(({ slug }) => facetKey(slug)),
    collectionFacets: collections.map(({ slug, title }) => tokenOf([slug], cut(title))),
    optionKeys: options.map(({ key }) => key),
    optionFacets: options.map(({ name, value }) => tokenOf([name, value], name, value)),
    availability: product.availability,
    inStock: product.availability !== 'OUT_OF_STOCK',
    priceMinor: priceRange.min.currency === currency ? priceRange.min.amountMinor : null,
    ratingAverage: rating.average,
    ratingScore: bayesianRating(rating.histogram),
    unitsSold: product.unitsSold,
    publishedAt: product.publishedAt === null ? 0 : Date.parse(product.publishedAt),
    card: cardOf(product),
  };
}

/**
 * The mean of a product's stars as if it had some average ones beside its own: one review of five stars does not stand above
 * a hundred of 4.8. Rounded, so that it is the same number wherever it is computed.
 */
export function bayesianRating(histogram: readonly number[]): number {
  const count = histogram.reduce((sum, some) => sum + some, 0);
  const stars = histogram.reduce((sum, some, index) => sum + some * (index + 1), 0);
  const { priorReviews, priorStars } = RATING;
  return Math.round(((priorReviews * priorStars + stars) / (priorReviews + count)) * 10_000) / 10_000;
}

/** Each option and value that a variant has, once, whatever its case. */
function optionsOf({ variants }: CatalogProduct) {
  const found = new Map<string, { key: string; name: string; value: string }>();
  for (const { selectedOptions } of variants) {
    for (const option of selectedOptions) {
      const [name, value] = [cut(option.name), cut(option.value)];
      const key = facetKey(name, value);
      if (!found.has(key)) found.set(key, { key, name, value });
    }
  }
  return [...found.values()];
}

const cut = (text: string): string => text.slice(0, MAX_FACET_CHARACTERS).toWellFormed();
const keyOf = (text: string | null): string | null => (text === null ? null : facetKey(cut(text)));
const facetOf = (text: string | null): string | null => (text === null ? null : tokenOf([cut(text)], cut(text)));
