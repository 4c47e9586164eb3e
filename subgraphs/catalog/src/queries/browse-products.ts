import { isPrintable, isSlug } from '@ebuy/kernel';
import type { Shown } from '../domain/catalog-product.ts';
import { changesCursor, publishedCursor } from '../domain/cursor.ts';
import { refuseQuery } from '../refusals.ts';
import type { Extent, ProductReads } from '../store/product-reads.ts';
import type { VariantOfProduct } from './loaders.ts';
import { assertPageSize, type Page, pageOf } from './page.ts';

const MAX_SKUS = 100;

/** What a shopper finds under a slug: published products only. */
export async function productBySlug(reads: ProductReads, slug: string): Promise<Shown | null> {
  if (!isSlug(slug)) return null;
  const product = await reads.findBySlug(slug);
  return product?.status === 'PUBLISHED' ? product : null;
}

export interface BrowseProducts {
  readonly first: number;
  readonly after: string | null;
  /** ISO 8601, UTC, milliseconds. */
  readonly updatedSince: string | null;
  readonly extent: Extent;
}

export async function browseProducts(
  reads: ProductReads,
  { first, after, updatedSince, extent }: BrowseProducts,
): Promise<Page<Shown>> {
  assertPageSize(first);
  const hasPreviousPage = after !== null;
  if (updatedSince === null) {
    const place = after === null ? null : publishedCursor.read(after).id;
    return pageOf(await reads.listPublished(place, first + 1, extent), first, {
      hasPreviousPage,
      cursorOf: ({ productId }) => publishedCursor.of({ id: productId }),
      count: () => reads.countPublished(),
    });
  }
  const place = after === null ? null : changesCursor.read(after);
  return pageOf(await reads.listChanged(updatedSince, place, first + 1, extent), first, {
    hasPreviousPage,
    cursorOf: ({ productId, updatedAt }) => changesCursor.of({ at: updatedAt, id: productId }),
    count: () => reads.countChanged(updatedSince),
  });
}

/** A SKU that has moved may stand in two products until both have been heard of: the one that changed last has it. */
export async function variantsBySku(reads: ProductReads, skus: readonly string[]): Promise<VariantOfProduct[]> {
  if (skus.length > MAX_SKUS) refuseQuery('TOO_MANY_IDS');
  const asked = [...new Set(skus)].filter((sku) => isPrintable(sku));
  if (asked.length === 0) return [];
  const holders = new Map<string, VariantOfProduct>();
  for (const product of await reads.findBySkus(asked)) {
    for (const variant of product.variants) {
      if (!holders.has(variant.sku)) holders.set(variant.sku, { product, variant });
    }
  }
  return asked.flatMap((sku) => {
    const found = holders.get(sku);
    return found?.product.status === 'PUBLISHED' ? [found] : [];
  });
}
