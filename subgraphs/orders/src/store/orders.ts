/** Writing orders: few statements each, for these run with every order. */
import { committing, type DomainEvent } from '@ebuy/events';
import type { AuditEntry } from '@ebuy/runtime';
import type { HistoryEntry, Order, OrderLine } from '../domain/order.ts';
import type { Announced } from '../domain/status-table.ts';
import { type ToldType, toStoryEvent } from '../domain/story.ts';
import { Prisma } from '../generated/prisma/client.ts';
import { insertAudit } from './audit.ts';
import type { Store, Transaction } from './index.ts';
import { type LineRow, type OrderRow, toLine, toOrder } from './rows.ts';
import { insertStory, outboxRows } from './story.ts';

export interface LockedOrder {
  readonly order: Order;
  readonly lines: readonly OrderLine[];
}

type NewOrder = Omit<Order, 'number'>;

/** Writes the order, its lines, the first entry of its history, the event that says so and the audit's row; returns the number it was given. */
export async function insertOrder(
  tx: Transaction,
  order: NewOrder,
  lines: readonly OrderLine[],
  event: DomainEvent<Announced>,
  audited: AuditEntry,
): Promise<number> {
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
    ), sent AS (
      INSERT INTO outbox (id, topic, key, value) SELECT event.* FROM placed, ${outboxRows([event])}
    ), told AS (${insertStory(order.id, [toStoryEvent(event)], Prisma.sql`placed`)}),
    audited AS (${insertAudit([audited], Prisma.sql`placed`)})
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

/** An order as it is, without a lock, and whether this consumer has applied this event. */
export async function readForEvent(store: Store, id: string, marker: Marker): Promise<EventOrder | null> {
  const [row] = await store.$queryRaw<(LockedRow & { applied: boolean })[]>`
    SELECT ${LOCKED_COLUMNS}, ${isApplied(marker)} AS applied FROM orders WHERE id = ${id}::uuid`;
  return row === undefined ? null : { ...toLocked(row), applied: row.applied };
}

/** Who applies which event: what the inbox remembers. */
export interface Marker {
  readonly consumer: string;
  readonly eventId: string;
}

export interface EventOrder extends LockedOrder {
  readonly applied: boolean;
}

/**
 * Writes a move that an event made, its entry, the event's marker and the events that follow, in one statement that is its own
 * transaction. False: the order was moved in the meantime, or the event was applied; nothing was written. Of two at the
 * same moment one waits for the other's row and then finds another version.
 */
export async function saveMoveByEvent(
  store: Store,
  move: {
    readonly order: Order;
    readonly entry: HistoryEntry;
    readonly marker: Marker;
    readonly cause: DomainEvent<ToldType>;
    readonly events: readonly DomainEvent<Announced>[];
  },
): Promise<boolean> {
  const { order, entry, marker, cause, events } = move;
  const story = [cause, ...events].map(toStoryEvent);
  const [row] = await committing(
    () => store.$queryRaw<{ moved: boolean }[]>`
    WITH moved AS (${updateOf(order)} AND NOT ${isApplied(marker)} RETURNING id),
    noted AS (${insertEntry(entry)}),
    claimed AS (INSERT INTO inbox (consumer, event_id) SELECT ${marker.consumer}, ${marker.eventId}::uuid FROM moved),
    sent AS (INSERT INTO outbox (id, topic, key, value) SELECT event.* FROM moved, ${outboxRows(events)}),
    told AS (${insertStory(order.id, story, Prisma.sql`moved`)})
    SELECT EXISTS (SELECT FROM moved) AS moved`,
  );
  return row?.moved === true;
}

/** An event that changes nothing here is marked as applied, and told all the same. False: it was applied before. */
export async function saveIgnored(
  store: Store,
  orderId: string,
  marker: Marker,
  event: DomainEvent<ToldType>,
): Promise<boolean> {
  const [row] = await committing(
    () => store.$queryRaw<{ first: boolean }[]>`
    WITH claimed AS (
      INSERT INTO inbox (consumer, event_id) VALUES (${marker.consumer}, ${marker.eventId}::uuid) ON CONFLICT DO NOTHING RETURNING 1
    ), told AS (${insertStory(orderId, [toStoryEvent(event)], Prisma.sql`claimed`)})
    SELECT EXISTS (SELECT FROM claimed) AS first`,
  );
  return row?.first === true;
}

/**
 * Writes an order as a move made it, the move's entry, and who made it where the audit wants to know. The version before is compared, whoever
 * may hold the lock.
 */
export async function saveMove(
  tx: Transaction,
  order: Order,
  entry: HistoryEntry,
  audited: readonly AuditEntry[],
): Promise<void> {
  const saved = await tx.$executeRaw`
    WITH moved AS (${updateOf(order)} RETURNING id), audited AS (${insertAudit(audited, Prisma.sql`moved`)})
    ${insertEntry(entry)}`;
  if (saved !== 1) throw new Error(`order ${order.id} was moved past its lock`);
}

function updateOf(order: Order): Prisma.Sql {
  return Prisma.sql`
    UPDATE orders SET version = ${order.version}, status = ${order.status}, payment_method = ${order.paymentMethod},
      attempt_id = ${order.attempt?.id ?? null}::uuid, attempt_state = ${order.attempt?.state ?? null}, attempts = ${order.attempts},
      authorization_ends_at = ${order.authorizationEndsAt}, deadline_at = ${order.deadlineAt},
      carrier = ${order.carrier}, tracking_number = ${order.trackingNumber}
    WHERE id = ${order.id}::uuid AND version = ${order.version - 1}`;
}

function insertEntry(entry: HistoryEntry): Prisma.Sql {
  return Prisma.sql`
    INSERT INTO order_history (order_id, version, status, at, reason, note)
    SELECT id, ${entry.version}, ${entry.status}, ${entry.at}, ${entry.reason}, ${entry.note} FROM moved`;
}

function isApplied({ consumer, eventId }: Marker): Prisma.Sql {
  return Prisma.sql`EXISTS (SELECT FROM inbox WHERE consumer = ${consumer} AND event_id = ${eventId}::uuid)`;
}
