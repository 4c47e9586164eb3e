/** Reconciliation of orders as a sweep: the latest each time, and a walk over the last month and over all held units beside it. */
import { beginRound, type Findings, keepPosition, type Reconciliation, readPosition } from '@ebuy/runtime';
import {
  JOB,
  leftForPeople,
  type ReconcileNeeds,
  Round,
  reconcileHeld,
  reconcileOpen,
  reconcileOrders,
} from './reconcile-orders.ts';

const HOUR_MS = 3_600_000;
/** Longer than an order may wait for its shipment, and as long as events are kept. */
const LOOK_BACK_MS = 31 * 24 * HOUR_MS;
/** Of a hundred orders: two calls each to products and to payments. */
const PAGES_A_ROUND = 20;
const ALL_PAGES = 100_000;
const HELD = 'held reservations';

export function orderReconciliation(needs: ReconcileNeeds, everyMs: number): Reconciliation {
  return {
    job: JOB,
    everyMs,
    begin: () => beginRound(needs.store, JOB, everyMs),
    round: () => round(needs, Math.max(2 * everyMs, HOUR_MS)),
  };
}

async function round(needs: ReconcileNeeds, overlapMs: number): Promise<Findings> {
  const { store, now } = needs;
  const tally = new Round();
  const from = (ms: number) => firstIdOf(new Date(now().getTime() - ms));
  await reconcileOpen(needs, tally);
  await reconcileOrders(needs, { after: from(overlapMs), mostPages: PAGES_A_ROUND }, tally);
  const walk = await readPosition(store, JOB);
  const stretch = { after: walk ?? from(LOOK_BACK_MS), mostPages: PAGES_A_ROUND };
  await keepPosition(store, JOB, await reconcileOrders(needs, stretch, tally));
  const held = { after: (await readPosition(store, HELD)) ?? FIRST_ID, mostPages: PAGES_A_ROUND };
  await keepPosition(store, HELD, await reconcileHeld(needs, held, tally));
  return { ...tally.findings, reported: await leftForPeople(needs) };
}

/** Everything at once, for who asks. */
export async function reconcileAllOrders(needs: ReconcileNeeds): Promise<Findings> {
  const tally = new Round();
  const after = firstIdOf(new Date(needs.now().getTime() - LOOK_BACK_MS));
  await reconcileOpen(needs, tally);
  await reconcileOrders(needs, { after, mostPages: ALL_PAGES }, tally);
  await reconcileHeld(needs, { after: FIRST_ID, mostPages: ALL_PAGES }, tally);
  return { ...tally.findings, reported: await leftForPeople(needs) };
}

const FIRST_ID = '00000000-0000-0000-0000-000000000000';

/** Ids are UUIDv7: they begin with the time. */
function firstIdOf(moment: Date): string {
  const hex = Math.max(moment.getTime(), 0).toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-000000000000`;
}
