import type { Image, Product, ProductOption, ProductStatus, Variant, VariantOfProduct } from '../domain/product.ts';
import { type Database, Prisma, type Transaction } from './index.ts';

interface VariantRow extends Omit<Variant, 'stock'> {
  readonly onHand: number;
  readonly reserved: number;
  readonly sold: number;
  readonly stockVersion: number;
}

interface Row {
  readonly id: string;
  readonly version: number;
  readonly status: ProductStatus;
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
  readonly options: ProductOption[];
  readonly images: Image[];
  readonly variants: VariantRow[];
}

/** A whole product in one row: a page needs all of it, and one statement is cheaper than five. */
const WHOLE = Prisma.sql`
  SELECT p.id, p.version, p.status, p.slug, p.title, p.description_html AS "descriptionHtml", p.vendor,
    p.product_type AS "productType", p.tags, p.collections, p.currency, p.created_at AS "createdAt",
    p.updated_at AS "updatedAt", p.published_at AS "publishedAt", p.withdrawn_at AS "withdrawnAt",
    (SELECT coalesce(json_agg(json_build_object('name', o.name, 'values', o.values) ORDER BY o.position), '[]')
       FROM product_option o WHERE o.product_id = p.id) AS options,
    (SELECT coalesce(json_agg(json_build_object('url', i.url, 'altText', i.alt_text, 'width', i.width, 'height', i.height)
                              ORDER BY i.position), '[]')
       FROM product_image i WHERE i.product_id = p.id) AS images,
    (SELECT json_agg(json_build_object('id', v.id, 'sku', v.sku, 'optionValues', v.option_values,
                       'priceMinor', v.price_minor, 'compareAtMinor', v.compare_at_minor, 'importedQuantity', v.imported_quantity,
                       'onHand', s.on_hand, 'reserved', s.reserved, 'sold', s.sold, 'stockVersion', s.version) ORDER BY v.position)
       FROM variant v JOIN stock s ON s.variant_id = v.id WHERE v.product_id = p.id) AS variants
    FROM product p`;

export async function readProducts(db: Database | Transaction, ids: readonly string[]): Promise<Product[]> {
  if (ids.length === 0) return [];
  const rows = await db.$queryRaw<Row[]>(Prisma.sql`${WHOLE} WHERE p.id = ANY(${ids}::uuid[])`);
  return rows.map(toProduct);
}

export async function readProduct(db: Database | Transaction, id: string): Promise<Product | null> {
  const [product] = await readProducts(db, [id]);
  return product ?? null;
}

export async function readVariant(db: Database | Transaction, id: string): Promise<VariantOfProduct | null> {
  const [row] = await db.$queryRaw<Row[]>(
    Prisma.sql`${WHOLE} WHERE p.id = (SELECT product_id FROM variant WHERE id = ${id}::uuid)`,
  );
  const product = row ? toProduct(row) : null;
  const variant = product?.variants.find((one) => one.id === id);
  return product && variant ? { ...variant, product } : null;
}

export async function productIdOfVariant(db: Database, id: string): Promise<string | null> {
  const rows = await db.$queryRaw<{ id: string }[]>(
    Prisma.sql`SELECT product_id AS id FROM variant WHERE id = ${id}::uuid`,
  );
  return rows[0]?.id ?? null;
}

/** By slug; those that there are not are left out. */
export async function readProductsBySlug(db: Database, slugs: readonly string[]): Promise<Map<string, Product>> {
  const rows = await db.$queryRaw<Row[]>(Prisma.sql`${WHOLE} WHERE p.slug = ANY(${slugs})`);
  return new Map(rows.map((row) => [row.slug, toProduct(row)]));
}

/** Locks a product until the transaction ends, so that its changes come one after another; null when there is none. */
export async function lockProduct(tx: Transaction, id: string): Promise<Product | null> {
  await tx.$queryRaw(Prisma.sql`SELECT 1 FROM product WHERE id = ${id}::uuid FOR UPDATE`);
  return readProduct(tx, id);
}

/** Locks products likewise, in the order of their ids; those that there are. */
export async function lockProducts(tx: Transaction, ids: readonly string[]): Promise<Product[]> {
  await tx.$queryRaw(Prisma.sql`SELECT 1 FROM product WHERE id = ANY(${[...ids]}::uuid[]) ORDER BY id FOR UPDATE`);
  return readProducts(tx, ids);
}

function toProduct({ createdAt, updatedAt, publishedAt, withdrawnAt, variants, ...row }: Row): Product {
  return {
    ...row,
    createdAt: createdAt.toISOString(),
    updatedAt: updatedAt.toISOString(),
    publishedAt: publishedAt?.toISOString() ?? null,
    withdrawnAt: withdrawnAt?.toISOString() ?? null,
    variants: variants.map(({ onHand, reserved, sold, stockVersion, ...variant }) => ({
      ...variant,
      stock: { onHand, reserved, sold, version: stockVersion },
    })),
  };
}
