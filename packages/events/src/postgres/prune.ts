import type { SqlTransaction } from './transaction.ts';

/** How long what was sent and received is kept, as evidence and against late duplicates. Saga topics keep 30 days. */
const KEPT_DAYS = 31;
const ROWS_A_ROUND = 5_000;
/** Every order leaves a dozen rows in a shop's outboxes and inboxes: an hour's worth must fit, or the tables grow for ever. */
const MAX_ROUNDS = 200;

/** Deletes published events and applied markers past their time, a bounded number a call. Run it as a sweep, hourly or so. */
export async function pruneDelivered(tx: SqlTransaction): Promise<number> {
  const outbox = await deleteInRounds(tx, 'outbox', `published_at < now() - make_interval(days => ${KEPT_DAYS})`);
  const inbox = await deleteInRounds(tx, 'inbox', `received_at < now() - make_interval(days => ${KEPT_DAYS})`);
  return outbox + inbox;
}

/**
 * Deletes the rows of a table for which a condition holds, at most a million a call. Each round is a statement of its own, so that
 * none holds its locks for long. `table` and `condition` are SQL of the code's own, never of a caller's input. Returns how many.
 */
export async function deleteInRounds(tx: SqlTransaction, table: string, condition: string): Promise<number> {
  let deleted = 0;
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const rows = await tx.$executeRawUnsafe(
      `DELETE FROM ${table} WHERE ctid IN (SELECT ctid FROM ${table} WHERE ${condition} LIMIT ${ROWS_A_ROUND})`,
    );
    deleted += rows;
    if (rows < ROWS_A_ROUND) break;
  }
  return deleted;
}
