/** A payment as the domain alone moves it, with everything that was booked, asked and told on the way. No I/O. */
import type { Money } from '@ebuy/kernel';
import {
  type AuthorizationNews,
  openPayment,
  type PaymentRequest,
  requestAgain,
  settleAuthorization,
} from '../src/domain/authorizing.ts';
import { cancelPayment, settleVoid } from '../src/domain/cancelling.ts';
import { failCapture, requestCapture, settleCapture } from '../src/domain/capturing.ts';
import type { Announcement, CallRequest, Decision } from '../src/domain/decision.ts';
import type { Account, Posting } from '../src/domain/ledger.ts';
import type { Attempt, Payment, Refund } from '../src/domain/payment.ts';
import { type RefundNews, requestRefund, settleRefund } from '../src/domain/refunding.ts';

export const NOW = new Date('2026-11-23T12:00:00.000Z');
export const ENDS = new Date('2026-11-30T12:00:00.000Z');
export const ORDER_ID = '01939f00-0000-7000-8000-000000000001';
const PAYMENT_ID = '01939f00-0000-7000-8000-000000000002';
const TRACE = { correlationId: 'test', causationId: null };

const idOf = (kind: number, number: number) => `01939f00-000${kind}-7000-8000-${String(number).padStart(12, '0')}`;
export const attemptId = (number: number) => idOf(1, number);

export class Model {
  payment: Payment;
  readonly attempts = new Map<string, Attempt>();
  readonly refunds = new Map<string, Refund>();
  readonly postings: Posting[] = [];
  readonly calls: CallRequest[] = [];
  readonly announcements: Announcement[] = [];

  constructor(amount: Money, paymentMethod = 'pm_card_visa') {
    const decision = openPayment(PAYMENT_ID, this.#request(1, amount, paymentMethod), NOW);
    this.payment = decision.payment;
    this.#apply(decision);
  }

  get current(): Attempt {
    return this.attempt(this.payment.attemptId);
  }

  attempt(id: string): Attempt {
    const attempt = this.attempts.get(id);
    if (attempt === undefined) throw new Error(`no attempt ${id}`);
    return attempt;
  }

  requestAgain(number: number, paymentMethod = 'pm_card_visa'): boolean {
    return this.#apply(
      requestAgain(this.payment, this.current, this.#request(number, this.payment.amount, paymentMethod), NOW),
    );
  }

  news(id: string, status: AuthorizationNews['status']): boolean {
    const providerId = `auth_${id}`;
    const news: AuthorizationNews =
      status === 'REQUIRES_ACTION'
        ? { status, providerId, nextActionUrl: 'https://bank.example/step' }
        : status === 'AUTHORIZED'
          ? { status, providerId, endsAt: ENDS }
          : status === 'DECLINED'
            ? { status, providerId, failure: { code: 'card_declined', message: 'No.' } }
            : { status, providerId };
    return this.#apply(settleAuthorization(this.payment, this.attempt(id), news, NOW));
  }

  cancel(): boolean {
    return this.#apply(cancelPayment(this.payment, this.current, NOW));
  }

  voided(id: string): boolean {
    return this.#apply(settleVoid(this.payment, this.attempt(id), NOW));
  }

  ship(): boolean {
    return this.#apply(requestCapture(this.payment, this.current, NOW));
  }

  captured(): boolean {
    return this.#apply(settleCapture(this.payment, this.current, NOW));
  }

  captureFailed(willRetry: boolean): boolean {
    return this.#apply(failCapture(this.payment, { code: 'capture_failed', message: 'No.' }, willRetry, NOW));
  }

  /** Throws the refusals of refundOrder. */
  requestRefund(number: number, amountMinor: number | null): boolean {
    const { currency } = this.payment.amount;
    const amount = amountMinor === null ? null : { amountMinor, currency };
    const request = { refundId: idOf(2, number), amount, reason: 'test', requestedBy: 'user:staff', trace: TRACE };
    return this.#apply(requestRefund(this.payment, this.current, request, NOW));
  }

  refunded(number: number, status: RefundNews['status']): boolean {
    const refund = this.refunds.get(idOf(2, number));
    if (refund === undefined) return false;
    const news: RefundNews =
      status === 'FAILED' ? { status, failure: { code: 'refused', message: 'No.' } } : { status };
    return this.#apply(settleRefund(this.payment, refund, news, NOW));
  }

  balance(account: Account): number {
    return this.postings
      .flatMap(({ entries }) => entries)
      .filter((entry) => entry.account === account)
      .reduce((sum, { amountMinor }) => sum + amountMinor, 0);
  }

  told(): string[] {
    return this.announcements.map(({ type }) => type);
  }

  asked(): string[] {
    return this.calls.map(({ kind, attempt }) => `${kind} ${Number(attempt.id.slice(-4))}`);
  }

  #request(number: number, amount: Money, paymentMethod: string): PaymentRequest {
    return { orderId: ORDER_ID, attemptId: attemptId(number), amount, paymentMethod, trace: TRACE };
  }

  #apply(decision: Decision | null): boolean {
    if (decision === null) return false;
    const { payment, attempt, refund, postings, calls, announcements } = decision;
    this.payment = payment;
    if (attempt) this.attempts.set(attempt.id, attempt);
    if (refund) this.refunds.set(refund.id, refund);
    this.postings.push(...postings);
    this.calls.push(...calls);
    this.announcements.push(...announcements);
    return true;
  }
}
