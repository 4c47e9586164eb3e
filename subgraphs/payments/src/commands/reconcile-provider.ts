/**
 * Compares our payments with the provider's books, in both directions. An answer that was lost is asked for and settled, a hold that nobody
 * wants is voided, a capture that was not recorded is recorded: all as if the provider had just said so. Where amounts, orders or sums
 * differ nothing is changed: that is money, and people look.
 */
import { Fault, isId } from '@ebuy/kernel';
import { type Discrepancy, noteDiscrepancies, type Tally } from '@ebuy/runtime';
import { settleAuthorization } from '../domain/authorizing.ts';
import { settleVoid } from '../domain/cancelling.ts';
import { settleCapture } from '../domain/capturing.ts';
import { type DiscrepancyKind, type Judgement, judge, type Known } from '../domain/reconciling.ts';
import type { BookedCharge } from '../provider/provider.ts';
import { type Change, change } from '../store/change.ts';
import { inTransaction } from '../store/index.ts';
import { lockAttempt } from '../store/payments.ts';
import { askForVoidAgain, readBelieved, readKnown, readPaidOrders } from '../store/reconciling.ts';
import type { Payments } from './payments.ts';
import { isLast } from './settle.ts';

export const JOB = 'payments';

/** What is younger is still on its way, there or here. */
const YOUNG_MS = 60_000;
/** Attempts that the provider did not list are asked about one by one. */
const MOST_ASKED = 200;

export interface Stretch {
  readonly since: Date;
  /** Where a page before has ended; null: at the beginning. */
  readonly after: string | null;
  readonly mostPages: number;
}

export interface ReconcileNeeds extends Pick<Payments, 'store' | 'provider' | 'makeCalls'> {
  readonly now: () => Date;
  /** A minute by default. */
  readonly youngMs?: number;
}

/** Compares a stretch of the books. Returns where it stopped; null: at their end. */
export async function reconcileProvider(needs: ReconcileNeeds, stretch: Stretch, tally: Tally): Promise<string | null> {
  const { provider } = needs;
  const listed: string[] = [];
  let { after } = stretch;
  let reached = needs.now();
  for (let pages = 0; ; pages += 1) {
    const before = new Date(needs.now().getTime() - (needs.youngMs ?? YOUNG_MS));
    const page = await provider.listCharges(stretch.since, after);
    listed.push(...page.charges.flatMap(({ reference }) => (reference !== null && isId(reference) ? [reference] : [])));
    await comparePage(needs, page.charges, before, tally);
    after = page.next;
    if (after === null || pages + 1 >= stretch.mostPages) {
      reached = after === null ? before : new Date((page.charges.at(-1)?.bookedAt ?? before).getTime() - YOUNG_MS);
      break;
    }
  }
  const from = stretch.after === null ? stretch.since : startOf(listed, reached);
  await compareBelieved(needs, { from, until: reached }, listed, tally);
  return after;
}

/** A stretch that began in the middle begins with the first charge that it listed, and what the one before has left out at its end. */
function startOf([first]: readonly string[], reached: Date): Date {
  if (first === undefined) return reached;
  return new Date(Number.parseInt(first.replaceAll('-', '').slice(0, 12), 16) - 2 * YOUNG_MS);
}

async function comparePage(
  needs: ReconcileNeeds,
  charges: readonly BookedCharge[],
  before: Date,
  tally: Tally,
): Promise<void> {
  const old = charges.filter(({ bookedAt }) => bookedAt <= before);
  const references = old.flatMap(({ reference }) => (reference !== null && isId(reference) ? [reference] : []));
  const known = await readKnown(needs.store, references);
  const strangers = old.filter(({ reference }) => reference === null || !known.has(reference));
  const paid = await readPaidOrders(
    needs.store,
    strangers.flatMap(({ orderId }) => (orderId !== null && isId(orderId) ? [orderId] : [])),
  );
  const subjects: string[] = [];
  const found: Discrepancy[] = [];
  for (const charge of old) {
    const ours = known.get(charge.reference ?? '') ?? null;
    // What has just changed here is not yet in the page, which was read before.
    if (ours !== null && ours.payment.updatedAt > before) continue;
    subjects.push(subjectOf(charge));
    const judgement = judge(charge, ours, paid.has(charge.orderId ?? ''));
    if (judgement.kind === 'report') found.push(discrepancyOf(charge, ours, judgement.what));
    else if (ours !== null && !(await soundly(() => mend(needs, charge, ours, judgement, tally))))
      found.push(discrepancyOf(charge, ours, 'not_mended'));
  }
  tally.compare(subjects.length);
  tally.report(...found);
  await noteDiscrepancies(needs.store, JOB, subjects, found);
}

