import type { Store } from './index.ts';

/** Longer than dead letters are kept: until then any event may come again. */
const KEPT_DAYS = 100;
const ROWS_A_CALL = 5_000;

/** Deletes settled calls, webhooks' ids and cancellations past their time, a bounded number a call. Payments and the ledger stay. */
export async function pruneSettled(store: Store): Promise<number> {
  const calls = await store.$executeRaw`
    DELETE FROM provider_call WHERE id IN (
      SELECT id FROM provider_call
       WHERE state = 'DONE' AND done_at < now() - make_interval(days => ${KEPT_DAYS}::int) LIMIT ${ROWS_A_CALL})`;
  const events = await store.$executeRaw`
    DELETE FROM provider_event WHERE ctid IN (
      SELECT ctid FROM provider_event WHERE received_at < now() - make_interval(days => ${KEPT_DAYS}::int) LIMIT ${ROWS_A_CALL})`;
  const orders = await store.$executeRaw`
    DELETE FROM cancelled_order WHERE ctid IN (
      SELECT ctid FROM cancelled_order WHERE cancelled_at < now() - make_interval(days => ${KEPT_DAYS}::int) LIMIT ${ROWS_A_CALL})`;
  return calls + events + orders;
}
