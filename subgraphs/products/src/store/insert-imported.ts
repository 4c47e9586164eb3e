import { committing, type DomainEvent, outboxColumns } from '@ebuy/events';
import type { Product } from '../domain/product.ts';
import { refuse } from '../refusals.ts';
import { heldBy, LeaseLost } from './imports.ts';
import { type Database, Prisma } from './index.ts';

interface Verdict {
  readonly made: boolean;
  readonly held: boolean;
  readonly known: boolean;
  readonly taken: string | null;
}

/**
 * Writes a product that a file has made, with its first stock, its events and the note that it is in: one statement, which is its own
 * transaction. A file has thousands of them, and each round trip costs more than the rows. Refuses a slug and SKUs that others have;
 * one that is taken at this very moment breaks the statement as a unique violation, and the next try sees it. Throws LeaseLost.
 */
export async function insertImported(
  database: Database,
  product: Product,
  events: readonly DomainEvent[],
  by: { readonly importId: string; readonly token: string; readonly ordinal: number; readonly who: string },
): Promise<void> {
  const { ordinal, who } = by;
  const skus = product.variants.map(({ sku }) => sku);
  const outbox = outboxColumns(events);
  const inserting = Prisma.sql`
    WITH held AS (${heldBy(by)}), taken AS (
      SELECT sku FROM variant WHERE sku = ANY(${skus})
    ), made AS (
      INSERT INTO product (id, version, status, slug, title, description_html, vendor, product_type, tags, collections,
                           currency, created_at, updated_at, published_at)
      SELECT ${product.id}::uuid, ${product.version}::int, ${product.status}, ${product.slug}, ${product.title},
             ${product.descriptionHtml}, ${product.vendor}, ${product.productType}, ${product.tags}, ${product.collections},
             ${product.currency}, ${product.createdAt}::timestamptz, ${product.updatedAt}::timestamptz,
             ${product.publishedAt}::timestamptz
       WHERE NOT EXISTS (SELECT FROM taken) AND EXISTS (SELECT FROM held)
      ON CONFLICT (slug) DO NOTHING RETURNING id
    ), options AS (
      INSERT INTO product_option (product_id, position, name, values)
      SELECT made.id, o.position, o.name, o.values
        FROM made, jsonb_to_recordset(${jsonOf(product.options)}::jsonb) AS o(position int, name text, values text[])
    ), images AS (
      INSERT INTO product_image (product_id, position, url, alt_text, width, height)
      SELECT made.id, i.position, i.url, i."altText", i.width, i.height
        FROM made, jsonb_to_recordset(${jsonOf(product.images)}::jsonb)
               AS i(position int, url text, "altText" text, width int, height int)
    ), wanted AS (
      SELECT made.id AS product_id, v.* FROM made, jsonb_to_recordset(${jsonOf(product.variants)}::jsonb)
               AS v(id uuid, position int, sku text, "optionValues" text[], "priceMinor" bigint, "compareAtMinor" bigint,
                    "importedQuantity" int)
    ), variants AS (
      INSERT INTO variant (id, product_id, position, sku, option_values, price_minor, compare_at_minor, imported_quantity)
      SELECT id, product_id, position, sku, "optionValues", "priceMinor", "compareAtMinor", "importedQuantity"
        FROM wanted ORDER BY sku
    ), stocked AS (
      INSERT INTO stock (variant_id, on_hand, reserved, version) SELECT id, coalesce("importedQuantity", 0), 0, 1 FROM wanted
    ), moved AS (
      INSERT INTO stock_movement (variant_id, delta, reason, who)
      SELECT id, "importedQuantity", 'first stock', ${who} FROM wanted WHERE "importedQuantity" > 0
    ), sent AS (
      INSERT INTO outbox (id, topic, key, value)
      SELECT e.* FROM made, unnest(${outbox.ids}::uuid[], ${outbox.topics}::text[], ${outbox.keys}::text[], ${outbox.values}::text[]) AS e
    ), noted AS (
      INSERT INTO import_outcome (import_id, ordinal, created)
      SELECT held.id, ${ordinal}::int, true FROM made, held ON CONFLICT DO NOTHING
    )
    SELECT EXISTS (SELECT FROM made) AS made, EXISTS (SELECT FROM held) AS held, EXISTS (SELECT FROM product WHERE slug = ${product.slug}) AS known,
           (SELECT min(sku) FROM taken) AS taken`;
  const [row] = await committing(() => database.$queryRaw<Verdict[]>(inserting));
  if (row?.made === true) return;
  if (row?.held === false) throw new LeaseLost();
  // Its SKUs may be those of the same product, which another import made at this moment.
  if (row === undefined || row.known || row.taken === null) refuse('SLUG_TAKEN', { field: ['slug'] });
  refuse('SKU_TAKEN', { field: ['variants', String(skus.indexOf(row.taken)), 'sku'] });
}

function jsonOf(rows: readonly object[]): string {
  return JSON.stringify(rows.map((row, position) => ({ ...row, position })));
}
