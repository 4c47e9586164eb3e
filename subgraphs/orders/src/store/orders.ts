/** Writing orders: few statements each, for these run with every order. */
import type { HistoryEntry, Order, OrderLine } from '../domain/order.ts';
import { Prisma } from '../generated/prisma/client.ts';
import type { Transaction } from './index.ts';
import { type LineRow, type OrderRow, toLine, toOrder } from './rows.ts';

export interface LockedOrder {
  readonly order: Order;
  readonly lines: readonly OrderLine[];
}

type NewOrder = Omit<Order, 'number'>;

/** Writes the order, its lines and the first entry of its history; returns the number it was given. */
export async function insertOrder(tx: Transaction, order: NewOrder, lines: readonly OrderLine[]): Promise<number> {
  const [row] = await tx.$queryRaw<{ number: bigint }[]>`
    WITH placed AS (
      INSERT INTO orders (id, version, status, cart_id, user_id, client_id, email, shipping_address, shipping_option_code,
        currency, subtotal_minor, shipping_minor, tax_minor, total_minor, payment_method, deadline_at, correlation_id, placed_at)
      VALUES (${order.id}::uuid, ${order.version}, ${order.status}, ${order.cartId}::uuid, ${order.userId}, ${order.clientId},
        ${order.email}, ${JSON.stringify(order.shippingAddress)}::jsonb, ${order.shippingOptionCode}, ${order.currency},
        ${order.subtotalMinor}, ${order.shippingMinor}, ${order.taxMinor}, ${order.totalMinor}, ${order.paymentMethod},
        ${order.deadlineAt}, ${order.correlationId}, ${order.placedAt})
      RETURNING number
    ), lines AS (
      INSERT INTO order_line (order_id, position, id, product_id, variant_id, sku, title, quantity, unit_price_minor, tax_minor)
      SELECT ${order.id}::uuid, line.* FROM jsonb_to_recordset(${JSON.stringify(lines.map(toRecord))}::jsonb)
        AS line(position integer, id uuid, product_id uuid, variant_id uuid, sku text, title text, quantity integer,
          unit_price_minor bigint, tax_minor bigint)
    ), noted AS (
      INSERT INTO order_history (order_id, version, status, at)
      VALUES (${order.id}::uuid, ${order.version}, ${order.status}, ${order.placedAt})
    )
    SELECT number FROM placed`;
  if (row === undefined) throw new Error('an insert returned no row');
  return Number(row.number);
}

function toRecord(line: OrderLine, position: number) {
  return {
    position,
    id: line.id,
    product_id: line.productId,
    variant_id: line.variantId,
    sku: line.sku,
    title: line.title,
    quantity: line.quantity,
    unit_price_minor: line.unitPrice.amountMinor,
    tax_minor: line.taxMinor,
  };
}

const LOCKED_COLUMNS = Prisma.sql`
  id, number, version, status, cart_id AS "cartId", user_id AS "userId", client_id AS "clientId", email,
  shipping_address AS "shippingAddress", shipping_option_code AS "shippingOptionCode", currency,
  subtotal_minor AS "subtotalMinor", shipping_minor AS "shippingMinor", tax_minor AS "taxMinor", total_minor AS "totalMinor",
  payment_method AS "paymentMethod", attempt_id AS "attemptId", attempt_state AS "attemptState", attempts,
  authorization_ends_at AS "authorizationEndsAt", deadline_at AS "deadlineAt", carrier, tracking_number AS "trackingNumber",
  correlation_id AS "correlationId", placed_at AS "placedAt",
  (SELECT jsonb_agg(jsonb_build_object('id', line.id, 'productId', line.product_id, 'variantId', line.variant_id,
      'sku', line.sku, 'title', line.title, 'quantity', line.quantity, 'unitPriceMinor', line.unit_price_minor,
      'taxMinor', line.tax_minor) ORDER BY line.position)
    FROM order_line line WHERE line.order_id = orders.id) AS lines`;

type LockedRow = OrderRow & { readonly lines: LineRow[] };

/** Reads an order and keeps everyone else from moving it until the transaction ends; null when there is none. */
export async function lockOrder(tx: Transaction, id: string): Promise<LockedOrder | null> {
  const [row] = await tx.$queryRaw<LockedRow[]>`SELECT ${LOCKED_COLUMNS} FROM orders WHERE id = ${id}::uuid FOR UPDATE`;
  return row === undefined ? null : toLocked(row);
}

/** Orders whose wait is over, the longest overdue first. What another replica has in hand is passed over. */
export async function lockOverdueOrders(tx: Transaction, now: Date, limit: number): Promise<LockedOrder[]> {
  const rows = await tx.$queryRaw<LockedRow[]>`
    SELECT ${LOCKED_COLUMNS} FROM orders WHERE deadline_at <= ${now} ORDER BY deadline_at LIMIT ${limit} FOR UPDATE SKIP LOCKED`;
  return rows.map(toLocked);
}

function toLocked(row: LockedRow): LockedOrder {
  const order = toOrder(row);
  return { order, lines: row.lines.map((line) => toLine(line, order.currency)) };
}

/** Writes an order as a move made it, and the move's entry. The version before is compared, whoever may hold the lock. */
export async function saveMove(tx: Transaction, order: Order, entry: HistoryEntry): Promise<void> {
  const saved = await tx.$executeRaw`
    WITH moved AS (
      UPDATE orders SET version = ${order.version}, status = ${order.status}, payment_method = ${order.paymentMethod},
        attempt_id = ${order.attempt?.id ?? null}::uuid, attempt_state = ${order.attempt?.state ?? null}, attempts = ${order.attempts},
        authorization_ends_at = ${order.authorizationEndsAt}, deadline_at = ${order.deadlineAt},
        carrier = ${order.carrier}, tracking_number = ${order.trackingNumber}
      WHERE id = ${order.id}::uuid AND version = ${order.version - 1}
      RETURNING id
    )
    INSERT INTO order_history (order_id, version, status, at, reason, note)
    SELECT id, ${entry.version}, ${entry.status}, ${entry.at}, ${entry.reason}, ${entry.note} FROM moved`;
  if (saved !== 1) throw new Error(`order ${order.id} was moved past its lock`);
}
