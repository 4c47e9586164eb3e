import type { ReservationStatus, ReservedLine } from '../domain/reservation.ts';
import { type Database, PREPARED, Prisma, type Transaction } from './index.ts';
import type { StockLevel } from './stock.ts';

const LEVELS = Prisma.raw(`coalesce((SELECT json_agg(json_build_object('variantId', variant_id, 'productId', product_id,
    'onHand', on_hand, 'reserved', reserved, 'version', version)) FROM changed), '[]') AS levels`);

export interface Decision {
  /** Null: this order was decided before, and nothing was done. */
  readonly status: 'MADE' | 'REFUSED' | null;
  readonly levels: readonly StockLevel[];
  /** Units of each variant that could be had, before any was taken; variants that are not known here are missing. */
  readonly available: ReadonlyMap<string, number>;
}

/**
 * Reserves all or nothing, in one statement.
 * - Rows of stock are locked in the order of their ids, so that two orders never wait for each other in a circle; what is
 *   read under the lock is the newest, and the same statement takes the units.
 * - The order's own row comes only with the verdict, and everything else hangs on having written it: of two deliveries at
 *   the same moment one does nothing.
 */
export async function decideReservation(
  tx: Transaction,
  orderId: string,
  wanted: readonly ReservedLine[],
): Promise<Decision> {
  const [row] = await tx.$queryRaw<
    { status: 'MADE' | 'REFUSED' | null; levels: StockLevel[]; found: { variantId: string; available: number }[] }[]
  >(Prisma.sql`${Prisma.raw(PREPARED)}
    WITH fresh AS (
      SELECT WHERE NOT EXISTS (SELECT FROM reservation WHERE order_id = ${orderId}::uuid)
    ), wanted AS (
      SELECT w.* FROM unnest(${wanted.map(({ variantId }) => variantId)}::uuid[], ${wanted.map(({ quantity }) => quantity)}::int[])
        AS w(variant_id, quantity), fresh
    ), locked AS (
      SELECT s.variant_id, s.on_hand - s.reserved AS available, w.quantity
        FROM stock s JOIN wanted w USING (variant_id) ORDER BY s.variant_id FOR UPDATE OF s
    ), verdict AS (
      SELECT count(*) FILTER (WHERE available >= quantity) = ${wanted.length}::int AS enough FROM locked
    ), decided AS (
      INSERT INTO reservation (order_id, status, ended_at)
      SELECT ${orderId}::uuid, CASE WHEN enough THEN 'MADE' ELSE 'REFUSED' END, CASE WHEN enough THEN NULL ELSE now() END
        FROM verdict, fresh
      ON CONFLICT (order_id) DO NOTHING RETURNING status
    ), kept AS (
      INSERT INTO reservation_line (order_id, variant_id, quantity)
      SELECT ${orderId}::uuid, l.variant_id, l.quantity FROM locked l, decided d WHERE d.status = 'MADE'
    ), changed AS (
      UPDATE stock s SET reserved = s.reserved + l.quantity, version = s.version + 1
        FROM locked l, decided d, variant v
       WHERE d.status = 'MADE' AND s.variant_id = l.variant_id AND v.id = s.variant_id
      RETURNING s.variant_id, v.product_id, s.on_hand, s.reserved, s.version
    )
    SELECT (SELECT status FROM decided) AS status, ${LEVELS},
      coalesce((SELECT json_agg(json_build_object('variantId', variant_id, 'available', available)) FROM locked), '[]') AS found`);
  return {
    status: row?.status ?? null,
    levels: row?.levels ?? [],
    available: new Map((row?.found ?? []).map(({ variantId, available }) => [variantId, available])),
  };
}

export interface Ending {
  /** The status before; null: the order was never heard of. */
  readonly before: ReservationStatus | null;
  /** Whether the reservation ended here and now. */
  readonly ended: boolean;
  readonly levels: readonly StockLevel[];
  readonly lines: readonly ReservedLine[];
}

