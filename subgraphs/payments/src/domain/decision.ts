import type { EventPayload } from '@ebuy/events';
import type { Posting } from './ledger.ts';
import type { Attempt, Payment, Refund } from './payment.ts';

export const CALL_KINDS = ['authorize', 'capture', 'void', 'refund'] as const;
export type CallKind = (typeof CALL_KINDS)[number];

/** Something to ask the provider for. Each is asked once: per attempt, or per refund. */
export interface CallRequest {
  readonly kind: CallKind;
  readonly attempt: Attempt;
  readonly refund: Refund | null;
  readonly paymentMethod: string | null;
}

type PaymentEvent =
  | 'payment.authorized'
  | 'payment.declined'
  | 'payment.actionRequired'
  | 'payment.captured'
  | 'payment.captureFailed'
  | 'payment.voided'
  | 'payment.refunded';

/** An event to be: ids and time are given to it when it is written. */
export type Announcement = {
  [Type in PaymentEvent]: { readonly type: Type; readonly payload: EventPayload<Type> };
}[PaymentEvent];

/** All that one occurrence changes. It is written as a whole or not at all, against the version that it was decided upon. */
export interface Decision {
  /** As it becomes; its version is one more than it was. */
  readonly payment: Payment;
  /** The attempt that is new or changed. */
  readonly attempt: Attempt | null;
  readonly refund: Refund | null;
  readonly postings: readonly Posting[];
  readonly calls: readonly CallRequest[];
  readonly announcements: readonly Announcement[];
}

export function decided(payment: Payment, rest: Partial<Omit<Decision, 'payment'>> = {}): Decision {
  return { payment, attempt: null, refund: null, postings: [], calls: [], announcements: [], ...rest };
}

export function movePayment(payment: Payment, change: Partial<Payment>, now: Date): Payment {
  return { ...payment, ...change, version: payment.version + 1, updatedAt: now };
}

export function ask(
  kind: CallKind,
  attempt: Attempt,
  more: Partial<Pick<CallRequest, 'refund' | 'paymentMethod'>> = {},
): CallRequest {
  return { kind, attempt, refund: null, paymentMethod: null, ...more };
}

/** What all events of a payment say. */
export function about(payment: Payment) {
  return { orderId: payment.orderId, paymentId: payment.id, amount: payment.amount };
}
