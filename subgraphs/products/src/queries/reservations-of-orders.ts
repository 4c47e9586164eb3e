import { isId } from '@ebuy/kernel';
import type { ReservationStatus } from '../domain/reservation.ts';
import { type Database, Prisma } from '../store/index.ts';
import { knownIds } from './ids.ts';

export interface ReservationOfOrder {
  readonly orderId: string;
  readonly status: ReservationStatus;
}

/** What became of them; orders that were never heard of are left out. */
export async function reservationsOfOrders(
  database: Database,
  orderIds: readonly string[],
): Promise<ReservationOfOrder[]> {
  return database.$queryRaw(Prisma.sql`
    SELECT order_id AS "orderId", status FROM reservation WHERE order_id = ANY(${knownIds(orderIds)}::uuid[])`);
}

/** Those that are held for more than a minute, by the order's id, a hundred at a time. */
export async function heldReservations(database: Database, after: string | null): Promise<ReservationOfOrder[]> {
  const from = after !== null && isId(after) ? after : '00000000-0000-0000-0000-000000000000';
  return database.$queryRaw(Prisma.sql`
    SELECT order_id AS "orderId", status FROM reservation
     WHERE status = 'MADE' AND made_at < now() - interval '1 minute' AND order_id > ${from}::uuid
     ORDER BY order_id LIMIT 100`);
}
