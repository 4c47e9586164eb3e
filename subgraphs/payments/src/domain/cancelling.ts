/** Giving back what is held: the undo of authorizing. */
import { givingUp } from './authorizing.ts';
import { about, ask, type Decision, decided, movePayment } from './decision.ts';
import { release } from './ledger.ts';
import type { Attempt, Payment } from './payment.ts';
import { next } from './status-table.ts';

/** The order was cancelled. What is held is voided; an authorization that arrives from now on is, too. */
export function cancelPayment(payment: Payment, attempt: Attempt, now: Date): Decision | null {
  const status = next(payment.status, 'orderCancelled');
  if (status === null || payment.cancelledAt !== null || payment.captureRequestedAt !== null) return null;
  const cancelled = movePayment(payment, { status, cancelledAt: now, nextActionUrl: null }, now);
  const calls = attempt.status === 'AUTHORIZED' ? [ask('void', attempt)] : givingUp(attempt);
  return decided(cancelled, { calls });
}

/** The provider has given back what an attempt held, or has closed it before it held anything. */
export function settleVoid(payment: Payment, before: Attempt, now: Date): Decision | null {
  if (before.status === 'VOIDED' || before.status === 'DECLINED') return null;
  const attempt: Attempt = { ...before, status: 'VOIDED', updatedAt: now };
  const wasHeld = before.status === 'AUTHORIZED';
  const postings = wasHeld ? release(payment, attempt) : [];
  const status = payment.attemptId === attempt.id && wasHeld ? next(payment.status, 'voided') : null;
  if (status === null) return decided(movePayment(payment, {}, now), { attempt, postings });
  const voided = movePayment(payment, { status, authorizedMinor: 0, authorizationEndsAt: null }, now);
  return decided(voided, { attempt, postings, announcements: [{ type: 'payment.voided', payload: about(voided) }] });
}
