/** What the provider's books say of one charge against what we believe of it. Pure: a table in the shape of code. */
import { type Money, sameMoney } from '@ebuy/kernel';
import { isWanted } from './authorizing.ts';
import type { Attempt, Payment } from './payment.ts';

/** A charge as the provider has booked it. */
export interface Charge {
  readonly orderId: string | null;
  readonly amount: Money;
  readonly status: 'PENDING' | 'HELD' | 'CAPTURED' | 'VOIDED' | 'DECLINED';
  readonly capturedMinor: number;
  readonly refundedMinor: number;
}

export type DiscrepancyKind =
  /** The provider has it, under a name that is none of ours. */
  | 'unknown_charge'
  /** Ours, and booked for another order, or another amount or currency. */
  | 'order_differs'
  | 'amount_differs'
  /** Two captures for one order. */
  | 'captured_twice'
  /** Taken although nobody asked for it, or for an order that was cancelled. */
  | 'captured_unwanted'
  /** We believe it held, or taken; the provider does not. */
  | 'hold_not_at_provider'
  | 'capture_not_at_provider'
  | 'charge_not_at_provider'
  /** Given back at the provider without us, or not given back there although we were told so. */
  | 'unknown_refund'
  | 'refund_not_at_provider'
  /** It should have been mended, and what was found on the way made no sense. */
  | 'not_mended';

export type Judgement =
  | { readonly kind: 'fine' }
  /** Its answer was lost: it is asked about, and what that says is settled like an answer. */
  | { readonly kind: 'settle' }
  /** It is held for nobody: it is voided. */
  | { readonly kind: 'void' }
  | { readonly kind: 'recordVoid' }
  | { readonly kind: 'recordCapture' }
  | { readonly kind: 'report'; readonly what: DiscrepancyKind };

export interface Known {
  readonly payment: Payment;
  readonly attempt: Attempt;
}

const FINE: Judgement = { kind: 'fine' };
const SETTLE: Judgement = { kind: 'settle' };
const VOID: Judgement = { kind: 'void' };
const report = (what: DiscrepancyKind): Judgement => ({ kind: 'report', what });

/** `paidOtherwise`: of a charge that is not known, whether its order was paid by one that is. */
export function judge(charge: Charge, known: Known | null, paidOtherwise = false): Judgement {
  if (known === null) return judgeStranger(charge, paidOtherwise);
  if (charge.orderId !== known.payment.orderId) return report('order_differs');
  if (!sameMoney(charge.amount, known.payment.amount)) return report('amount_differs');
  switch (charge.status) {
    case 'CAPTURED':
      return judgeCaptured(charge, known);
    case 'HELD':
      return judgeHeld(known);
    case 'PENDING':
      return judgePending(known);
    case 'DECLINED':
    case 'VOIDED':
      return judgeOver(known);
  }
}

function judgeStranger({ status, capturedMinor }: Charge, paidOtherwise: boolean): Judgement {
  if (capturedMinor > 0 && paidOtherwise) return report('captured_twice');
  return status === 'DECLINED' || status === 'VOIDED' ? FINE : report('unknown_charge');
}

function judgeCaptured(charge: Charge, { payment, attempt }: Known): Judgement {
  const taken = payment.capturedMinor > 0;
  if (attempt.id !== payment.attemptId) return report(taken ? 'captured_twice' : 'captured_unwanted');
  if (taken) {
    if (charge.capturedMinor !== payment.capturedMinor) return report('amount_differs');
    if (charge.refundedMinor > payment.refundRequestedMinor) return report('unknown_refund');
    return charge.refundedMinor < payment.refundedMinor ? report('refund_not_at_provider') : FINE;
  }
  if (payment.cancelledAt !== null || payment.captureRequestedAt === null || payment.status !== 'AUTHORIZED') {
    return report('captured_unwanted');
  }
  return charge.capturedMinor === payment.amount.amountMinor ? { kind: 'recordCapture' } : report('amount_differs');
}

function judgeHeld({ payment, attempt }: Known): Judgement {
  switch (attempt.status) {
    case 'AUTHORIZED':
      if (isTaken(payment, attempt)) return report('capture_not_at_provider');
      return isWanted(payment, attempt) ? FINE : VOID;
    case 'VOIDED':
      return VOID;
    case 'PENDING':
    case 'REQUIRES_ACTION':
    case 'DECLINED':
      return SETTLE;
  }
}

function judgePending({ payment, attempt }: Known): Judgement {
  switch (attempt.status) {
    case 'AUTHORIZED':
      return report(isTaken(payment, attempt) ? 'capture_not_at_provider' : 'hold_not_at_provider');
    case 'VOIDED':
      return VOID;
    case 'DECLINED':
      return attempt.providerId === null ? SETTLE : VOID;
    case 'PENDING':
    case 'REQUIRES_ACTION':
      if (isWanted(payment, attempt)) return FINE;
      return attempt.providerId === null ? SETTLE : VOID;
  }
}

/** The provider holds nothing, and never will for this charge. */
function judgeOver({ payment, attempt }: Known): Judgement {
  switch (attempt.status) {
    case 'AUTHORIZED':
      if (isTaken(payment, attempt)) return report('capture_not_at_provider');
      return isWanted(payment, attempt) ? report('hold_not_at_provider') : { kind: 'recordVoid' };
    case 'PENDING':
    case 'REQUIRES_ACTION':
      return SETTLE;
    case 'DECLINED':
    case 'VOIDED':
      return FINE;
  }
}

function isTaken(payment: Payment, attempt: Attempt): boolean {
  return payment.attemptId === attempt.id && payment.capturedMinor > 0;
}
