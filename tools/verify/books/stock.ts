// What products keeps of units: levels, movements and reservations.
import type { Stores } from '../stores.ts';

export interface StockRow {
  readonly variantId: string;
  readonly onHand: number;
  readonly reserved: number;
  readonly sold: number;
  readonly version: number;
  /** By movements that are no order's: deliveries, counts, losses. */
  readonly received: number;
  /** By movements of orders. */
  readonly shipped: number;
}

export interface ReservationRow {
  readonly orderId: string;
  readonly status: string;
  readonly lines: readonly { readonly variantId: string; readonly quantity: number }[];
  /** Units that left, by movements that name the order. */
  readonly moved: readonly { readonly variantId: string; readonly quantity: number }[];
}

const STOCK = `
  SELECT s.variant_id AS "variantId", s.on_hand AS "onHand", s.reserved, s.sold, s.version,
    coalesce(m.received, 0)::float8 AS received, coalesce(m.shipped, 0)::float8 AS shipped
  FROM stock s
  LEFT JOIN (SELECT variant_id, sum(delta) FILTER (WHERE order_id IS NULL) AS received, -sum(delta) FILTER (WHERE order_id IS NOT NULL) AS shipped
               FROM stock_movement GROUP BY variant_id) m USING (variant_id)`;

const RESERVATIONS = `
  SELECT r.order_id AS "orderId", r.status, coalesce(l.lines, '[]') AS lines, coalesce(m.moved, '[]') AS moved
  FROM reservation r
  LEFT JOIN (SELECT order_id, json_agg(json_build_object('variantId', variant_id, 'quantity', quantity)) AS lines
               FROM reservation_line GROUP BY order_id) l USING (order_id)
  LEFT JOIN (SELECT order_id, json_agg(json_build_object('variantId', variant_id, 'quantity', -delta)) AS moved
               FROM stock_movement WHERE order_id IS NOT NULL GROUP BY order_id) m USING (order_id)`;

export async function readStock({ products }: Stores): Promise<ReadonlyMap<string, StockRow>> {
  const { rows } = await products.query<StockRow>(STOCK);
  return new Map(rows.map((row) => [row.variantId, row]));
}

export async function readReservations({ products }: Stores): Promise<ReadonlyMap<string, ReservationRow>> {
  const { rows } = await products.query<ReservationRow>(RESERVATIONS);
  return new Map(rows.map((row) => [row.orderId, row]));
}
