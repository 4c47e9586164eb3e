/**
 * Writes what was decided, as a whole: payment, attempt, refund, ledger, audit, and what the provider is to be asked, in one statement;
 * the events beside it. Everything hangs on the payment's row, compared by its version: what somebody else has changed meanwhile is
 * not overwritten, and then nothing at all is written.
 */
import { appendEvents, newEvent, type Trace } from '@ebuy/events';
import { Fault, newId } from '@ebuy/kernel';
import type { AuditEntry } from '@ebuy/runtime';
import type { Decision } from '../domain/decision.ts';
import type { Posting } from '../domain/ledger.ts';
import type { Payment } from '../domain/payment.ts';
import { auditedDecision } from './audited.ts';
import type { Transaction } from './index.ts';
import { type Closing, LEASE_MS, type ProviderCall } from './provider-calls.ts';
import { attemptRow, paymentRow, refundRow } from './rows.ts';
import { writeRows } from './write-rows.ts';

/**
 * Null: the payment is no longer the one that was decided upon. Else the calls to make, leased to the process that writes them;
 * one that was asked for before is not among them.
 * A payment of version 1 is new; it is refused, too, when its order was cancelled before.
 */
export async function writeDecision(
  tx: Transaction,
  decision: Decision,
  trace: Trace,
  closing: Closing | null,
  audited: readonly AuditEntry[] = [],
): Promise<ProviderCall[] | null> {
  const { payment, attempt, refund } = decision;
  const calls = callsOf(decision, trace);
  const transactions = decision.postings.map((posting) => ({ id: newId(), ...posting }));
  const written = await writeRows(tx, {
    payment: paymentRow(payment),
    attempts: attempt === null ? [] : [attemptRow(attempt)],
    refunds: refund === null ? [] : [refundRow(refund)],
    transactions: transactions.map(({ id, kind, subjectId }) => transactionRow(payment, id, kind, subjectId)),
    entries: transactions.flatMap(({ id, entries }) => entries.map((entry) => entryRow(payment, id, entry))),
    calls: calls.map((call) => callRow(call, payment.id)),
    audited: [...audited, ...auditedDecision(decision, trace)],
    closing,
  });
  if (!written.saved) return null;
  if (attempt !== null && !written.tried) {
    throw new Fault(`Attempt ${attempt.id} is another's: an attempt's id is used once`, { retryable: false });
  }
  await appendEvents(
    tx,
    decision.announcements.map(({ type, payload }) => newEvent(type, payload, trace)),
  );
  return calls.filter(({ id }) => written.asked.includes(id));
}

function callsOf(decision: Decision, trace: Trace): ProviderCall[] {
  const { payment } = decision;
  const { currency } = payment.amount;
  return decision.calls.map(({ kind, attempt, refund, paymentMethod }) => ({
    id: newId(),
    kind,
    orderId: payment.orderId,
    attemptId: attempt.id,
    refundId: refund?.id ?? null,
    providerId: attempt.providerId,
    paymentMethod,
    amount: { amountMinor: refund?.amountMinor ?? payment.amount.amountMinor, currency },
    wanted: true,
    authorizationEndsAt: attempt.authorizationEndsAt,
    tries: 0,
    createdAt: payment.updatedAt,
    leaseUntil: new Date(Date.now() + LEASE_MS),
    trace,
    seen: { payment, attempt, refund },
  }));
}

function transactionRow(payment: Payment, id: string, kind: Posting['kind'], subjectId: string) {
  const { orderId, id: paymentId, updatedAt } = payment;
  return { id, kind, subject_id: subjectId, order_id: orderId, payment_id: paymentId, booked_at: updatedAt };
}

function entryRow(payment: Payment, transactionId: string, { account, amountMinor }: Posting['entries'][number]) {
  const { orderId, amount } = payment;
  return {
    transaction_id: transactionId,
    account,
    order_id: orderId,
    amount_minor: amountMinor,
    currency: amount.currency,
  };
}

function callRow(call: ProviderCall, paymentId: string) {
  return {
    id: call.id,
    kind: call.kind,
    payment_id: paymentId,
    attempt_id: call.attemptId,
    refund_id: call.refundId,
    payment_method: call.paymentMethod,
    correlation_id: call.trace.correlationId,
    causation_id: call.trace.causationId,
    created_at: call.createdAt,
  };
}
