import type { Money } from '@ebuy/kernel';
import { titleForSale } from '../domain/product.ts';
import { type Database, Prisma } from '../store/index.ts';
import { knownIds } from './ids.ts';

export interface PurchasableVariant {
  readonly variantId: string;
  readonly productId: string;
  readonly sku: string;
  readonly title: string;
  readonly price: Money;
  readonly available: number;
  readonly published: boolean;
}

interface Row {
  readonly variantId: string;
  readonly productId: string;
  readonly sku: string;
  readonly productTitle: string;
  readonly optionValues: string[];
  readonly priceMinor: bigint;
  readonly currency: string;
  readonly available: number;
  readonly published: boolean;
  readonly variants: number;
}

/** What can be sold, in one statement. Ids that name no variant are left out; each id counts once. */
export async function purchasableVariants(database: Database, ids: readonly string[]): Promise<PurchasableVariant[]> {
  const asked = knownIds(ids);
  if (asked.length === 0) return [];
  const rows = await database.$queryRaw<Row[]>(Prisma.sql`
    SELECT v.id AS "variantId", v.product_id AS "productId", v.sku, p.title AS "productTitle",
           v.option_values AS "optionValues", v.price_minor AS "priceMinor", p.currency,
           s.on_hand - s.reserved AS available, p.status = 'PUBLISHED' AS published,
           (SELECT count(*)::int FROM variant sibling WHERE sibling.product_id = p.id) AS variants
      FROM variant v
      JOIN product p ON p.id = v.product_id
      JOIN stock s ON s.variant_id = v.id
     WHERE v.id = ANY(${asked}::uuid[])`);
  const byId = new Map(rows.map((row) => [row.variantId, row]));
  return asked.flatMap((id) => {
    const row = byId.get(id);
    return row === undefined ? [] : [toPurchasable(row)];
  });
}

function toPurchasable(row: Row): PurchasableVariant {
  return {
    variantId: row.variantId,
    productId: row.productId,
    sku: row.sku,
    title: titleForSale(row.productTitle, row.optionValues, row.variants),
    price: { amountMinor: Number(row.priceMinor), currency: row.currency },
    available: row.available,
    published: row.published,
  };
}
