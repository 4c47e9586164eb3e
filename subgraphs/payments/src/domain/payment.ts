import type { Trace } from '@ebuy/events';
import type { Money } from '@ebuy/kernel';

export const PAYMENT_STATUSES = [
  'PENDING',
  'REQUIRES_ACTION',
  'AUTHORIZED',
  'DECLINED',
  'CAPTURED',
  'PARTIALLY_REFUNDED',
  'REFUNDED',
  'VOIDED',
] as const;
export type PaymentStatus = (typeof PAYMENT_STATUSES)[number];

export const ATTEMPT_STATUSES = ['PENDING', 'REQUIRES_ACTION', 'AUTHORIZED', 'DECLINED', 'VOIDED'] as const;
export type AttemptStatus = (typeof ATTEMPT_STATUSES)[number];

export type RefundStatus = 'PENDING' | 'SUCCEEDED' | 'FAILED';

/** A refund that may still succeed counts as spent, so as many as this bound the list. */
export const MAX_REFUNDS = 100;

/** In the provider's words. */
export interface Failure {
  readonly code: string;
  readonly message: string;
}

/** One an order, whatever the number of attempts. `amount` is what the order comes to; the rest is what has become of it. */
export interface Payment {
  readonly id: string;
  readonly orderId: string;
  readonly version: number;
  readonly status: PaymentStatus;
  readonly amount: Money;
  /** The attempt that counts: whatever an older one still brings is given back. */
  readonly attemptId: string;
  readonly authorizedMinor: number;
  readonly capturedMinor: number;
  /** Refunds that succeeded or may still succeed. */
  readonly refundRequestedMinor: number;
  readonly refundedMinor: number;
  readonly refunds: number;
  readonly failure: Failure | null;
  readonly nextActionUrl: string | null;
  readonly authorizationEndsAt: Date | null;
  readonly captureRequestedAt: Date | null;
  readonly cancelledAt: Date | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** One card, tried once. Its id is the reference by which the provider is asked about it. */
export interface Attempt {
  readonly id: string;
  readonly paymentId: string;
  readonly status: AttemptStatus;
  readonly providerId: string | null;
  readonly failure: Failure | null;
  readonly authorizationEndsAt: Date | null;
  readonly trace: Trace;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export interface Refund {
  readonly id: string;
  readonly paymentId: string;
  readonly status: RefundStatus;
  readonly amountMinor: number;
  readonly reason: string;
  readonly requestedBy: string;
  readonly failure: Failure | null;
  readonly trace: Trace;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** What is still there to be refunded. */
export function refundable(payment: Payment): number {
  return payment.capturedMinor - payment.refundRequestedMinor;
}
