import { deleteInRounds } from '@ebuy/events';
import type { Store } from './index.ts';

/** Longer than dead letters are kept: until then any event may come again. */
const KEPT_DAYS = 100;
const PAST = `< now() - make_interval(days => ${KEPT_DAYS})`;

/** Deletes settled calls, webhooks' ids and cancellations past their time, a bounded number a call. Payments and the ledger stay. */
export async function pruneSettled(store: Store): Promise<number> {
  const calls = await deleteInRounds(store, 'provider_call', `state = 'DONE' AND done_at ${PAST}`);
  const events = await deleteInRounds(store, 'provider_event', `received_at ${PAST}`);
  const orders = await deleteInRounds(store, 'cancelled_order', `cancelled_at ${PAST}`);
  return calls + events + orders;
}
