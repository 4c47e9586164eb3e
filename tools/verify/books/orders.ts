// What orders keeps of each order, in one row an order.
import type { Stores } from '../stores.ts';

export interface OrderLine {
  readonly productId: string;
  readonly variantId: string;
  readonly quantity: number;
  readonly unitPriceMinor: number;
  readonly taxMinor: number;
}

export interface HistoryEntry {
  readonly version: number;
  readonly status: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly reason: string | null;
}

export interface OrderRow {
  readonly id: string;
  readonly version: number;
  readonly status: string;
  readonly cartId: string;
  readonly userId: string | null;
  readonly clientId: string | null;
  readonly currency: string;
  readonly subtotalMinor: number;
  readonly shippingMinor: number;
  readonly taxMinor: number;
  readonly totalMinor: number;
  readonly attemptId: string | null;
  readonly attemptState: string | null;
  readonly attempts: number;
  readonly placedAt: Date;
  readonly deadlineAt: Date | null;
  readonly authorizationEndsAt: Date | null;
  readonly lines: readonly OrderLine[];
  readonly history: readonly HistoryEntry[];
}

/** Amounts as float8: every one of them is a safe integer, which it holds exactly. */
const ORDERS = `
  SELECT o.id, o.version, o.status, o.cart_id AS "cartId", o.user_id AS "userId", o.client_id AS "clientId", o.currency,
    o.subtotal_minor::float8 AS "subtotalMinor", o.shipping_minor::float8 AS "shippingMinor", o.tax_minor::float8 AS "taxMinor",
    o.total_minor::float8 AS "totalMinor", o.attempt_id AS "attemptId", o.attempt_state AS "attemptState", o.attempts,
    o.placed_at AS "placedAt", o.deadline_at AS "deadlineAt", o.authorization_ends_at AS "authorizationEndsAt",
    coalesce(l.lines, '[]') AS lines, coalesce(h.history, '[]') AS history
  FROM orders o
  LEFT JOIN (SELECT order_id, json_agg(json_build_object('productId', product_id, 'variantId', variant_id, 'quantity', quantity,
               'unitPriceMinor', unit_price_minor, 'taxMinor', tax_minor) ORDER BY position) AS lines
               FROM order_line GROUP BY order_id) l ON l.order_id = o.id
  LEFT JOIN (SELECT order_id, json_agg(json_build_object('version', version, 'status', status, 'reason', reason,
               'at', floor(extract(epoch FROM at) * 1000)) ORDER BY version) AS history
               FROM order_history GROUP BY order_id) h ON h.order_id = o.id`;

export async function readOrders({ orders }: Stores): Promise<ReadonlyMap<string, OrderRow>> {
  const { rows } = await orders.query<OrderRow>(ORDERS);
  return new Map(rows.map((row) => [row.id, row]));
}

export interface GivenAnswer {
  readonly principal: string;
  readonly operation: string;
  readonly key: string;
  readonly orderId: string | null;
}

/** Answers to idempotency keys: what somebody was told. */
export async function readAnswers({ orders }: Stores): Promise<readonly GivenAnswer[]> {
  const { rows } = await orders.query<GivenAnswer>(
    `SELECT principal, operation, key, answer->>'orderId' AS "orderId" FROM idempotency_key WHERE answer IS NOT NULL`,
  );
  return rows;
}

/** Units of each variant, however many lines name it. */
export function unitsOf(
  lines: readonly { readonly variantId: string; readonly quantity: number }[],
): Map<string, number> {
  const units = new Map<string, number>();
  for (const { variantId, quantity } of lines) units.set(variantId, (units.get(variantId) ?? 0) + quantity);
  return units;
}
