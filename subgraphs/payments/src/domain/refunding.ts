/** Giving back what was taken, in part or whole. */
import type { Trace } from '@ebuy/events';
import { formatMoney, type Money } from '@ebuy/kernel';
import { refusal } from '../refusals.ts';
import { about, ask, type Decision, decided, movePayment } from './decision.ts';
import { giveBack } from './ledger.ts';
import { type Attempt, type Failure, MAX_REFUNDS, type Payment, type Refund, refundable } from './payment.ts';
import { next, STATUS_TABLE } from './status-table.ts';

export interface RefundRequest {
  readonly refundId: string;
  /** All that is left when there is none. */
  readonly amount: Money | null;
  readonly reason: string;
  readonly requestedBy: string;
  readonly trace: Trace;
}

export type RefundNews =
  | { readonly status: 'PENDING' }
  | { readonly status: 'SUCCEEDED' }
  | { readonly status: 'FAILED'; readonly failure: Failure };

/** Sets the amount aside, so that no two refunds give back the same money. Throws the refusals of refundOrder. */
export function requestRefund(payment: Payment, attempt: Attempt, request: RefundRequest, now: Date): Decision {
  const cell = STATUS_TABLE[payment.status].refundRequested;
  if (cell.kind !== 'move') throw refusal(cell.kind === 'refused' ? cell.code : 'NOT_CAPTURED');
  const left = refundable(payment);
  if (left === 0) throw refusal('NOTHING_LEFT_TO_REFUND');
  if (payment.refunds >= MAX_REFUNDS) throw refusal('TOO_MANY_REFUNDS');
  const amountMinor = amountToRefund(payment, request.amount, left);
  const { refundId: id, reason, requestedBy, trace } = request;
  const refund: Refund = {
    id,
    paymentId: payment.id,
    status: 'PENDING',
    amountMinor,
    reason,
    requestedBy,
    failure: null,
    trace,
    createdAt: now,
    updatedAt: now,
  };
  const refundRequestedMinor = payment.refundRequestedMinor + amountMinor;
  const moved = movePayment(payment, { status: cell.to, refundRequestedMinor, refunds: payment.refunds + 1 }, now);
  return decided(moved, { refund, calls: [ask('refund', attempt, { refund })] });
}

function amountToRefund(payment: Payment, amount: Money | null, left: number): number {
  if (amount === null) return left;
  const { currency } = payment.amount;
  if (amount.currency !== currency) {
    throw refusal('CURRENCY_MISMATCH', {
      message: `The order was paid in ${currency}: refund it in ${currency}.`,
      field: ['amount', 'currency'],
    });
  }
  if (amount.amountMinor < 1) throw refusal('INVALID_AMOUNT', { field: ['amount', 'amountMinor'] });
  if (amount.amountMinor > left) {
    throw refusal('REFUND_TOO_LARGE', {
      message: `At most ${formatMoney({ amountMinor: left, currency })} can still be refunded.`,
      field: ['amount', 'amountMinor'],
    });
  }
  return amount.amountMinor;
}

/** What the provider says of a refund, by answer or by webhook. Null: nothing new. */
export function settleRefund(payment: Payment, before: Refund, news: RefundNews, now: Date): Decision | null {
  if (before.status !== 'PENDING' || news.status === 'PENDING') return null;
  if (news.status === 'FAILED') {
    const refundRequestedMinor = payment.refundRequestedMinor - before.amountMinor;
    const refund: Refund = { ...before, status: 'FAILED', failure: news.failure, updatedAt: now };
    return decided(movePayment(payment, { refundRequestedMinor }, now), { refund });
  }
  const refundedMinor = payment.refundedMinor + before.amountMinor;
  const status = next(payment.status, refundedMinor === payment.capturedMinor ? 'refundedInFull' : 'refundedInPart');
  if (status === null) return null;
  const refund: Refund = { ...before, status: 'SUCCEEDED', updatedAt: now };
  const { currency } = payment.amount;
  const payload = {
    ...about(payment),
    amount: { amountMinor: before.amountMinor, currency },
    refundId: refund.id,
    refundedTotal: { amountMinor: refundedMinor, currency },
  };
  return decided(movePayment(payment, { status, refundedMinor }, now), {
    refund,
    postings: giveBack(refund),
    announcements: [{ type: 'payment.refunded', payload }],
  });
}
