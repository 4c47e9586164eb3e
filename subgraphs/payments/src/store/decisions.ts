/**
 * Writes what was decided, as a whole: payment, attempt, refund, ledger, and what the provider is to be asked, in one statement; the
 * events beside it. Everything hangs on the payment's row, compared by its version: what somebody else has changed meanwhile is
 * not overwritten, and then nothing at all is written.
 */
import { appendEvents, newEvent, type Trace } from '@ebuy/events';
import { Fault, newId } from '@ebuy/kernel';
import type { CallKind, Decision } from '../domain/decision.ts';
import type { Transaction } from './index.ts';
import { LEASE_MS, type ProviderCall } from './provider-calls.ts';
import { attemptRow, paymentRow, refundRow } from './rows.ts';

/** Calls that are over with this decision: those of an attempt, or of a refund. */
export interface Closing {
  readonly subjectId: string;
  readonly kinds: readonly CallKind[];
}

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
): Promise<ProviderCall[] | null> {
  const { payment, attempt, refund } = decision;
  const calls = callsOf(decision, trace);
  const transactions = decision.postings.map((posting) => ({ id: newId(), ...posting }));
  const [result] = await tx.$queryRaw<{ saved: boolean; tried: boolean; asked: string[] }[]>`
    WITH saved AS (
      INSERT INTO payment
      SELECT given.* FROM jsonb_populate_record(NULL::payment, ${JSON.stringify(paymentRow(payment))}::jsonb) given
       WHERE NOT EXISTS (SELECT FROM cancelled_order WHERE cancelled_order.order_id = given.order_id)
      ON CONFLICT (order_id) DO UPDATE SET
        version = EXCLUDED.version, status = EXCLUDED.status, attempt_id = EXCLUDED.attempt_id,
        authorized_minor = EXCLUDED.authorized_minor, captured_minor = EXCLUDED.captured_minor,
        refund_requested_minor = EXCLUDED.refund_requested_minor, refunded_minor = EXCLUDED.refunded_minor,
        refunds = EXCLUDED.refunds, failure_code = EXCLUDED.failure_code, failure_message = EXCLUDED.failure_message,
        next_action_url = EXCLUDED.next_action_url, authorization_ends_at = EXCLUDED.authorization_ends_at,
        capture_requested_at = EXCLUDED.capture_requested_at, cancelled_at = EXCLUDED.cancelled_at,
        updated_at = EXCLUDED.updated_at
        WHERE payment.version = EXCLUDED.version - 1
      RETURNING id),
    attempts AS (
      INSERT INTO payment_attempt
      SELECT given.* FROM saved, jsonb_populate_recordset(NULL::payment_attempt, ${listed(attempt && attemptRow(attempt))}::jsonb) given
      ON CONFLICT (id) DO UPDATE SET
        status = EXCLUDED.status, provider_id = EXCLUDED.provider_id, failure_code = EXCLUDED.failure_code,
        failure_message = EXCLUDED.failure_message, authorization_ends_at = EXCLUDED.authorization_ends_at,
        updated_at = EXCLUDED.updated_at
        WHERE payment_attempt.payment_id = EXCLUDED.payment_id AND payment_attempt.created_at = EXCLUDED.created_at
      RETURNING id),
    refunds AS (
      INSERT INTO refund
      SELECT given.* FROM saved, jsonb_populate_recordset(NULL::refund, ${listed(refund && refundRow(refund))}::jsonb) given
      ON CONFLICT (id) DO UPDATE SET
        status = EXCLUDED.status, failure_code = EXCLUDED.failure_code, failure_message = EXCLUDED.failure_message,
        updated_at = EXCLUDED.updated_at),
    transactions AS (
      INSERT INTO ledger_transaction
      SELECT given.* FROM saved, jsonb_populate_recordset(NULL::ledger_transaction, ${JSON.stringify(
        transactions.map(({ id, kind, subjectId }) => ({
          id,
          kind,
          subject_id: subjectId,
          order_id: payment.orderId,
          payment_id: payment.id,
          booked_at: payment.updatedAt,
        })),
      )}::jsonb) given),
    entries AS (
      INSERT INTO ledger_entry
      SELECT given.* FROM saved, jsonb_populate_recordset(NULL::ledger_entry, ${JSON.stringify(
        transactions.flatMap(({ id, entries }) =>
          entries.map(({ account, amountMinor }) => ({
            transaction_id: id,
            account,
            order_id: payment.orderId,
            amount_minor: amountMinor,
            currency: payment.amount.currency,
          })),
        ),
      )}::jsonb) given),
    calls AS (
      INSERT INTO provider_call (id, kind, state, payment_id, attempt_id, refund_id, payment_method, tries, due_at, lease_until,
        correlation_id, causation_id, created_at)
      SELECT id, kind, 'WAITING', payment_id, attempt_id, refund_id, payment_method, 0, now(),
             now() + make_interval(secs => ${LEASE_MS / 1_000}), correlation_id, causation_id, created_at
        FROM jsonb_populate_recordset(NULL::provider_call, ${JSON.stringify(
          calls.map((call) => callRow(call, payment.id)),
        )}::jsonb) WHERE EXISTS (SELECT FROM saved)
      ON CONFLICT DO NOTHING RETURNING id),
    closed AS (
      UPDATE provider_call SET state = 'DONE', done_at = now(), lease_until = NULL, payment_method = NULL
       WHERE COALESCE(refund_id, attempt_id) = ${closing?.subjectId ?? null}::uuid
         AND kind = ANY(${closing === null ? [] : [...closing.kinds]}::text[]) AND state = 'WAITING'
         AND EXISTS (SELECT FROM saved))
    SELECT EXISTS (SELECT FROM saved) AS saved, EXISTS (SELECT FROM attempts) AS tried, ARRAY(SELECT id FROM calls) AS asked`;
  if (result?.saved !== true) return null;
  if (attempt !== null && !result.tried) {
    throw new Fault(`Attempt ${attempt.id} is another's: an attempt's id is used once`, { retryable: false });
  }
  await appendEvents(
    tx,
    decision.announcements.map(({ type, payload }) => newEvent(type, payload, trace)),
  );
  return calls.filter(({ id }) => result.asked.includes(id));
}

const listed = (row: object | null) => JSON.stringify(row === null ? [] : [row]);

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
