/**
 * Which step moves a payment from which status to which. Whatever is not a move here is refused (a mutation) or ignored on purpose
 * (events, the provider's answers). README.md shows the same table.
 */
import type { RefusalCode } from '../refusals.ts';
import type { AttemptStatus, PaymentStatus } from './payment.ts';

/** What can happen to a payment: what orders says, what the provider says of the attempt that counts, what staff ask for. */
export const STEPS = [
  'paymentRequested',
  'actionRequired',
  'authorized',
  'declined',
  'orderCancelled',
  'voided',
  'orderShipped',
  'captured',
  'captureFailed',
  'refundRequested',
  'refundedInPart',
  'refundedInFull',
] as const;
export type Step = (typeof STEPS)[number];

export interface Move {
  readonly kind: 'move';
  readonly to: PaymentStatus;
}
export interface Refused {
  readonly kind: 'refused';
  readonly code: RefusalCode;
}
export interface Ignored {
  readonly kind: 'ignored';
  readonly why: string;
}
export type Cell = Move | Refused | Ignored;

const to = (status: PaymentStatus): Move => ({ kind: 'move', to: status });
const ignored = (why: string): Ignored => ({ kind: 'ignored', why });

const REPEATED = ignored('said before');
const OVER = ignored('the attempt is over');
const TOO_LATE = ignored('too late: what it brings is voided');
const CANCELLED = ignored('the order was cancelled');
const PAID = ignored('the payment was captured');
const NOTHING_HELD = ignored('nothing is held');
const NOTHING_TAKEN = ignored('nothing was captured');
const ALL_BACK = ignored('everything was given back');
const NOT_CAPTURED: Refused = { kind: 'refused', code: 'NOT_CAPTURED' };
const NOTHING_LEFT: Refused = { kind: 'refused', code: 'NOTHING_LEFT_TO_REFUND' };

export const STATUS_TABLE: { readonly [Status in PaymentStatus]: { readonly [Name in Step]: Cell } } = {
  PENDING: {
    paymentRequested: to('PENDING'),
    actionRequired: to('REQUIRES_ACTION'),
    authorized: to('AUTHORIZED'),
    declined: to('DECLINED'),
    orderCancelled: to('VOIDED'),
    voided: NOTHING_HELD,
    orderShipped: NOTHING_HELD,
    captured: NOTHING_HELD,
    captureFailed: NOTHING_HELD,
    refundRequested: NOT_CAPTURED,
    refundedInPart: NOTHING_TAKEN,
    refundedInFull: NOTHING_TAKEN,
  },
  REQUIRES_ACTION: {
    paymentRequested: to('PENDING'),
    actionRequired: REPEATED,
    authorized: to('AUTHORIZED'),
    declined: to('DECLINED'),
    orderCancelled: to('VOIDED'),
    voided: NOTHING_HELD,
    orderShipped: NOTHING_HELD,
    captured: NOTHING_HELD,
    captureFailed: NOTHING_HELD,
    refundRequested: NOT_CAPTURED,
    refundedInPart: NOTHING_TAKEN,
    refundedInFull: NOTHING_TAKEN,
  },
  AUTHORIZED: {
    paymentRequested: to('AUTHORIZED'),
    actionRequired: OVER,
    authorized: REPEATED,
    declined: OVER,
    orderCancelled: to('AUTHORIZED'),
    voided: to('VOIDED'),
    orderShipped: to('AUTHORIZED'),
    captured: to('CAPTURED'),
    captureFailed: to('AUTHORIZED'),
    refundRequested: NOT_CAPTURED,
    refundedInPart: NOTHING_TAKEN,
    refundedInFull: NOTHING_TAKEN,
  },
  DECLINED: {
    paymentRequested: to('PENDING'),
    actionRequired: TOO_LATE,
    authorized: TOO_LATE,
    declined: REPEATED,
    orderCancelled: to('VOIDED'),
    voided: NOTHING_HELD,
    orderShipped: NOTHING_HELD,
    captured: NOTHING_HELD,
    captureFailed: NOTHING_HELD,
    refundRequested: NOT_CAPTURED,
    refundedInPart: NOTHING_TAKEN,
    refundedInFull: NOTHING_TAKEN,
  },
  CAPTURED: {
    paymentRequested: PAID,
    actionRequired: OVER,
    authorized: REPEATED,
    declined: OVER,
    orderCancelled: PAID,
    voided: PAID,
    orderShipped: REPEATED,
    captured: REPEATED,
    captureFailed: PAID,
    refundRequested: to('CAPTURED'),
    refundedInPart: to('PARTIALLY_REFUNDED'),
    refundedInFull: to('REFUNDED'),
  },
  PARTIALLY_REFUNDED: {
    paymentRequested: PAID,
    actionRequired: OVER,
    authorized: REPEATED,
    declined: OVER,
    orderCancelled: PAID,
    voided: PAID,
    orderShipped: REPEATED,
    captured: REPEATED,
    captureFailed: PAID,
    refundRequested: to('PARTIALLY_REFUNDED'),
    refundedInPart: to('PARTIALLY_REFUNDED'),
    refundedInFull: to('REFUNDED'),
  },
  REFUNDED: {
    paymentRequested: PAID,
    actionRequired: OVER,
    authorized: REPEATED,
    declined: OVER,
    orderCancelled: PAID,
    voided: PAID,
    orderShipped: REPEATED,
    captured: REPEATED,
    captureFailed: PAID,
    refundRequested: NOTHING_LEFT,
    refundedInPart: ALL_BACK,
    refundedInFull: ALL_BACK,
  },
  VOIDED: {
    paymentRequested: CANCELLED,
    actionRequired: TOO_LATE,
    authorized: TOO_LATE,
    declined: OVER,
    orderCancelled: REPEATED,
    voided: to('VOIDED'),
    orderShipped: CANCELLED,
    captured: CANCELLED,
    captureFailed: CANCELLED,
    refundRequested: NOT_CAPTURED,
    refundedInPart: NOTHING_TAKEN,
    refundedInFull: NOTHING_TAKEN,
  },
};

