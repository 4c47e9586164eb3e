import { nthSlug } from '@ebuy/kernel';
import type { NewProduct } from '../domain/new-product.ts';
import type { Image, Product, ProductOption, Variant } from '../domain/product.ts';
import { refuse } from '../refusals.ts';
import { Prisma, type Transaction } from './index.ts';

/** After these a derived slug takes a part of the id, which nobody else has. */
const NUMBERED_SLUGS = 9;

/** A variant and its place among its product's. */
export interface PlacedVariant extends Variant {
  readonly position: number;
}

/** Writes a new product with its variants and their first stock. Returns it with the slug that it got. */
export async function insertProduct(tx: Transaction, wanted: NewProduct, who: string): Promise<Product> {
  const product = { ...wanted.product, slug: await insertUnderFreeSlug(tx, wanted) };
  await insertVariants(tx, product.id, product.variants.map(inPlace), who);
  await insertOptions(tx, product.id, product.options);
  await insertImages(tx, product.id, product.images);
  return product;
}

export const inPlace = (variant: Variant, position: number): PlacedVariant => ({ ...variant, position });

export async function insertOptions(
  tx: Transaction,
  productId: string,
  options: readonly ProductOption[],
): Promise<void> {
  if (options.length === 0) return;
  await tx.productOption.createMany({
    data: options.map(({ name, values }, position) => ({ productId, position, name, values: [...values] })),
  });
}

export async function insertImages(tx: Transaction, productId: string, images: readonly Image[]): Promise<void> {
  if (images.length === 0) return;
  await tx.productImage.createMany({ data: images.map((image, position) => ({ productId, position, ...image })) });
}

async function insertUnderFreeSlug(tx: Transaction, { product, slugGiven }: NewProduct): Promise<string> {
  const candidates = slugGiven
    ? [product.slug]
    : [
        ...Array.from({ length: NUMBERED_SLUGS }, (_, index) => nthSlug(product.slug, index + 1)),
        nthSlug(product.slug, product.id.slice(-12)),
      ];
  for (const slug of candidates) {
    const inserted = await tx.$executeRaw(Prisma.sql`
      INSERT INTO product (id, version, status, slug, title, description_html, vendor, product_type, tags, collections,
                           currency, created_at, updated_at, published_at)
      VALUES (${product.id}::uuid, ${product.version}, ${product.status}, ${slug}, ${product.title},
              ${product.descriptionHtml}, ${product.vendor}, ${product.productType}, ${product.tags}, ${product.collections},
              ${product.currency}, ${product.createdAt}::timestamptz, ${product.updatedAt}::timestamptz,
              ${product.publishedAt}::timestamptz)
      ON CONFLICT (slug) DO NOTHING`);
    if (inserted === 1) return slug;
  }
  return refuse('SLUG_TAKEN', { field: ['slug'] });
}

/** With their first stock. Sorted by SKU: two products that want the same SKUs at the same moment wait in one direction only. */
export async function insertVariants(
  tx: Transaction,
  productId: string,
  variants: readonly PlacedVariant[],
  who: string,
): Promise<void> {
  const rows = variants.map((variant) => ({
    id: variant.id,
    position: variant.position,
    sku: variant.sku,
    option_values: variant.optionValues,
    price_minor: variant.priceMinor,
    compare_at_minor: variant.compareAtMinor,
    imported_quantity: variant.importedQuantity,
    on_hand: variant.stock.onHand,
  }));
  const inserted = await tx.$queryRaw<{ sku: string }[]>(Prisma.sql`
    INSERT INTO variant (id, product_id, position, sku, option_values, price_minor, compare_at_minor, imported_quantity)
    SELECT id, ${productId}::uuid, position, sku, option_values, price_minor, compare_at_minor, imported_quantity
      FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS new(id uuid, position int, sku text, option_values text[],
                                                                    price_minor bigint, compare_at_minor bigint, imported_quantity int)
     ORDER BY sku
    ON CONFLICT (sku) DO NOTHING RETURNING sku`);
  if (inserted.length < rows.length) {
    const free = new Set(inserted.map(({ sku }) => sku));
    const taken = rows.find(({ sku }) => !free.has(sku));
    refuse('SKU_TAKEN', { field: ['variants', String(taken?.position), 'sku'] });
  }
  await tx.$executeRaw(Prisma.sql`
    WITH new AS (
      SELECT * FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS new(id uuid, on_hand int)
    ), stocked AS (
      INSERT INTO stock (variant_id, on_hand, reserved, version) SELECT id, on_hand, 0, 1 FROM new
    )
    INSERT INTO stock_movement (variant_id, delta, reason, who)
    SELECT id, on_hand, 'first stock', ${who} FROM new WHERE on_hand > 0`);
}
