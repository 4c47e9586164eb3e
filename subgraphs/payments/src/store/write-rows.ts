/** The one statement that changes payments. Rows come as JSON, whose names are the columns'; those named here are written, others get their defaults. */

import { Prisma, type Transaction } from './index.ts';
import { type Closing, LEASE_MS } from './provider-calls.ts';

const PAYMENT = Prisma.raw(
  `id, order_id, version, status, currency, amount_minor, attempt_id, authorized_minor, captured_minor, refund_requested_minor,
   refunded_minor, refunds, failure_code, failure_message, next_action_url, authorization_ends_at, capture_requested_at, cancelled_at,
   created_at, updated_at`,
);
const ATTEMPT = Prisma.raw(
  `id, payment_id, status, provider_id, failure_code, failure_message, authorization_ends_at, correlation_id, causation_id,
   created_at, updated_at`,
);
const REFUND = Prisma.raw(
  `id, payment_id, status, amount_minor, reason, requested_by, failure_code, failure_message, correlation_id, causation_id,
   created_at, updated_at`,
);
const CALL = Prisma.raw(
  'id, kind, payment_id, attempt_id, refund_id, payment_method, correlation_id, causation_id, created_at',
);
const TRANSACTION = Prisma.raw('id, kind, subject_id, order_id, payment_id, booked_at');
const ENTRY = Prisma.raw('transaction_id, account, order_id, amount_minor, currency');

export interface Rows {
  readonly payment: object;
  readonly attempts: readonly object[];
  readonly refunds: readonly object[];
  readonly transactions: readonly object[];
  readonly entries: readonly object[];
  readonly calls: readonly object[];
  readonly audited: readonly object[];
  readonly closing: Closing | null;
}

/** `saved`: the payment was the one decided upon, and all is written. `tried`: so was the attempt. `asked`: the calls that are new. */
interface Written {
  readonly saved: boolean;
  readonly tried: boolean;
  readonly asked: readonly string[];
}

export async function writeRows(tx: Transaction, rows: Rows): Promise<Written> {
  const given = (name: Exclude<keyof Rows, 'closing'>) => JSON.stringify(rows[name]);
  const [written] = await tx.$queryRaw<Written[]>`
    WITH saved AS (
      INSERT INTO payment (${PAYMENT})
      SELECT ${PAYMENT} FROM jsonb_populate_record(NULL::payment, ${given('payment')}::jsonb) given
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
      INSERT INTO payment_attempt (${ATTEMPT})
      SELECT ${ATTEMPT} FROM jsonb_populate_recordset(NULL::payment_attempt, ${given('attempts')}::jsonb)
       WHERE EXISTS (SELECT FROM saved)
      ON CONFLICT (id) DO UPDATE SET
        status = EXCLUDED.status, provider_id = EXCLUDED.provider_id, failure_code = EXCLUDED.failure_code,
        failure_message = EXCLUDED.failure_message, authorization_ends_at = EXCLUDED.authorization_ends_at,
        updated_at = EXCLUDED.updated_at
        WHERE payment_attempt.payment_id = EXCLUDED.payment_id AND payment_attempt.created_at = EXCLUDED.created_at
      RETURNING id),
    refunds AS (
      INSERT INTO refund (${REFUND})
      SELECT ${REFUND} FROM jsonb_populate_recordset(NULL::refund, ${given('refunds')}::jsonb) WHERE EXISTS (SELECT FROM saved)
      ON CONFLICT (id) DO UPDATE SET
        status = EXCLUDED.status, failure_code = EXCLUDED.failure_code, failure_message = EXCLUDED.failure_message,
        updated_at = EXCLUDED.updated_at),
    transactions AS (
      INSERT INTO ledger_transaction (${TRANSACTION})
      SELECT ${TRANSACTION} FROM jsonb_populate_recordset(NULL::ledger_transaction, ${given('transactions')}::jsonb)
       WHERE EXISTS (SELECT FROM saved)),
    entries AS (
      INSERT INTO ledger_entry (${ENTRY})
      SELECT ${ENTRY} FROM jsonb_populate_recordset(NULL::ledger_entry, ${given('entries')}::jsonb)
       WHERE EXISTS (SELECT FROM saved)),
    calls AS (
      INSERT INTO provider_call (${CALL}, state, tries, due_at, lease_until)
      SELECT ${CALL}, 'WAITING', 0, now(), now() + make_interval(secs => ${LEASE_MS / 1_000})
        FROM jsonb_populate_recordset(NULL::provider_call, ${given('calls')}::jsonb) WHERE EXISTS (SELECT FROM saved)
      ON CONFLICT DO NOTHING RETURNING id),
    audited AS (
      INSERT INTO audit_entry (id, entry)
      SELECT (entry ->> 'id')::uuid, entry FROM jsonb_array_elements(${given('audited')}::jsonb) AS entry
       WHERE EXISTS (SELECT FROM saved)),
    closed AS (
      UPDATE provider_call SET state = 'DONE', done_at = now(), lease_until = NULL, payment_method = NULL
       WHERE COALESCE(refund_id, attempt_id) = ${rows.closing?.subjectId ?? null}::uuid
         AND kind = ANY(${[...(rows.closing?.kinds ?? [])]}::text[]) AND state = 'WAITING' AND EXISTS (SELECT FROM saved))
    SELECT EXISTS (SELECT FROM saved) AS saved, EXISTS (SELECT FROM attempts) AS tried, ARRAY(SELECT id FROM calls) AS asked`;
  if (written === undefined) throw new Error('A SELECT without a row');
  return written;
}
