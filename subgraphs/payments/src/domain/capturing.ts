/** Taking what is held. It is undone by refunds. */
import { about, ask, type Decision, decided, movePayment } from './decision.ts';
import { capture } from './ledger.ts';
import type { Attempt, Failure, Payment } from './payment.ts';
import { next, STATUS_TABLE } from './status-table.ts';

/** The order was shipped. Where nothing is held nothing can be taken, and orders is told. */
export function requestCapture(payment: Payment, attempt: Attempt, now: Date): Decision | null {
  if (payment.captureRequestedAt !== null) return null;
  const cell = STATUS_TABLE[payment.status].orderShipped;
  if (cell.kind === 'move' && payment.cancelledAt === null) {
    return decided(movePayment(payment, { captureRequestedAt: now }, now), { calls: [ask('capture', attempt)] });
  }
  if (payment.capturedMinor > 0) return null;
  const failure = { code: 'not_authorized', message: 'Nothing is held for this order, so nothing can be taken.' };
  return decided(movePayment(payment, { failure }, now), {
    announcements: [failedNow(payment, failure, false)],
  });
}

export function settleCapture(payment: Payment, attempt: Attempt, now: Date): Decision | null {
  const status = next(payment.status, 'captured');
  if (status === null) return null;
  const captured = movePayment(payment, { status, capturedMinor: payment.amount.amountMinor, failure: null }, now);
  return decided(captured, {
    postings: capture(payment, attempt),
    announcements: [{ type: 'payment.captured', payload: about(captured) }],
  });
}

/** Told at its first failure and at its last. */
export function failCapture(payment: Payment, failure: Failure, willRetry: boolean, now: Date): Decision | null {
  const status = next(payment.status, 'captureFailed');
  if (status === null || (willRetry && payment.failure !== null)) return null;
  return decided(movePayment(payment, { status, failure }, now), {
    announcements: [failedNow(payment, failure, willRetry)],
  });
}

function failedNow(payment: Payment, failure: Failure, willRetry: boolean) {
  return { type: 'payment.captureFailed' as const, payload: { ...about(payment), failure, willRetry } };
}
