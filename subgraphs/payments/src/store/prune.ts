import type { Store } from './index.ts';

/** Longer than dead letters are kept: until then any event may come again. */
const KEPT_DAYS = 100;
const ROWS_A_STATEMENT = 5_000;
/** Every order leaves several rows: an hour's worth must fit, or the tables grow for ever. */
const MOST_STATEMENTS = 200;

/** Deletes settled calls, webhooks' ids and cancellations past their time, a bounded number a call. Payments and the ledger stay. */
export async function pruneSettled(store: Store): Promise<number> {
  const calls = await byRounds(
    () => store.$executeRaw`
      DELETE FROM provider_call WHERE id IN (
        SELECT id FROM provider_call
         WHERE state = 'DONE' AND done_at < now() - make_interval(days => ${KEPT_DAYS}::int) LIMIT ${ROWS_A_STATEMENT})`,
  );
  const events = await byRounds(
    () => store.$executeRaw`
      DELETE FROM provider_event WHERE ctid IN (
        SELECT ctid FROM provider_event
         WHERE received_at < now() - make_interval(days => ${KEPT_DAYS}::int) LIMIT ${ROWS_A_STATEMENT})`,
  );
  const orders = await byRounds(
    () => store.$executeRaw`
      DELETE FROM cancelled_order WHERE ctid IN (
        SELECT ctid FROM cancelled_order
         WHERE cancelled_at < now() - make_interval(days => ${KEPT_DAYS}::int) LIMIT ${ROWS_A_STATEMENT})`,
  );
  return calls + events + orders;
}

/** Each round by itself, so that none holds its locks for long; until one finds less than a round's worth. */
async function byRounds(round: () => Promise<number>): Promise<number> {
  let deleted = 0;
  for (let rounds = 0; rounds < MOST_STATEMENTS; rounds += 1) {
    const rows = await round();
    deleted += rows;
    if (rows < ROWS_A_STATEMENT) break;
  }
  return deleted;
}
