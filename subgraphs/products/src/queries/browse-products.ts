import { placeOf } from '../domain/cursor.ts';
import type { Product, VariantOfProduct } from '../domain/product.ts';
import { isSlug } from '../domain/slug.ts';
import { isPrintable } from '../domain/text.ts';
import { refuseQuery } from '../refusals.ts';
import { type Database, Prisma } from '../store/index.ts';
import { readProductBySlug, readProductsOfSkus } from '../store/products.ts';
import { type ProductPage, productPage } from './product-page.ts';

const MAX_SKUS = 100;

/** What a shopper finds under a slug: published products only. */
export async function productBySlug(database: Database, slug: string): Promise<Product | null> {
  if (!isSlug(slug)) return null;
  const product = await readProductBySlug(database, slug);
  return product?.status === 'PUBLISHED' ? product : null;
}

export function browseProducts(
  database: Database,
  { first, after, updatedSince }: { first: number; after: string | null; updatedSince: string | null },
): Promise<ProductPage> {
  const list = updatedSince === null ? 'published' : 'changes';
  return productPage(database, {
    list,
    first,
    after: after === null ? null : placeOf(list, after),
    filter:
      updatedSince === null
        ? Prisma.sql`p.status = 'PUBLISHED'`
        : Prisma.sql`p.published_at IS NOT NULL AND p.updated_at >= ${updatedSince}::timestamptz`,
  });
}

export async function variantsBySku(database: Database, skus: readonly string[]): Promise<VariantOfProduct[]> {
  if (skus.length > MAX_SKUS) refuseQuery('TOO_MANY_IDS');
  const asked = [...new Set(skus)].filter((sku) => isPrintable(sku));
  const products = await readProductsOfSkus(database, asked);
  const bySku = new Map(
    products
      .filter(({ status }) => status === 'PUBLISHED')
      .flatMap((product) => product.variants.map((variant) => [variant.sku, { product, variant }] as const)),
  );
  return asked.flatMap((sku) => bySku.get(sku) ?? []);
}
