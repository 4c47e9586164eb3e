// What payments keeps of each payment, with its attempts and refunds, and the ledger.
import type { Stores } from '../stores.ts';

export interface AttemptRow {
  readonly id: string;
  readonly status: string;
  readonly providerId: string | null;
}

export interface RefundRow {
  readonly id: string;
  readonly status: string;
  readonly amountMinor: number;
}

/** What the provider is still to be asked. */
export interface OpenCall {
  readonly kind: string;
  readonly subjectId: string;
  /** Since when it is due, in seconds; below zero: it is tried again later. */
  readonly overdueSeconds: number;
}

export interface PaymentRow {
  readonly id: string;
  readonly orderId: string;
  readonly version: number;
  readonly status: string;
  readonly currency: string;
  readonly amountMinor: number;
  readonly attemptId: string;
  readonly authorizedMinor: number;
  readonly capturedMinor: number;
  readonly refundRequestedMinor: number;
  readonly refundedMinor: number;
  readonly failureCode: string | null;
  readonly attempts: readonly AttemptRow[];
  readonly refunds: readonly RefundRow[];
  readonly openCalls: readonly OpenCall[];
}

const PAYMENTS = `
  SELECT p.id, p.order_id AS "orderId", p.version, p.status, p.currency, p.amount_minor::float8 AS "amountMinor",
    p.attempt_id AS "attemptId", p.authorized_minor::float8 AS "authorizedMinor", p.captured_minor::float8 AS "capturedMinor",
    p.refund_requested_minor::float8 AS "refundRequestedMinor", p.refunded_minor::float8 AS "refundedMinor",
    p.failure_code AS "failureCode", coalesce(a.attempts, '[]') AS attempts, coalesce(r.refunds, '[]') AS refunds,
    coalesce(c.calls, '[]') AS "openCalls"
  FROM payment p
  LEFT JOIN (SELECT payment_id, json_agg(json_build_object('id', id, 'status', status, 'providerId', provider_id) ORDER BY id) AS attempts
               FROM payment_attempt GROUP BY payment_id) a ON a.payment_id = p.id
  LEFT JOIN (SELECT payment_id, json_agg(json_build_object('id', id, 'status', status, 'amountMinor', amount_minor) ORDER BY id) AS refunds
               FROM refund GROUP BY payment_id) r ON r.payment_id = p.id
  LEFT JOIN (SELECT payment_id, json_agg(json_build_object('kind', kind, 'subjectId', coalesce(refund_id, attempt_id),
               'overdueSeconds', extract(epoch FROM now() - due_at))) AS calls
               FROM provider_call WHERE state = 'WAITING' GROUP BY payment_id) c ON c.payment_id = p.id`;

/** By order: one payment an order, which a constraint holds. */
export async function readPayments({ payments }: Stores): Promise<ReadonlyMap<string, PaymentRow>> {
  const { rows } = await payments.query<PaymentRow>(PAYMENTS);
  return new Map(rows.map((row) => [row.orderId, row]));
}

export interface Booking {
  readonly kind: string;
  /** The attempt of a hold, the payment of a capture, the refund. */
  readonly subjectId: string;
}

export interface LedgerSum {
  readonly orderId: string;
  readonly currency: string;
  /** Sums of an order's entries, by account. */
  readonly accounts: Readonly<Record<string, number>>;
  /** Its transactions that do not sum to zero by themselves. */
  readonly unbalanced: readonly string[];
  readonly bookings: readonly Booking[];
}

const LEDGER = `
  WITH account AS (
    SELECT order_id, currency, account, sum(amount_minor) AS total FROM ledger_entry GROUP BY 1, 2, 3
  ), odd AS (
    SELECT order_id, currency, json_agg(transaction_id) AS ids
      FROM (SELECT order_id, currency, transaction_id FROM ledger_entry GROUP BY 1, 2, 3 HAVING sum(amount_minor) <> 0) one
     GROUP BY 1, 2
  ), booked AS (
    SELECT order_id, json_agg(json_build_object('kind', kind, 'subjectId', subject_id)) AS bookings
      FROM ledger_transaction GROUP BY 1
  )
  SELECT a.order_id AS "orderId", a.currency, json_object_agg(a.account, a.total) AS accounts,
    coalesce((array_agg(o.ids))[1], '[]') AS unbalanced, coalesce((array_agg(b.bookings))[1], '[]') AS bookings
  FROM account a LEFT JOIN odd o USING (order_id, currency) LEFT JOIN booked b USING (order_id)
  GROUP BY a.order_id, a.currency`;

/** A row an order and currency. */
export async function readLedger({ payments }: Stores): Promise<readonly LedgerSum[]> {
  const { rows } = await payments.query<LedgerSum>(LEDGER);
  return rows;
}

/** Entries that stand under another order than their transaction, and transactions without an entry. */
export async function readMisfiled({
  payments,
}: Stores): Promise<readonly { id: string; orderId: string; found: string }[]> {
  const { rows } = await payments.query<{ id: string; orderId: string; found: string }>(
    `SELECT t.id, t.order_id AS "orderId", coalesce(e.order_id::text, 'no entry') AS found
       FROM ledger_transaction t LEFT JOIN ledger_entry e ON e.transaction_id = t.id
      WHERE e.order_id IS DISTINCT FROM t.order_id`,
  );
  return rows;
}

/** Which changes of which table of the ledger a trigger refuses at this moment: `ledger_entry DELETE`. */
export async function readGuards({ payments }: Stores): Promise<ReadonlySet<string>> {
  const { rows } = await payments.query<{ guard: string }>(
    `SELECT c.relname || ' ' || change.name AS guard
       FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc f ON f.oid = t.tgfoid,
            (VALUES (8, 'DELETE'), (16, 'UPDATE'), (32, 'TRUNCATE')) AS change(bit, name)
      WHERE t.tgenabled IN ('O', 'A') AND f.prosrc ~ 'RAISE EXCEPTION' AND t.tgtype & 2 <> 0 AND t.tgtype & change.bit <> 0
        AND t.tgqual IS NULL`,
  );
  return new Set(rows.map(({ guard }) => guard));
}
