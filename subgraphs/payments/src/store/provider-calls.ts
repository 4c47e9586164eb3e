/** The work list: what the provider is still to be asked. Any replica works it off; who takes a row answers for it until its lease ends. */
import type { Trace } from '@ebuy/events';
import type { Money } from '@ebuy/kernel';
import type { CallKind } from '../domain/decision.ts';
import type { Attempt, Payment, Refund } from '../domain/payment.ts';
import type { Store, Transaction } from './index.ts';

/** Longer than a call's deadline and what is written afterwards. */
export const LEASE_MS = 10_000;

export interface ProviderCall {
  /** The idempotency key at the provider. */
  readonly id: string;
  readonly kind: CallKind;
  readonly orderId: string;
  readonly attemptId: string;
  readonly refundId: string | null;
  readonly providerId: string | null;
  readonly paymentMethod: string | null;
  readonly amount: Money;
  /** Whether the attempt may still become the order's payment. */
  readonly wanted: boolean;
  readonly authorizationEndsAt: Date | null;
  readonly tries: number;
  readonly createdAt: Date;
  readonly leaseUntil: Date;
  readonly trace: Trace;
  /** As they were written with the call: spares the first settlement a look. */
  readonly seen?: { readonly payment: Payment; readonly attempt: Attempt; readonly refund: Refund | null };
}

/** Calls that are over with what was decided: those of an attempt, or of a refund. */
export interface Closing {
  readonly subjectId: string;
  readonly kinds: readonly CallKind[];
}

interface CallRow {
  readonly id: string;
  readonly kind: CallKind;
  readonly order_id: string;
  readonly attempt_id: string;
  readonly refund_id: string | null;
  readonly provider_id: string | null;
  readonly payment_method: string | null;
  readonly amount_minor: bigint;
  readonly currency: string;
  readonly wanted: boolean;
  readonly authorization_ends_at: Date | null;
  readonly tries: number;
  readonly created_at: Date;
  readonly correlation_id: string;
  readonly causation_id: string | null;
}

/** Takes what is due and nobody else works on, the longest due first. */
export async function takeDueCalls(store: Store, most: number, now: Date): Promise<ProviderCall[]> {
  const leaseUntil = new Date(now.getTime() + LEASE_MS);
  const rows = await store.$queryRaw<CallRow[]>`
    WITH due AS (
      SELECT id FROM provider_call
       WHERE state = 'WAITING' AND due_at <= now() AND (lease_until IS NULL OR lease_until < now())
       ORDER BY due_at LIMIT ${most} FOR UPDATE SKIP LOCKED),
    taken AS (
      UPDATE provider_call SET lease_until = now() + make_interval(secs => ${LEASE_MS / 1_000})
        FROM due WHERE provider_call.id = due.id RETURNING provider_call.*)
    SELECT taken.id, taken.kind, taken.attempt_id, taken.refund_id, taken.payment_method, taken.tries, taken.created_at,
           taken.correlation_id, taken.causation_id, payment.order_id, payment.currency,
           COALESCE(refund.amount_minor, payment.amount_minor) AS amount_minor,
           attempt.provider_id, attempt.authorization_ends_at,
           payment.attempt_id = attempt.id AND payment.cancelled_at IS NULL
             AND attempt.status IN ('PENDING', 'REQUIRES_ACTION') AS wanted
      FROM taken
      JOIN payment ON payment.id = taken.payment_id
      JOIN payment_attempt attempt ON attempt.id = taken.attempt_id
      LEFT JOIN refund ON refund.id = taken.refund_id`;
  return rows.map((row) => ({
    id: row.id,
    kind: row.kind,
    orderId: row.order_id,
    attemptId: row.attempt_id,
    refundId: row.refund_id,
    providerId: row.provider_id,
    paymentMethod: row.payment_method,
    amount: { amountMinor: Number(row.amount_minor), currency: row.currency },
    wanted: row.wanted,
    authorizationEndsAt: row.authorization_ends_at,
    tries: row.tries,
    createdAt: row.created_at,
    leaseUntil,
    trace: { correlationId: row.correlation_id, causationId: row.causation_id },
  }));
}

/** Puts a call off. `problem`: why it was tried in vain; null when the provider only has not finished yet. */
export async function postponeCall(store: Store, id: string, delayMs: number, problem: string | null): Promise<void> {
  await store.$executeRaw`
    UPDATE provider_call
       SET due_at = now() + make_interval(secs => ${delayMs / 1_000}), lease_until = NULL, last_problem = ${problem},
           tries = CASE WHEN ${problem}::text IS NULL THEN 0 ELSE tries + 1 END
     WHERE id = ${id}::uuid AND state = 'WAITING'`;
}

/** What is over needs no asking, and no payment method. */
export async function closeCalls(
  tx: Store | Transaction,
  subjectId: string,
  kinds: readonly CallKind[],
): Promise<void> {
  await tx.$executeRaw`
    UPDATE provider_call SET state = 'DONE', done_at = now(), lease_until = NULL, payment_method = NULL
     WHERE COALESCE(refund_id, attempt_id) = ${subjectId}::uuid AND kind = ANY(${[...kinds]}::text[]) AND state = 'WAITING'`;
}

/** How much waits: for metrics. */
export async function countWaitingCalls(store: Store): Promise<number> {
  return store.providerCall.count({ where: { state: 'WAITING' } });
}
