import type { Count } from '../domain/imported-product.ts';
import { refuse } from '../refusals.ts';
import { Prisma, type Transaction } from './index.ts';
import type { StockLevel } from './stock.ts';

/**
 * Sets what lies in the warehouse to what was counted, and remembers the figures, in one statement. Units that orders hold are there, so
 * a figure below them is refused. Rows are locked in the order of their ids, as a reservation locks them.
 */
export async function countStock(
  tx: Transaction,
  counts: readonly Count[],
  { reason, who }: { readonly reason: string; readonly who: string },
): Promise<readonly StockLevel[]> {
  const ids = counts.map(({ variantId }) => variantId);
  const quantities = counts.map(({ quantity }) => quantity);
  const [row] = await tx.$queryRaw<
    { changed: StockLevel[]; short: { variantId: string; reserved: number }[] }[]
  >(Prisma.sql`
    WITH counted AS (
      SELECT * FROM unnest(${ids}::uuid[], ${quantities}::int[]) AS c(variant_id, quantity)
    ), locked AS (
      SELECT s.variant_id, s.on_hand, s.reserved, c.quantity
        FROM stock s JOIN counted c USING (variant_id) ORDER BY s.variant_id FOR UPDATE OF s
    ), changed AS (
      UPDATE stock s SET on_hand = l.quantity, version = s.version + 1
        FROM locked l, variant v
       WHERE s.variant_id = l.variant_id AND v.id = s.variant_id AND l.quantity <> l.on_hand AND l.quantity >= l.reserved
      RETURNING s.variant_id, v.product_id, s.on_hand, s.reserved, s.sold, s.version, l.quantity - l.on_hand AS delta
    ), moved AS (
      INSERT INTO stock_movement (variant_id, delta, reason, who) SELECT variant_id, delta, ${reason}, ${who} FROM changed
    ), remembered AS (
      UPDATE variant v SET imported_quantity = c.quantity FROM counted c WHERE v.id = c.variant_id
    )
    SELECT (SELECT coalesce(json_agg(json_build_object('variantId', variant_id, 'productId', product_id, 'onHand', on_hand,
              'reserved', reserved, 'sold', sold, 'version', version)), '[]') FROM changed) AS changed,
           (SELECT coalesce(json_agg(json_build_object('variantId', variant_id, 'reserved', reserved)), '[]')
              FROM locked WHERE quantity < reserved) AS short`);
  const [short] = row?.short ?? [];
  if (short !== undefined) {
    const { index = 0, quantity = 0 } = counts.find(({ variantId }) => variantId === short.variantId) ?? {};
    const message = `${quantity} are fewer than the ${short.reserved} units that orders hold. Count those, too.`;
    refuse('INSUFFICIENT_STOCK', { field: ['variants', String(index), 'onHand'], message });
  }
  return row?.changed ?? [];
}
