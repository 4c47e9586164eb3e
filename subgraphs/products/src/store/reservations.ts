import { Fault } from '@ebuy/kernel';
import type { ReservationStatus, ReservedLine } from '../domain/reservation.ts';
import { type Database, Prisma, type Transaction } from './index.ts';
import type { StockLevel } from './stock.ts';

/** Whether it ended here and now, the levels that this made, and how many units of what. */
const WHAT_ENDED = Prisma.raw(`
    SELECT EXISTS (SELECT FROM ended) AS ended,
      (SELECT coalesce(json_agg(json_build_object('variantId', variant_id, 'productId', product_id,
        'onHand', on_hand, 'reserved', reserved, 'sold', sold, 'version', version)), '[]') FROM changed) AS levels,
      (SELECT coalesce(json_agg(json_build_object('variantId', variant_id, 'quantity', quantity)), '[]') FROM locked) AS lines`);

export interface Ending {
  /** Whether the reservation ended here and now. */
  readonly ended: boolean;
  readonly levels: readonly StockLevel[];
  readonly lines: readonly ReservedLine[];
}

/** MADE → RELEASED: the units can be sold again. One statement. */
export async function releaseReservation(tx: Transaction, orderId: string): Promise<Ending> {
  const [row] = await tx.$queryRaw<Ending[]>(Prisma.sql`
    WITH ${ending(orderId, 'RELEASED')}, changed AS (
      UPDATE stock s SET reserved = s.reserved - l.quantity, version = s.version + 1
        FROM locked l, variant v WHERE s.variant_id = l.variant_id AND v.id = s.variant_id
      RETURNING s.variant_id, v.product_id, s.on_hand, s.reserved, s.sold, s.version
    )
    ${WHAT_ENDED}`);
  return row as Ending;
}

/** MADE → CONSUMED: the units have left, and a movement says so. One statement. */
export async function consumeReservation(tx: Transaction, orderId: string): Promise<Ending> {
  const [row] = await tx.$queryRaw<Ending[]>(Prisma.sql`
    WITH ${ending(orderId, 'CONSUMED')}, changed AS (
      UPDATE stock s SET on_hand = s.on_hand - l.quantity, reserved = s.reserved - l.quantity, sold = s.sold + l.quantity,
             version = s.version + 1
        FROM locked l, variant v WHERE s.variant_id = l.variant_id AND v.id = s.variant_id
      RETURNING s.variant_id, v.product_id, s.on_hand, s.reserved, s.sold, s.version
    ), moved AS (
      INSERT INTO stock_movement (variant_id, delta, reason, order_id, who)
      SELECT variant_id, -quantity, 'shipped', ${orderId}::uuid, 'orders' FROM locked
    )
    ${WHAT_ENDED}`);
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

/** What an order's reservation has become by now; null: the order was never heard of. */
export async function readReservationStatus(tx: Transaction, orderId: string): Promise<ReservationStatus | null> {
  const [row] = await tx.$queryRaw<{ status: ReservationStatus }[]>(
    Prisma.sql`SELECT status FROM reservation WHERE order_id = ${orderId}::uuid`,
  );
  return row?.status ?? null;
}

/** Throws, to be tried again, when the order was heard of in the meantime. */
export async function rememberCancelled(tx: Transaction, orderId: string): Promise<void> {
  const inserted = await tx.$executeRaw(Prisma.sql`
    INSERT INTO reservation (order_id, status, ended_at) VALUES (${orderId}::uuid, 'CANCELLED_BEFORE', now())
    ON CONFLICT (order_id) DO NOTHING`);
  if (inserted === 0) throw new Fault(`Order ${orderId} was reserved at this moment`, { retryable: true });
}

/** Reservations that have waited longer than any order may: there should be none. The oldest first, at most 100. */
export async function findStrays(database: Database, olderThanHours: number) {
  return database.$queryRaw<{ orderId: string; madeAt: Date }[]>(Prisma.sql`
    SELECT order_id AS "orderId", made_at AS "madeAt" FROM reservation
     WHERE status = 'MADE' AND made_at < now() - make_interval(hours => ${olderThanHours}::int)
     ORDER BY made_at LIMIT 100`);
}
