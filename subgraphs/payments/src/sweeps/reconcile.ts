/** Reconciliation with the provider as a sweep: the latest charges each time, and a walk over the last days beside it. */
import {
  beginRound,
  type Findings,
  keepPosition,
  openDiscrepancies,
  type Reconciliation,
  readPosition,
  Tally,
} from '@ebuy/runtime';
import { JOB, type ReconcileNeeds, reconcileProvider } from '../commands/reconcile-provider.ts';

const HOUR_MS = 3_600_000;
/** A hold is changed for as long as it lasts, which is seven days: what is younger is walked over again and again. */
const LOOK_BACK_MS = 8 * 24 * HOUR_MS;
/** Of a hundred charges. */
const PAGES_A_ROUND = 10;
const ALL_PAGES = 100_000;

interface Position {
  readonly since: string;
  readonly after: string;
}

export function providerReconciliation(needs: ReconcileNeeds, everyMs: number): Reconciliation {
  return {
    job: JOB,
    everyMs,
    begin: () => beginRound(needs.store, JOB, everyMs),
    round: () => round(needs, Math.max(2 * everyMs, HOUR_MS)),
  };
}

/** `overlapMs`: how far the latest charges are looked at again, so that none is missed between two rounds. */
async function round(needs: ReconcileNeeds, overlapMs: number): Promise<Findings> {
  const { store, now } = needs;
  const tally = new Tally();
  const ago = (ms: number) => new Date(now().getTime() - ms);
  await reconcileProvider(needs, { since: ago(overlapMs), after: null, mostPages: PAGES_A_ROUND }, tally);
  const kept = await readPosition(store, JOB);
  const position = kept === null ? null : (JSON.parse(kept) as Position);
  const since = position === null ? ago(LOOK_BACK_MS) : new Date(position.since);
  const after = await reconcileProvider(
    needs,
    { since, after: position?.after ?? null, mostPages: PAGES_A_ROUND },
    tally,
  );
  await keepPosition(
    store,
    JOB,
    after === null ? null : JSON.stringify({ since: since.toISOString(), after } satisfies Position),
  );
  return withOpen(needs, tally);
}

/** Everything at once, for who asks. */
export async function reconcileAll(needs: ReconcileNeeds, since: Date): Promise<Findings> {
  const tally = new Tally();
  await reconcileProvider(needs, { since, after: null, mostPages: ALL_PAGES }, tally);
  return withOpen(needs, tally);
}

/** What earlier rounds have found stays reported until it is found to be no more. */
async function withOpen({ store }: ReconcileNeeds, tally: Tally): Promise<Findings> {
  const reported = await openDiscrepancies(store, JOB);
  return { ...tally.findings, reported: reported.map(({ kind, subject, details }) => ({ kind, subject, details })) };
}
