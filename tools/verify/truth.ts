// What the catalog must show, worked out anew from the stores that own it: products (PostgreSQL), reviews and the collections.
// On purpose it shares no code with the read model that it judges.
import type { EventPayload } from '@ebuy/events';
import type pg from 'pg';

/** A product as the catalog must show it; its own version and what goes with it are the catalog's to say. */
export type ExpectedProduct = Omit<EventPayload<'catalogProduct.changed'>, 'version' | 'relatedProductIds'>;
type CollectionState = EventPayload<'collection.changed'>;

interface VariantRow {
  readonly id: string;
  readonly sku: string;
  readonly optionValues: readonly string[];
  readonly priceMinor: number;
  readonly compareAtMinor: number | null;
  readonly available: number;
  readonly sold: number;
}

interface ProductRow {
  readonly id: string;
  readonly status: 'DRAFT' | 'PUBLISHED' | 'WITHDRAWN';
  readonly slug: string;
  readonly title: string;
  readonly descriptionHtml: string;
  readonly vendor: string | null;
  readonly productType: string | null;
  readonly tags: string[];
  readonly collections: string[];
  readonly currency: string;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly publishedAt: Date | null;
  readonly withdrawnAt: Date | null;
  readonly options: { name: string; values: string[] }[];
  readonly images: { url: string; altText: string | null; width: number | null; height: number | null }[];
  readonly variants: readonly VariantRow[];
}

const PRODUCTS = `
  SELECT p.id, p.status, p.slug, p.title, p.description_html AS "descriptionHtml", p.vendor, p.product_type AS "productType",
    p.tags, p.collections, p.currency, p.created_at AS "createdAt", p.updated_at AS "updatedAt",
    p.published_at AS "publishedAt", p.withdrawn_at AS "withdrawnAt",
    (SELECT coalesce(json_agg(json_build_object('name', o.name, 'values', o.values) ORDER BY o.position), '[]')
       FROM product_option o WHERE o.product_id = p.id) AS options,
    (SELECT coalesce(json_agg(json_build_object('url', i.url, 'altText', i.alt_text, 'width', i.width, 'height', i.height)
                              ORDER BY i.position), '[]') FROM product_image i WHERE i.product_id = p.id) AS images,
    (SELECT json_agg(json_build_object('id', v.id, 'sku', v.sku, 'optionValues', v.option_values, 'priceMinor', v.price_minor,
                       'compareAtMinor', v.compare_at_minor, 'available', s.on_hand - s.reserved, 'sold', s.sold)
                     ORDER BY v.position)
       FROM variant v JOIN stock s ON s.variant_id = v.id WHERE v.product_id = p.id) AS variants
    FROM product p`;

/**
 * @param histograms published reviews by product and stars, from the reviews themselves
 * @param collections every collection, as it is kept
 */
export async function readTruth(
  products: pg.Pool,
  histograms: ReadonlyMap<string, readonly number[]>,
  collections: readonly CollectionState[],
): Promise<Map<string, ExpectedProduct>> {
  const { rows } = await products.query<ProductRow>(PRODUCTS);
  return new Map(rows.map((row) => [row.id, expectedOf(row, histograms.get(row.id) ?? [0, 0, 0, 0, 0], collections)]));
}

function expectedOf(
  row: ProductRow,
  histogram: readonly number[],
  collections: readonly CollectionState[],
): ExpectedProduct {
  const money = (amountMinor: number) => ({ amountMinor, currency: row.currency });
  const prices = row.variants.map(({ priceMinor }) => priceMinor);
  return {
    productId: row.id,
    status: row.status,
    slug: row.slug,
    title: row.title,
    descriptionHtml: row.descriptionHtml,
    vendor: row.vendor,
    productType: row.productType,
    tags: row.tags,
    options: row.options,
    images: row.images,
    collections: collections
      .filter((collection) => belongs(row, Math.min(...prices), collection))
      .map(({ collectionId, slug, title }) => ({ collectionId, slug, title }))
      .sort((a, b) => (a.collectionId < b.collectionId ? -1 : 1)),
    variants: row.variants.map((variant) => ({
      variantId: variant.id,
      sku: variant.sku,
      title: variant.optionValues.length === 0 ? 'Default' : variant.optionValues.join(' / '),
      selectedOptions: row.options.map(({ name }, index) => ({ name, value: variant.optionValues[index] ?? '' })),
      price: money(variant.priceMinor),
      compareAtPrice: variant.compareAtMinor === null ? null : money(variant.compareAtMinor),
      availability: availabilityOf(variant.available),
      availableQuantity: variant.available,
    })),
    availability: availabilityOf(Math.max(...row.variants.map(({ available }) => available))),
    priceRange: { min: money(Math.min(...prices)), max: money(Math.max(...prices)) },
    rating: ratingOf(histogram),
    unitsSold: row.variants.reduce((sum, { sold }) => sum + sold, 0),
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
    publishedAt: row.publishedAt?.toISOString() ?? null,
    withdrawnAt: row.withdrawnAt?.toISOString() ?? null,
  };
}

function availabilityOf(available: number): 'IN_STOCK' | 'LOW_STOCK' | 'OUT_OF_STOCK' {
  if (available <= 0) return 'OUT_OF_STOCK';
  return available <= 5 ? 'LOW_STOCK' : 'IN_STOCK';
}

function ratingOf(histogram: readonly number[]): ExpectedProduct['rating'] {
  const count = histogram.reduce((sum, many) => sum + many, 0);
  const stars = histogram.reduce((sum, many, index) => sum + many * (index + 1), 0);
  return { average: count === 0 ? null : Math.round((stars / count) * 100) / 100, count, histogram: [...histogram] };
}

/** By hand, by the slug that the product names, or by rule: any one is enough. */
function belongs(row: ProductRow, cheapestMinor: number, { slug, productIds, rule }: CollectionState): boolean {
  if (productIds.includes(row.id) || row.collections.includes(slug)) return true;
  if (rule === null) return false;
  const same = (left: string | null, right: string) => left?.toLowerCase() === right.toLowerCase();
  return (
    (rule.tag === null || row.tags.some((tag) => same(tag, rule.tag ?? ''))) &&
    (rule.productType === null || same(row.productType, rule.productType)) &&
    (rule.vendor === null || same(row.vendor, rule.vendor)) &&
    (rule.maxPrice === null || (rule.maxPrice.currency === row.currency && cheapestMinor <= rule.maxPrice.amountMinor))
  );
}