/** Where a step leads; null where it leads nowhere. */
export function next(status: PaymentStatus, step: Step): PaymentStatus | null {
  const cell = STATUS_TABLE[status][step];
  return cell.kind === 'move' ? cell.to : null;
}

/** What the provider may say of an attempt. */
export const NEWS = ['PENDING', 'REQUIRES_ACTION', 'AUTHORIZED', 'DECLINED', 'VOIDED'] as const;
export type News = (typeof NEWS)[number];

/**
 * What the provider's word makes of an attempt; null: nothing new. It only ever goes forward, so that answers and webhooks may come in
 * any order. An attempt that was given up as declined may still turn out to be held: then it is, and is voided.
 */
export const ATTEMPT_TABLE: { readonly [Status in AttemptStatus]: { readonly [Name in News]: AttemptStatus | null } } =
  {
    PENDING: {
      PENDING: null,
      REQUIRES_ACTION: 'REQUIRES_ACTION',
      AUTHORIZED: 'AUTHORIZED',
      DECLINED: 'DECLINED',
      VOIDED: 'VOIDED',
    },
    REQUIRES_ACTION: {
      PENDING: null,
      REQUIRES_ACTION: null,
      AUTHORIZED: 'AUTHORIZED',
      DECLINED: 'DECLINED',
      VOIDED: 'VOIDED',
    },
    AUTHORIZED: { PENDING: null, REQUIRES_ACTION: null, AUTHORIZED: null, DECLINED: null, VOIDED: null },
    DECLINED: {
      PENDING: null,
      REQUIRES_ACTION: 'REQUIRES_ACTION',
      AUTHORIZED: 'AUTHORIZED',
      DECLINED: null,
      VOIDED: null,
    },
    VOIDED: { PENDING: null, REQUIRES_ACTION: null, AUTHORIZED: null, DECLINED: null, VOIDED: null },
  };
