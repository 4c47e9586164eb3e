/**
 * What the audit says of a payment: each decision about money, whoever came with the news, and who asked for a refund. Ids, amounts and
 * codes; a provider's message and the reason of a refund are texts and stay where they are.
 */
import type { Trace } from '@ebuy/events';
import { type AuditEntry, type Audited, auditorOfService, plainOr } from '@ebuy/runtime';
import type { Announcement, Decision } from '../domain/decision.ts';
import type { Attempt, Failure, Payment, Refund } from '../domain/payment.ts';

type Detail = NonNullable<Audited['detail']>;

/** The entries of a decision, by payments itself. What moves no money and refuses none leaves none. */
export function auditedDecision(decision: Decision, trace: Trace): AuditEntry[] {
  const audit = auditorOfService('payments', trace);
  return decisionsOf(decision).map((audited) => audit(audited, decision.payment.updatedAt));
}

/** Staff set an amount aside to be given back. */
export function auditedRefund({ payment, refund }: Decision): Audited {
  return about('refundOrder', payment, refund === null ? {} : detailOfRefund(payment, refund));
}

function decisionsOf({ payment, attempt, refund, postings, announcements }: Decision): Audited[] {
  const booked = postings.map(({ kind }) => kind);
  const ofAttempt = attempt === null ? [] : attemptDecided(payment, attempt, booked);
  const ofRefund = refund === null ? [] : refundDecided(payment, refund, booked);
  return [...ofAttempt, ...announcements.flatMap((one) => captureDecided(payment, one, booked)), ...ofRefund];
}

const DECIDED: Readonly<Partial<Record<Attempt['status'], string>>> = {
  AUTHORIZED: 'payment.authorized',
  DECLINED: 'payment.declined',
  VOIDED: 'payment.voided',
};

function attemptDecided(payment: Payment, { id, status, failure }: Attempt, booked: readonly string[]): Audited[] {
  const action = DECIDED[status];
  if (action === undefined) return [];
  const { amountMinor, currency } = payment.amount;
  return [about(action, payment, { attemptId: id, amountMinor, currency, booked, ...failureOf(failure) })];
}

function captureDecided(payment: Payment, { type, payload }: Announcement, booked: readonly string[]): Audited[] {
  const { amountMinor, currency } = payment.amount;
  if (type === 'payment.captured') return [about(type, payment, { amountMinor, currency, booked })];
  if (type !== 'payment.captureFailed') return [];
  return [about(type, payment, { amountMinor, currency, willRetry: payload.willRetry, ...failureOf(payload.failure) })];
}

function refundDecided(payment: Payment, refund: Refund, booked: readonly string[]): Audited[] {
  if (refund.status === 'PENDING') return [];
  const action = refund.status === 'SUCCEEDED' ? 'payment.refunded' : 'payment.refundFailed';
  return [about(action, payment, { ...detailOfRefund(payment, refund), booked, ...failureOf(refund.failure) })];
}

function detailOfRefund({ amount }: Payment, { id, amountMinor }: Refund): Detail {
  return { refundId: id, amountMinor, currency: amount.currency };
}

/** The provider's word for it. */
function failureOf(failure: Failure | null): Detail {
  return failure === null ? {} : { failure: plainOr(failure.code, 'other') };
}

function about(action: string, { id, orderId, version, status }: Payment, detail: Detail): Audited {
  return { action, aggregate: { type: 'Payment', id }, version, detail: { orderId, status, ...detail } };
}
