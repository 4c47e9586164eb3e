import { isDeepStrictEqual } from 'node:util';
import type { Product } from '../domain/product.ts';
import { refuse } from '../refusals.ts';
import { Prisma, type Transaction } from './index.ts';
import { inPlace, insertImages, insertOptions, insertVariants } from './insert-product.ts';

/** Beyond every place that a variant may have: where they stand while they change places. */
const ASIDE = 1_000;

/** A product's own row. */
export async function writeProduct(tx: Transaction, product: Product): Promise<void> {
  await tx.$executeRaw(Prisma.sql`
    UPDATE product SET version = ${product.version}, status = ${product.status}, title = ${product.title},
      description_html = ${product.descriptionHtml}, vendor = ${product.vendor}, product_type = ${product.productType},
      tags = ${product.tags}, collections = ${product.collections}, updated_at = ${product.updatedAt}::timestamptz,
      published_at = ${product.publishedAt}::timestamptz, withdrawn_at = ${product.withdrawnAt}::timestamptz
     WHERE id = ${product.id}::uuid`);
}

/** What hangs on a product, where it differs: options, images, variants. Variants are never taken away. */
export async function writeParts(tx: Transaction, before: Product, after: Product, who: string): Promise<void> {
  if (!isDeepStrictEqual(before.options, after.options)) {
    await tx.$executeRaw`DELETE FROM product_option WHERE product_id = ${after.id}::uuid`;
    await insertOptions(tx, after.id, after.options);
  }
  if (!isDeepStrictEqual(before.images, after.images)) {
    await tx.$executeRaw`DELETE FROM product_image WHERE product_id = ${after.id}::uuid`;
    await insertImages(tx, after.id, after.images);
  }
  if (!isDeepStrictEqual(before.variants, after.variants)) await writeVariants(tx, before, after, who);
}

async function writeVariants(tx: Transaction, before: Product, after: Product, who: string): Promise<void> {
  const known = new Map(before.variants.map((variant, position) => [variant.id, { ...variant, position }]));
  const placed = after.variants.map(inPlace);
  const changed = placed.filter(({ id, ...variant }) => {
    const was = known.get(id);
    return was !== undefined && !isDeepStrictEqual({ ...was, id }, { ...variant, id });
  });
  if (changed.length > 0) {
    await refuseTakenSkus(tx, after);
    if (changed.some(({ id, position }) => known.get(id)?.position !== position)) {
      await tx.$executeRaw`UPDATE variant SET position = position + ${ASIDE}::int WHERE product_id = ${after.id}::uuid`;
    }
    const rows = placed
      .filter(({ id }) => known.has(id))
      .map((variant) => ({
        id: variant.id,
        position: variant.position,
        sku: variant.sku,
        option_values: variant.optionValues,
        price_minor: variant.priceMinor,
        compare_at_minor: variant.compareAtMinor,
      }));
    await tx.$executeRaw(Prisma.sql`
      UPDATE variant v SET position = n.position, sku = n.sku, option_values = n.option_values, price_minor = n.price_minor,
             compare_at_minor = n.compare_at_minor
        FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS n(id uuid, position int, sku text, option_values text[],
                                                                    price_minor bigint, compare_at_minor bigint)
       WHERE v.id = n.id`);
  }
  const added = placed.filter(({ id }) => !known.has(id));
  if (added.length > 0) await insertVariants(tx, after.id, added, who);
}

async function refuseTakenSkus(tx: Transaction, { id, variants }: Product): Promise<void> {
  const skus = variants.map(({ sku }) => sku);
  const [taken] = await tx.$queryRaw<{ sku: string }[]>(
    Prisma.sql`SELECT sku FROM variant WHERE sku = ANY(${skus}) AND product_id <> ${id}::uuid LIMIT 1`,
  );
  if (taken !== undefined) refuse('SKU_TAKEN', { field: ['variants', String(skus.indexOf(taken.sku)), 'sku'] });
}
