/** Records what the provider has said: an answer or a webhook, whichever comes first. The other then finds nothing left to do. */
import { failpoint } from '@ebuy/events';
import { Fault, type Money, sameMoney } from '@ebuy/kernel';
import { type AuthorizationNews, settleAuthorization as decideAuthorization } from '../domain/authorizing.ts';
import { settleVoid as decideVoid } from '../domain/cancelling.ts';
import { settleCapture as decideCapture, failCapture as decideFailedCapture } from '../domain/capturing.ts';
import type { Decision } from '../domain/decision.ts';
import type { Failure, Payment } from '../domain/payment.ts';
import { settleRefund as decideRefund, type RefundNews } from '../domain/refunding.ts';
import type { ProviderNews } from '../provider/provider.ts';
import { type Changed, change } from '../store/change.ts';
import type { Transaction } from '../store/index.ts';
import { type Locked, lockAttempt, lockRefund } from '../store/payments.ts';
import type { Closing, ProviderCall } from '../store/provider-calls.ts';
import type { Payments } from './payments.ts';

/** Whether the provider will say no more of it by itself. */
export function isLast(news: AuthorizationNews | RefundNews): boolean {
  return news.status !== 'PENDING' && news.status !== 'REQUIRES_ACTION';
}

export async function settleAuthorization(
  payments: Payments,
  call: ProviderCall,
  news: AuthorizationNews,
  closes = isLast(news),
) {
  await settleCall(payments, call, closes ? ['authorize'] : [], ({ payment, attempt }) =>
    decideAuthorization(payment, attempt, news, new Date()),
  );
}

export async function settleVoid(payments: Payments, call: ProviderCall): Promise<void> {
  await settleCall(payments, call, ['void', 'authorize'], ({ payment, attempt }) =>
    decideVoid(payment, attempt, new Date()),
  );
}

export async function settleCapture(payments: Payments, call: ProviderCall): Promise<void> {
  await settleCall(payments, call, ['capture'], ({ payment, attempt }) => decideCapture(payment, attempt, new Date()));
}

export async function failCapture(
  payments: Payments,
  call: ProviderCall,
  failure: Failure,
  willRetry: boolean,
): Promise<void> {
  await settleCall(payments, call, willRetry ? [] : ['capture'], ({ payment }) =>
    decideFailedCapture(payment, failure, willRetry, new Date()),
  );
}

export async function settleRefund(payments: Payments, call: ProviderCall, news: RefundNews): Promise<void> {
  const { refundId } = call;
  if (refundId === null) throw new Error(`Call ${call.id} refunds nothing`);
  failpoint('provider-before-record');
  const { calls } = await change(payments.store, {
    lock: (tx) => lockRefund(tx, refundId),
    decide: ({ payment, refund }) => (refund === null ? null : decideRefund(payment, refund, news, new Date())),
    closing: isLast(news) ? { subjectId: refundId, kinds: ['refund'] } : null,
    trace: call.trace,
  });
  void payments.makeCalls(calls);
}

async function settleCall(
  payments: Payments,
  call: ProviderCall,
  kinds: Closing['kinds'],
  decide: (locked: Locked) => Decision | null,
): Promise<void> {
  failpoint('provider-before-record');
  const { calls } = await change(payments.store, {
    first: call.seen ? decide(call.seen) : null,
    lock: (tx) => lockAttempt(tx, call.attemptId),
    decide,
    closing: { subjectId: call.attemptId, kinds },
    trace: call.trace,
  });
  void payments.makeCalls(calls);
}

/** A webhook's news. `repeated`: the same was applied before. `absent`: it is about nothing of ours. Throws when its amount is not ours. */
export async function settleNews(payments: Payments, news: ProviderNews): Promise<Changed['outcome']> {
  if (news.about === 'nothing') return 'unchanged';
  const { reference, about } = news;
  const { calls, outcome } = await change(payments.store, {
    claim: (tx) => claimNews(tx, payments.provider.name, news.id),
    lock: (tx) => (about === 'authorization' ? lockAttempt(tx, reference) : lockRefund(tx, reference)),
    decide: (locked) => decideNews(locked, news),
    closing: isLast(news.news)
      ? { subjectId: reference, kinds: about === 'authorization' ? ['authorize'] : ['refund'] }
      : null,
    trace: ({ attempt, refund }) => refund?.trace ?? attempt.trace,
  });
  void payments.makeCalls(calls);
  return outcome;
}

function decideNews(
  { payment, attempt, refund }: Locked,
  said: Exclude<ProviderNews, { about: 'nothing' }>,
): Decision | null {
  if (said.about === 'authorization') {
    checkAmount(said.amount, payment.amount, payment);
    return decideAuthorization(payment, attempt, said.news, new Date());
  }
  if (refund === null) return null;
  checkAmount(said.amount, { ...payment.amount, amountMinor: refund.amountMinor }, payment);
  return decideRefund(payment, refund, said.news, new Date());
}

function checkAmount(said: Money, ours: Money, payment: Payment): void {
  if (!sameMoney(said, ours)) {
    throw new Fault(`A webhook about payment ${payment.id} has another amount or currency`, { retryable: false });
  }
}

async function claimNews(tx: Transaction, provider: string, id: string): Promise<boolean> {
  const claimed = await tx.$executeRaw`
    INSERT INTO provider_event (provider, id) VALUES (${provider}, ${id}) ON CONFLICT DO NOTHING`;
  return claimed === 1;
}
