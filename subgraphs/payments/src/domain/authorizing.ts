/** Asking for money: a first attempt, another card, and what the provider says to it. Pure: ids and time are handed in. */
import type { Trace } from '@ebuy/events';
import { Fault, type Money, sameMoney } from '@ebuy/kernel';
import { about, ask, type CallRequest, type Decision, decided, movePayment } from './decision.ts';
import { hold } from './ledger.ts';
import type { Attempt, Failure, Payment } from './payment.ts';
import { isPaymentMethod } from './payment-method.ts';
import { ATTEMPT_TABLE, next, type Step } from './status-table.ts';

export interface PaymentRequest {
  readonly orderId: string;
  readonly attemptId: string;
  readonly amount: Money;
  readonly paymentMethod: string;
  readonly trace: Trace;
}

/** What the provider says of an authorization. `providerId` is what it calls it. */
export type AuthorizationNews =
  | { readonly status: 'PENDING'; readonly providerId: string }
  | { readonly status: 'REQUIRES_ACTION'; readonly providerId: string; readonly nextActionUrl: string }
  | { readonly status: 'AUTHORIZED'; readonly providerId: string; readonly endsAt: Date }
  | { readonly status: 'DECLINED'; readonly providerId: string | null; readonly failure: Failure }
  | { readonly status: 'VOIDED'; readonly providerId: string };

const UNUSABLE_METHOD: Failure = { code: 'invalid_payment_method', message: 'This is not a payment method.' };

/** An order's first attempt. */
export function openPayment(paymentId: string, request: PaymentRequest, now: Date): Decision {
  const payment: Payment = {
    id: paymentId,
    orderId: request.orderId,
    version: 1,
    status: 'PENDING',
    amount: request.amount,
    attemptId: request.attemptId,
    authorizedMinor: 0,
    capturedMinor: 0,
    refundRequestedMinor: 0,
    refundedMinor: 0,
    refunds: 0,
    failure: null,
    nextActionUrl: null,
    authorizationEndsAt: null,
    captureRequestedAt: null,
    cancelledAt: null,
    createdAt: now,
    updatedAt: now,
  };
  return withAttempt(payment, request, [], now);
}

/** Another card. What the attempt before still brings is given back; an authorization that stands already answers this request, too. */
export function requestAgain(payment: Payment, current: Attempt, request: PaymentRequest, now: Date): Decision | null {
  const status = next(payment.status, 'paymentRequested');
  if (status === null || payment.cancelledAt !== null || request.attemptId === payment.attemptId) return null;
  if (!sameMoney(request.amount, payment.amount)) {
    throw new Fault(`Order ${payment.orderId} asks for another amount than before`, { retryable: false });
  }
  if (status === 'AUTHORIZED') {
    const announced = authorizedNow(payment, request.attemptId, payment.authorizationEndsAt ?? now);
    return decided(movePayment(payment, {}, now), { announcements: [announced] });
  }
  const reopened = movePayment(
    payment,
    { status, attemptId: request.attemptId, failure: null, nextActionUrl: null },
    now,
  );
  return withAttempt(reopened, request, givingUp(current), now);
}

/** Voids, at the provider, an attempt that is still open there. One that the provider has not answered yet is voided when it does. */
export function givingUp(attempt: Attempt): CallRequest[] {
  const open = attempt.status === 'PENDING' || attempt.status === 'REQUIRES_ACTION';
  return open && attempt.providerId !== null ? [ask('void', attempt)] : [];
}

function withAttempt(payment: Payment, request: PaymentRequest, calls: readonly CallRequest[], now: Date): Decision {
  const attempt: Attempt = {
    id: request.attemptId,
    paymentId: payment.id,
    status: 'PENDING',
    providerId: null,
    failure: null,
    authorizationEndsAt: null,
    trace: request.trace,
    createdAt: now,
    updatedAt: now,
  };
  const { paymentMethod } = request;
  if (isPaymentMethod(paymentMethod)) {
    return decided(payment, { attempt, calls: [...calls, ask('authorize', attempt, { paymentMethod })] });
  }
  const refused = { ...payment, status: 'DECLINED' as const, failure: UNUSABLE_METHOD };
  return decided(refused, {
    attempt: { ...attempt, status: 'DECLINED', failure: UNUSABLE_METHOD },
    calls,
    announcements: [declinedNow(refused, attempt.id, UNUSABLE_METHOD)],
  });
}