interface EndingRow {
  readonly before: ReservationStatus | null;
  readonly ended: boolean;
  readonly levels: StockLevel[];
  readonly lines: ReservedLine[];
}

/** MADE → RELEASED: the units can be sold again. One statement. */
export async function releaseReservation(tx: Transaction, orderId: string): Promise<Ending> {
  const [row] = await tx.$queryRaw<EndingRow[]>(Prisma.sql`${Prisma.raw(PREPARED)}
    WITH ${ending(orderId, 'RELEASED')}, changed AS (
      UPDATE stock s SET reserved = s.reserved - l.quantity, version = s.version + 1
        FROM locked l, variant v WHERE s.variant_id = l.variant_id AND v.id = s.variant_id
      RETURNING s.variant_id, v.product_id, s.on_hand, s.reserved, s.version
    )
    ${whatEnded(orderId)}`);
  return row as Ending;
}

/** MADE → CONSUMED: the units have left, and a movement says so. One statement. */
export async function consumeReservation(tx: Transaction, orderId: string): Promise<Ending> {
  const [row] = await tx.$queryRaw<EndingRow[]>(Prisma.sql`${Prisma.raw(PREPARED)}
    WITH ${ending(orderId, 'CONSUMED')}, changed AS (
      UPDATE stock s SET on_hand = s.on_hand - l.quantity, reserved = s.reserved - l.quantity, version = s.version + 1
        FROM locked l, variant v WHERE s.variant_id = l.variant_id AND v.id = s.variant_id
      RETURNING s.variant_id, v.product_id, s.on_hand, s.reserved, s.version
    ), moved AS (
      INSERT INTO stock_movement (variant_id, delta, reason, order_id, who)
      SELECT variant_id, -quantity, 'shipped', ${orderId}::uuid, 'orders' FROM locked
    )
    ${whatEnded(orderId)}`);
  return row as Ending;
}

/** Ends a reservation that is MADE, then locks its stock in the order of the ids. */
function ending(orderId: string, status: 'RELEASED' | 'CONSUMED'): Prisma.Sql {
  return Prisma.sql`ended AS (
      UPDATE reservation SET status = ${Prisma.raw(`'${status}'`)}, ended_at = now()
       WHERE order_id = ${orderId}::uuid AND status = 'MADE' RETURNING order_id
    ), locked AS (
      SELECT s.variant_id, l.quantity
        FROM ended JOIN reservation_line l USING (order_id) JOIN stock s USING (variant_id)
       ORDER BY s.variant_id FOR UPDATE OF s
    )`;
}

function whatEnded(orderId: string): Prisma.Sql {
  return Prisma.sql`SELECT (SELECT status FROM reservation WHERE order_id = ${orderId}::uuid) AS before,
      EXISTS (SELECT FROM ended) AS ended, ${LEVELS},
      coalesce((SELECT json_agg(json_build_object('variantId', variant_id, 'quantity', quantity)) FROM locked), '[]') AS lines`;
}

/** False: the order was heard of in the meantime. */
export async function rememberCancelled(tx: Transaction, orderId: string): Promise<boolean> {
  const inserted = await tx.$executeRaw(Prisma.sql`
    INSERT INTO reservation (order_id, status, ended_at) VALUES (${orderId}::uuid, 'CANCELLED_BEFORE', now())
    ON CONFLICT (order_id) DO NOTHING`);
  return inserted === 1;
}

/** Reservations that have waited longer than any order may: there should be none. The oldest first, at most 100. */
export async function findStrays(database: Database, olderThanHours: number) {
  return database.$queryRaw<{ orderId: string; madeAt: Date }[]>(Prisma.sql`
    SELECT order_id AS "orderId", made_at AS "madeAt" FROM reservation
     WHERE status = 'MADE' AND made_at < now() - make_interval(hours => ${olderThanHours}::int)
     ORDER BY made_at LIMIT 100`);
}
