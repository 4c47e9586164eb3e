/** Rows as PostgreSQL has them, and the domain's objects. Written as JSON, whose numbers hold every safe integer exactly. */
import type {
  Attempt,
  AttemptStatus,
  Failure,
  Payment,
  PaymentStatus,
  Refund,
  RefundStatus,
} from '../domain/payment.ts';

export interface PaymentRow {
  readonly id: string;
  readonly order_id: string;
  readonly version: number;
  readonly status: string;
  readonly currency: string;
  readonly amount_minor: bigint;
  readonly attempt_id: string;
  readonly authorized_minor: bigint;
  readonly captured_minor: bigint;
  readonly refund_requested_minor: bigint;
  readonly refunded_minor: bigint;
  readonly refunds: number;
  readonly failure_code: string | null;
  readonly failure_message: string | null;
  readonly next_action_url: string | null;
  readonly authorization_ends_at: Date | null;
  readonly capture_requested_at: Date | null;
  readonly cancelled_at: Date | null;
  readonly created_at: Date;
  readonly updated_at: Date;
}

export interface AttemptRow {
  readonly id: string;
  readonly payment_id: string;
  readonly status: string;
  readonly provider_id: string | null;
  readonly failure_code: string | null;
  readonly failure_message: string | null;
  readonly authorization_ends_at: Date | null;
  readonly correlation_id: string;
  readonly causation_id: string | null;
  readonly created_at: Date;
  readonly updated_at: Date;
}

export interface RefundRow {
  readonly id: string;
  readonly payment_id: string;
  readonly status: string;
  readonly amount_minor: bigint;
  readonly reason: string;
  readonly requested_by: string;
  readonly failure_code: string | null;
  readonly failure_message: string | null;
  readonly correlation_id: string;
  readonly causation_id: string | null;
  readonly created_at: Date;
  readonly updated_at: Date;
}

/** A row on its way in: amounts are numbers there. */
type Written<Row> = { readonly [Column in keyof Row]: Row[Column] extends bigint ? number : Row[Column] };

export function paymentOf(row: PaymentRow): Payment {
  return {
    id: row.id,
    orderId: row.order_id,
    version: row.version,
    status: row.status as PaymentStatus,
    amount: { amountMinor: Number(row.amount_minor), currency: row.currency },
    attemptId: row.attempt_id,
    authorizedMinor: Number(row.authorized_minor),
    capturedMinor: Number(row.captured_minor),
    refundRequestedMinor: Number(row.refund_requested_minor),
    refundedMinor: Number(row.refunded_minor),
    refunds: row.refunds,
    failure: failureOf(row),
    nextActionUrl: row.next_action_url,
    authorizationEndsAt: row.authorization_ends_at,
    captureRequestedAt: row.capture_requested_at,
    cancelledAt: row.cancelled_at,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

export function paymentRow(payment: Payment): Written<PaymentRow> {
  return {
    id: payment.id,
    order_id: payment.orderId,
    version: payment.version,
    status: payment.status,
    currency: payment.amount.currency,
    amount_minor: payment.amount.amountMinor,
    attempt_id: payment.attemptId,
    authorized_minor: payment.authorizedMinor,
    captured_minor: payment.capturedMinor,
    refund_requested_minor: payment.refundRequestedMinor,
    refunded_minor: payment.refundedMinor,
    refunds: payment.refunds,
    failure_code: payment.failure?.code ?? null,
    failure_message: payment.failure?.message ?? null,
    next_action_url: payment.nextActionUrl,
    authorization_ends_at: payment.authorizationEndsAt,
    capture_requested_at: payment.captureRequestedAt,
    cancelled_at: payment.cancelledAt,
    created_at: payment.createdAt,
    updated_at: payment.updatedAt,
  };
}

export function attemptOf(row: AttemptRow): Attempt {
  return {
    id: row.id,
    paymentId: row.payment_id,
    status: row.status as AttemptStatus,
    providerId: row.provider_id,
    failure: failureOf(row),
    authorizationEndsAt: row.authorization_ends_at,
    trace: { correlationId: row.correlation_id, causationId: row.causation_id },
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

export function attemptRow(attempt: Attempt): Written<AttemptRow> {
  return {
    id: attempt.id,
    payment_id: attempt.paymentId,
    status: attempt.status,
    provider_id: attempt.providerId,
    failure_code: attempt.failure?.code ?? null,
    failure_message: attempt.failure?.message ?? null,
    authorization_ends_at: attempt.authorizationEndsAt,
    correlation_id: attempt.trace.correlationId,
    causation_id: attempt.trace.causationId,
    created_at: attempt.createdAt,
    updated_at: attempt.updatedAt,
  };
}

export function refundOf(row: RefundRow): Refund {
  return {
    id: row.id,
    paymentId: row.payment_id,
    status: row.status as RefundStatus,
    amountMinor: Number(row.amount_minor),
    reason: row.reason,
    requestedBy: row.requested_by,
    failure: failureOf(row),
    trace: { correlationId: row.correlation_id, causationId: row.causation_id },
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

export function refundRow(refund: Refund): Written<RefundRow> {
  return {
    id: refund.id,
    payment_id: refund.paymentId,
    status: refund.status,
    amount_minor: refund.amountMinor,
    reason: refund.reason,
    requested_by: refund.requestedBy,
    failure_code: refund.failure?.code ?? null,
    failure_message: refund.failure?.message ?? null,
    correlation_id: refund.trace.correlationId,
    causation_id: refund.trace.causationId,
    created_at: refund.createdAt,
    updated_at: refund.updatedAt,
  };
}

function failureOf({
  failure_code: code,
  failure_message: message,
}: Pick<AttemptRow, 'failure_code' | 'failure_message'>): Failure | null {
  return code === null ? null : { code, message: message ?? '' };
}