/** Whether what the provider says of an attempt still matters to the order. */
export function isWanted(payment: Payment, attempt: Pick<Attempt, 'id'>): boolean {
  return payment.attemptId === attempt.id && payment.cancelledAt === null;
}

const STEP_OF: { readonly [Status in 'REQUIRES_ACTION' | 'AUTHORIZED' | 'DECLINED' | 'VOIDED']: Step } = {
  REQUIRES_ACTION: 'actionRequired',
  AUTHORIZED: 'authorized',
  DECLINED: 'declined',
  // The provider ended it by itself, as when the second step was not taken in time: for the order that is a decline.
  VOIDED: 'declined',
};

/** What the provider says of an attempt, by answer or by webhook, in whatever order. Null: nothing new. */
export function settleAuthorization(
  payment: Payment,
  before: Attempt,
  news: AuthorizationNews,
  now: Date,
): Decision | null {
  const status = ATTEMPT_TABLE[before.status][news.status];
  if (news.status === 'PENDING' || status === null) return stillOpen(payment, before, news, now);
  const attempt: Attempt = {
    ...before,
    status,
    providerId: news.providerId ?? before.providerId,
    failure: news.status === 'DECLINED' ? news.failure : null,
    authorizationEndsAt: news.status === 'AUTHORIZED' ? news.endsAt : null,
    updatedAt: now,
  };
  const postings = news.status === 'AUTHORIZED' ? hold(payment, attempt) : [];
  const to = isWanted(payment, attempt) ? next(payment.status, STEP_OF[news.status]) : null;
  if (to === null) {
    const calls = status === 'AUTHORIZED' || status === 'REQUIRES_ACTION' ? [ask('void', attempt)] : [];
    return decided(movePayment(payment, {}, now), { attempt, postings, calls });
  }
  return { ...counting(movePayment(payment, { status: to, nextActionUrl: null }, now), attempt, news), postings };
}

/** The attempt that counts has moved, and the payment with it. */
function counting(
  payment: Payment,
  attempt: Attempt,
  news: Exclude<AuthorizationNews, { status: 'PENDING' }>,
): Decision {
  switch (news.status) {
    case 'REQUIRES_ACTION':
      return decided(
        { ...payment, nextActionUrl: news.nextActionUrl },
        {
          attempt,
          announcements: [{ type: 'payment.actionRequired', payload: { ...about(payment), attemptId: attempt.id } }],
        },
      );
    case 'AUTHORIZED':
      return decided(
        {
          ...payment,
          failure: null,
          authorizedMinor: payment.amount.amountMinor,
          authorizationEndsAt: news.endsAt,
        },
        { attempt, announcements: [authorizedNow(payment, attempt.id, news.endsAt)] },
      );
    case 'DECLINED':
    case 'VOIDED': {
      const failure =
        news.status === 'DECLINED' ? news.failure : { code: 'authorization_ended', message: 'The provider ended it.' };
      return decided({ ...payment, failure }, { attempt, announcements: [declinedNow(payment, attempt.id, failure)] });
    }
  }
}

/** The provider's name for it is new at least: it is what one asks by, and what one voids. */
function stillOpen(payment: Payment, before: Attempt, news: AuthorizationNews, now: Date): Decision | null {
  if (before.status !== 'PENDING' || before.providerId !== null || news.providerId === null) return null;
  const attempt = { ...before, providerId: news.providerId, updatedAt: now };
  const calls = isWanted(payment, attempt) ? [] : givingUp(attempt);
  return decided(movePayment(payment, {}, now), { attempt, calls });
}

function authorizedNow(payment: Payment, attemptId: string, endsAt: Date) {
  return {
    type: 'payment.authorized' as const,
    payload: { ...about(payment), attemptId, expiresAt: endsAt.toISOString() },
  };
}

function declinedNow(payment: Payment, attemptId: string, failure: Failure) {
  return { type: 'payment.declined' as const, payload: { ...about(payment), attemptId, failure } };
}
