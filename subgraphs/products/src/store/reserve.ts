import { committing, type DomainEvent, encodeEvent, eventDefinition } from '@ebuy/events';
import type { ReservedLine } from '../domain/reservation.ts';
import { type Database, Prisma } from './index.ts';

/** What is to be reserved, and the events that say so. */
export interface Wish {
  readonly orderId: string;
  readonly lines: readonly ReservedLine[];
  readonly made: DomainEvent<'reservation.made'>;
  /** One a line; the levels in it are filled in by the statement that changes them. */
  readonly changed: readonly DomainEvent<'stock.changed'>[];
}

export interface Outcome {
  readonly made: boolean;
  /** Whether all lines could be had; with `made` false: this order was decided before. */
  readonly enough: boolean;
  /** Units of each variant that could be had, before any was taken; variants that are not known here are missing. */
  readonly available: ReadonlyMap<string, number>;
}

interface Verdict {
  readonly made: boolean;
  readonly enough: boolean;
  readonly found: readonly { readonly variantId: string; readonly available: number }[];
}

/**
 * Reserves all or nothing, and writes the events, in one statement that is its own transaction: the rows of a hot product are
 * locked for no round trip at all.
 * - Rows of stock are locked in the order of their ids, so that two orders never wait for each other in a circle. What is read
 *   under the lock is the newest, and CHECK stands behind it.
 * - Everything hangs on having written the order's own row: of two deliveries at the same moment one does nothing.
 */
export async function reserveAllOrNothing(
  database: Database,
  { orderId, lines, made, changed }: Wish,
): Promise<Outcome> {
  const reserving = Prisma.sql`
    WITH fresh AS (
      SELECT WHERE NOT EXISTS (SELECT FROM reservation WHERE order_id = ${orderId}::uuid)
    ), wanted AS (
      SELECT w.* FROM fresh, unnest(
        ${lines.map(({ variantId }) => variantId)}::uuid[], ${lines.map(({ quantity }) => quantity)}::int[],
        ${changed.map(({ id }) => id)}::uuid[], ${changed.map(encodeEvent)}::text[]) AS w(variant_id, quantity, event_id, event)
    ), locked AS (
      SELECT w.*, s.on_hand - s.reserved AS available
        FROM stock s JOIN wanted w USING (variant_id) ORDER BY s.variant_id FOR UPDATE OF s
    ), verdict AS (
      SELECT count(*) FILTER (WHERE available >= quantity) = ${lines.length}::int AS enough FROM locked
    ), decided AS (
      INSERT INTO reservation (order_id, status)
      SELECT ${orderId}::uuid, 'MADE' FROM fresh, verdict WHERE enough
      ON CONFLICT (order_id) DO NOTHING RETURNING order_id
    ), kept AS (
      INSERT INTO reservation_line (order_id, variant_id, quantity)
      SELECT d.order_id, l.variant_id, l.quantity FROM decided d, locked l
    ), taken AS (
      UPDATE stock s SET reserved = s.reserved + l.quantity, version = s.version + 1
        FROM decided d, locked l, variant v
       WHERE s.variant_id = l.variant_id AND v.id = s.variant_id
      RETURNING s.variant_id, l.event_id, jsonb_set(l.event::jsonb, '{data}', jsonb_build_object(
        'variantId', s.variant_id, 'productId', v.product_id, 'onHand', s.on_hand, 'reserved', s.reserved,
        'available', s.on_hand - s.reserved, 'sold', s.sold, 'version', s.version)) AS event
    ), sent AS (
      INSERT INTO outbox (id, topic, key, value)
      SELECT ${made.id}::uuid, ${topicOf(made)}, ${made.subject}, ${encodeEvent(made)} FROM decided
      UNION ALL
      SELECT event_id, ${topicOf(changed[0] ?? made)}, variant_id::text, event::text FROM taken
    )
    SELECT EXISTS (SELECT FROM decided) AS made, NOT EXISTS (SELECT FROM fresh) OR (SELECT enough FROM verdict) AS enough,
      (SELECT coalesce(json_agg(json_build_object('variantId', variant_id, 'available', available)), '[]') FROM locked) AS found`;
  const [row] = await committing(() => database.$queryRaw<Verdict[]>(reserving));
  return {
    made: row?.made ?? false,
    enough: row?.enough ?? false,
    available: new Map((row?.found ?? []).map(({ variantId, available }) => [variantId, available])),
  };
}

/** False: this order was decided before. */
export async function rememberRefused(
  database: Database,
  orderId: string,
  refused: DomainEvent<'reservation.refused'>,
): Promise<boolean> {
  const refusing = Prisma.sql`
    WITH decided AS (
      INSERT INTO reservation (order_id, status, ended_at) VALUES (${orderId}::uuid, 'REFUSED', now())
      ON CONFLICT (order_id) DO NOTHING RETURNING order_id
    )
    INSERT INTO outbox (id, topic, key, value)
    SELECT ${refused.id}::uuid, ${topicOf(refused)}, ${refused.subject}, ${encodeEvent(refused)} FROM decided`;
  const sent = await committing(() => database.$executeRaw(refusing));
  return sent === 1;
}

function topicOf({ type }: DomainEvent): string | undefined {
  return eventDefinition(type)?.topic.name;
}
