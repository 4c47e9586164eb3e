import type { NewProduct } from '../domain/new-product.ts';
import type { Product } from '../domain/product.ts';
import { nthSlug } from '../domain/slug.ts';
import { refuse } from '../refusals.ts';
import { Prisma, type Transaction } from './index.ts';

/** After these a derived slug takes a part of the id, which nobody else has. */
const NUMBERED_SLUGS = 9;

/** Writes a new product with its variants and their first stock. Returns it with the slug that it got. */
export async function insertProduct(tx: Transaction, wanted: NewProduct, who: string): Promise<Product> {
  const product = { ...wanted.product, slug: await insertUnderFreeSlug(tx, wanted) };
  await insertVariants(tx, product, who);
  const of = { productId: product.id };
  if (product.options.length > 0) {
    await tx.productOption.createMany({
      data: product.options.map(({ name, values }, position) => ({ ...of, position, name, values: [...values] })),
    });
  }
  if (product.images.length > 0) {
    await tx.productImage.createMany({
      data: product.images.map((image, position) => ({ ...of, position, ...image })),
    });
  }
  return product;
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
                           currency, created_at, updated_at)
      VALUES (${product.id}::uuid, ${product.version}, ${product.status}, ${slug}, ${product.title},
              ${product.descriptionHtml}, ${product.vendor}, ${product.productType}, ${product.tags}, ${product.collections},
              ${product.currency}, ${product.createdAt}::timestamptz, ${product.updatedAt}::timestamptz)
      ON CONFLICT (slug) DO NOTHING`);
    if (inserted === 1) return slug;
  }
  return refuse('SLUG_TAKEN', { field: ['slug'] });
}

/** Sorted by SKU: two products that want the same SKUs at the same moment wait for each other in one direction only. */
async function insertVariants(tx: Transaction, product: Product, who: string): Promise<void> {
  const rows = product.variants.map((variant, position) => ({
    id: variant.id,
    position,
    sku: variant.sku,
    option_values: variant.optionValues,
    price_minor: variant.priceMinor,
    compare_at_minor: variant.compareAtMinor,
    on_hand: variant.stock.onHand,
  }));
  const inserted = await tx.$queryRaw<{ sku: string }[]>(Prisma.sql`
    INSERT INTO variant (id, product_id, position, sku, option_values, price_minor, compare_at_minor)
    SELECT id, ${product.id}::uuid, position, sku, option_values, price_minor, compare_at_minor
      FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS new(id uuid, position int, sku text, option_values text[],
                                                                    price_minor bigint, compare_at_minor bigint)
     ORDER BY sku
    ON CONFLICT (sku) DO NOTHING RETURNING sku`);
  if (inserted.length < rows.length) {
    const free = new Set(inserted.map(({ sku }) => sku));
    const taken = rows.findIndex(({ sku }) => !free.has(sku));
    refuse('SKU_TAKEN', { field: ['variants', String(taken), 'sku'] });
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
