import type { SqlTransaction } from './transaction.ts';

/** How long what was sent and received is kept, as evidence and against late duplicates. Saga topics keep 30 days. */
const KEPT_DAYS = 31;
const ROWS_A_CALL = 5_000;

/** Deletes published events and applied markers past their time, a bounded number a call. Run it as a sweep, hourly or so. */
export async function pruneDelivered(tx: SqlTransaction): Promise<number> {
  const outbox = await tx.$executeRawUnsafe(
    `DELETE FROM outbox WHERE id IN (
       SELECT id FROM outbox WHERE published_at < now() - make_interval(days => ${KEPT_DAYS}) LIMIT ${ROWS_A_CALL})`,
  );
  const inbox = await tx.$executeRawUnsafe(
    `DELETE FROM inbox WHERE ctid IN (
       SELECT ctid FROM inbox WHERE received_at < now() - make_interval(days => ${KEPT_DAYS}) LIMIT ${ROWS_A_CALL})`,
  );
  return outbox + inbox;
}
