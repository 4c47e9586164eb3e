import { type DomainEvent, newEvent, type Trace } from '@ebuy/events';
import { Prisma, type Transaction } from './index.ts';

/** A variant's levels after a change: what the statement that changed them returned. */
export interface StockLevel {
  readonly variantId: string;
  readonly productId: string;
  readonly onHand: number;
  readonly reserved: number;
  readonly sold: number;
  readonly version: number;
}

export function stockChanged(levels: readonly StockLevel[], trace: Trace): DomainEvent<'stock.changed'>[] {
  return levels.map(({ variantId, productId, onHand, reserved, sold, version }) =>
    newEvent(
      'stock.changed',
      { variantId, productId, onHand, reserved, available: onHand - reserved, sold, version },
      trace,
    ),
  );
}

/** Levels as they are, locked in the order of their ids, as a reservation locks them. */
export async function lockLevels(tx: Transaction, variantIds: readonly string[]): Promise<StockLevel[]> {
  return tx.$queryRaw<StockLevel[]>(Prisma.sql`
    SELECT s.variant_id AS "variantId", v.product_id AS "productId", s.on_hand AS "onHand", s.reserved, s.sold, s.version
      FROM stock s JOIN variant v ON v.id = s.variant_id
     WHERE s.variant_id = ANY(${[...variantIds]}::uuid[]) ORDER BY s.variant_id FOR UPDATE OF s`);
}
