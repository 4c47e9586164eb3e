import type { SqlTransaction } from './transaction.ts';

/** How long what was sent and received is kept, as evidence and against late duplicates. Saga topics keep 30 days. */
const KEPT_DAYS = 31;
const ROWS_A_STATEMENT = 5_000;
/** Every order leaves a dozen rows in a shop's outboxes and inboxes: an hour's worth must fit, or the tables grow for ever. */
const MOST_STATEMENTS = 200;

/** Deletes published events and applied markers past their time, a bounded number a call. Run it as a sweep, hourly or so. */
export async function pruneDelivered(tx: SqlTransaction): Promise<number> {
  const outbox = await deleteByRounds(
    tx,
    `DELETE FROM outbox WHERE id IN (
       SELECT id FROM outbox WHERE published_at < now() - make_interval(days => ${KEPT_DAYS}) LIMIT ${ROWS_A_STATEMENT})`,
  );
  const inbox = await deleteByRounds(
    tx,
    `DELETE FROM inbox WHERE ctid IN (
       SELECT ctid FROM inbox WHERE received_at < now() - make_interval(days => ${KEPT_DAYS}) LIMIT ${ROWS_A_STATEMENT})`,
  );
  return outbox + inbox;
}

/** Each round by itself, so that none holds its locks for long; until one finds less than a round's worth. */
async function deleteByRounds(tx: SqlTransaction, statement: string): Promise<number> {
  let deleted = 0;
  for (let round = 0; round < MOST_STATEMENTS; round += 1) {
    const rows = await tx.$executeRawUnsafe(statement);
    deleted += rows;
    if (rows < ROWS_A_STATEMENT) break;
  }
  return deleted;
}