/** One charge that cannot be mended must not keep the rest from it. False: it failed, and will again. Throws what may pass by itself. */
async function soundly(work: () => Promise<unknown>): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    if (error instanceof Fault && !error.retryable) return false;
    throw error;
  }
}

async function mend(
  needs: ReconcileNeeds,
  charge: BookedCharge,
  { payment, attempt }: Known,
  judgement: Exclude<Judgement, { kind: 'report' }>,
  tally: Tally,
): Promise<void> {
  switch (judgement.kind) {
    case 'fine':
      return;
    case 'settle': {
      const answer = await needs.provider.findAuthorization(attempt.id, payment.amount);
      if (answer === null) return;
      const closing = isLast(answer.news) ? { subjectId: attempt.id, kinds: ['authorize' as const] } : null;
      return record(needs, attempt.id, 'lost answers settled', tally, {
        decide: (locked) => settleAuthorization(locked.payment, locked.attempt, answer.news, needs.now()),
        closing,
      });
    }
    case 'recordCapture':
      return record(needs, attempt.id, 'captures recorded', tally, {
        decide: (locked) => settleCapture(locked.payment, locked.attempt, needs.now()),
        closing: { subjectId: attempt.id, kinds: ['capture'] },
      });
    case 'recordVoid':
      return record(needs, attempt.id, 'voids recorded', tally, {
        decide: (locked) => settleVoid(locked.payment, locked.attempt, needs.now()),
        closing: { subjectId: attempt.id, kinds: ['void', 'authorize'] },
      });
    case 'void': {
      const asked = await inTransaction(needs.store, async (tx) => {
        const locked = await lockAttempt(tx, attempt.id);
        if (locked === null || judge(charge, locked).kind !== 'void') return false;
        return askForVoidAgain(tx, locked, charge.providerId);
      });
      if (asked) tally.repair('holds of nobody voided');
    }
  }
}

async function record(
  { store, makeCalls }: ReconcileNeeds,
  attemptId: string,
  repair: string,
  tally: Tally,
  what: Pick<Change, 'decide' | 'closing'>,
): Promise<void> {
  const { outcome, calls } = await change(store, {
    ...what,
    lock: (tx) => lockAttempt(tx, attemptId),
    trace: ({ attempt }) => attempt.trace,
  });
  if (outcome === 'changed') tally.repair(repair);
  void makeCalls(calls);
}

/** The other way: what we believe to be held or taken, and the provider has not listed. */
async function compareBelieved(
  { store, provider, now, youngMs = YOUNG_MS }: ReconcileNeeds,
  time: { readonly from: Date; readonly until: Date },
  listed: readonly string[],
  tally: Tally,
): Promise<void> {
  const settledBefore = new Date(now().getTime() - youngMs);
  const believed = await readBelieved(store, { ...time, settledBefore }, listed, MOST_ASKED);
  const found: Discrepancy[] = [];
  for (const { payment, attempt } of believed) {
    // An answer that makes no sense is the page's to report: the provider has something.
    let absent = false;
    await soundly(async () => {
      absent = (await provider.findAuthorization(attempt.id, payment.amount)) === null;
    });
    if (!absent) continue;
    const { orderId, status, amount } = payment;
    const details = { orderId, believed: status, ...amount, providerId: attempt.providerId };
    found.push({ kind: 'charge_not_at_provider' satisfies DiscrepancyKind, subject: attempt.id, details });
  }
  tally.compare(believed.length);
  tally.report(...found);
  await noteDiscrepancies(
    store,
    JOB,
    believed.map(({ attempt }) => attempt.id),
    found,
  );
}

/** Our name for a charge, or the provider's for one that is not ours. */
function subjectOf({ reference, providerId }: BookedCharge): string {
  return reference ?? providerId;
}

function discrepancyOf(charge: BookedCharge, ours: Known | null, kind: DiscrepancyKind): Discrepancy {
  const { providerId, orderId, status, amount, capturedMinor, refundedMinor } = charge;
  const believed =
    ours === null
      ? null
      : {
          orderId: ours.payment.orderId,
          status: ours.payment.status,
          ...ours.payment.amount,
          capturedMinor: ours.payment.capturedMinor,
          refundedMinor: ours.payment.refundedMinor,
        };
  const booked = { orderId, status, ...amount, capturedMinor, refundedMinor };
  return { kind, subject: subjectOf(charge), details: { providerId, booked, believed } };
}
