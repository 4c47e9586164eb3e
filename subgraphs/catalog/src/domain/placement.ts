import type { CatalogProduct, Shown } from './catalog-product.ts';
import type { Collection, CollectionRule } from './collection.ts';

/** A product shows so many of its collections, the first by title; it may stand in more. */
const MAX_SHOWN = 100;

/** A collection made ready to be compared with many products. */
export interface Shelf {
  readonly id: string;
  readonly slug: string;
  readonly title: string;
  readonly byHand: ReadonlySet<string>;
  readonly rule: CollectionRule | null;
}

/** What decides where a product belongs. */
export interface Placeable {
  readonly id: string;
  readonly collectionSlugs: readonly string[];
  readonly shown: Pick<Shown, 'tags' | 'productType' | 'vendor' | 'priceRange'>;
}

export interface Placement {
  readonly sortedInto: readonly string[];
  readonly collections: Shown['collections'];
}

export function shelfOf({ id, slug, title, productIds, rule }: Collection): Shelf {
  return {
    id,
    slug,
    title,
    byHand: new Set(productIds),
    rule: rule && {
      ...rule,
      tag: folded(rule.tag),
      productType: folded(rule.productType),
      vendor: folded(rule.vendor),
    },
  };
}

/** Where a product stands: by hand, because it names the collection, or by its rule; any one is enough. */
export function placementOf({ id, collectionSlugs, shown }: Placeable, shelves: Iterable<Shelf>): Placement {
  const named = new Set(collectionSlugs);
  const tags = new Set(shown.tags.map(folded));
  const [productType, vendor] = [folded(shown.productType), folded(shown.vendor)];
  const obeys = ({ tag, maxPrice, ...rule }: CollectionRule): boolean => {
    if (tag === null && rule.productType === null && rule.vendor === null && maxPrice === null) return false;
    const { min } = shown.priceRange;
    return (
      (tag === null || tags.has(tag)) &&
      (rule.productType === null || rule.productType === productType) &&
      (rule.vendor === null || rule.vendor === vendor) &&
      (maxPrice === null || (min.currency === maxPrice.currency && min.amountMinor <= maxPrice.amountMinor))
    );
  };
  const sortedInto: string[] = [];
  const collections: Shown['collections'] = [];
  for (const shelf of shelves) {
    const isByHand = shelf.byHand.has(id);
    if (!isByHand && !named.has(shelf.slug) && !(shelf.rule !== null && obeys(shelf.rule))) continue;
    if (!isByHand) sortedInto.push(shelf.id);
    collections.push({ collectionId: shelf.id, slug: shelf.slug, title: shelf.title });
  }
  return { sortedInto: sortedInto.sort(), collections: collections.sort(byTitle).slice(0, MAX_SHOWN) };
}

export function placed(product: CatalogProduct, shelves: Iterable<Shelf>): CatalogProduct {
  const { id, sources, shown, goneSince } = product;
  if (shown === null || goneSince !== null) return product;
  const { sortedInto, collections } = placementOf({ id, collectionSlugs: sources.collectionSlugs, shown }, shelves);
  return { ...product, sortedInto, shown: { ...shown, collections } };
}

/** Texts are the same in any case. */
function folded(text: string): string;
function folded(text: string | null): string | null;
function folded(text: string | null): string | null {
  return text === null ? null : text.normalize('NFC').trim().toLowerCase();
}

/** By code units, which every machine orders alike. */
function byTitle(one: Shown['collections'][number], other: Shown['collections'][number]): number {
  if (one.title !== other.title) return one.title < other.title ? -1 : 1;
  return one.collectionId < other.collectionId ? -1 : 1;
}
