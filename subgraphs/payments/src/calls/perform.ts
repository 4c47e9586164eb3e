/**
 * Makes one call of the work list: asks the provider, outside any transaction, and records what it says. Whatever happens, the call ends
 * up settled, put off, or with a lease that runs out; and asked again it has the same key, so the provider does it once.
 */

import { failpoint } from '@ebuy/events';
import type { Payments } from '../commands/payments.ts';
import {
  failCapture,
  isLast,
  settleAuthorization,
  settleCapture,
  settleRefund,
  settleVoid,
} from '../commands/settle.ts';
import type { AuthorizationNews } from '../domain/authorizing.ts';
import { backoffMs } from '../domain/backoff.ts';
import type { CallKind } from '../domain/decision.ts';
import type { Failure } from '../domain/payment.ts';
import { closeCalls, type ProviderCall, postponeCall } from '../store/provider-calls.ts';

/** How a call ended: for metrics. */
export type Ending = 'settled' | 'postponed';

/** An authorization that could not be had in so many tries is declined: the shopper is waiting. */
const MAX_AUTHORIZE_TRIES = 8;
/** A capture that only did not get through is not worth telling about before. */
const QUIET_CAPTURE_TRIES = 4;
/** Until a lost request can no longer arrive at the provider. */
const STRAY_REQUEST_MS = 60_000;

const UNAVAILABLE: Failure = {
  code: 'provider_unavailable',
  message: 'The payment provider could not be reached. Nothing was taken.',
};

const BACKOFF: { readonly [Kind in CallKind]: { readonly firstMs: number; readonly mostMs: number } } = {
  authorize: { firstMs: 500, mostMs: 8_000 },
  capture: { firstMs: 1_000, mostMs: 3_600_000 },
  void: { firstMs: 500, mostMs: 600_000 },
  refund: { firstMs: 1_000, mostMs: 600_000 },
};
const POLL = { firstMs: 15_000, mostMs: 300_000 };

export function performCall(payments: Payments, call: ProviderCall): Promise<Ending> {
  return PERFORM[call.kind](payments, call);
}

const PERFORM: { readonly [Kind in CallKind]: (payments: Payments, call: ProviderCall) => Promise<Ending> } = {
  authorize,
  capture,
  void: voidAuthorization,
  refund,
};

async function authorize(payments: Payments, call: ProviderCall): Promise<Ending> {
  const givingUp = call.tries >= MAX_AUTHORIZE_TRIES;
  const answer = await attempted(() => askForAuthorization(payments, call, givingUp));
  if (answer.ok && answer.value !== null) {
    await settleAuthorization(payments, call, answer.value);
    return isLast(answer.value) ? 'settled' : poll(payments, call);
  }
  if (call.wanted && givingUp) {
    // What may be held there nevertheless is found by this same call, later, and voided.
    await settleAuthorization(payments, call, { status: 'DECLINED', providerId: null, failure: UNAVAILABLE }, false);
    return postpone(payments, call, STRAY_REQUEST_MS, problemOf(answer));
  }
  if (answer.ok && !call.wanted && ageOf(call) >= STRAY_REQUEST_MS) {
    await closeCalls(payments.store, call.attemptId, ['authorize']);
    return 'settled';
  }
  if (answer.ok) return postpone(payments, call, STRAY_REQUEST_MS, problemOf(answer));
  return retry(payments, call, answer.error, call.wanted ? BACKOFF.authorize : BACKOFF.void);
}

/** Null: the provider knows of none. One that nobody wants any more, or that was answered once, is only asked about. */
async function askForAuthorization(
  { provider }: Payments,
  call: ProviderCall,
  givingUp: boolean,
): Promise<AuthorizationNews | null> {
  const { id, attemptId, orderId, amount, paymentMethod } = call;
  if (call.wanted && call.providerId === null && paymentMethod !== null && !givingUp) {
    return provider.authorize({ idempotencyKey: id, reference: attemptId, orderId, amount, paymentMethod });
  }
  return (await provider.findAuthorization(attemptId, amount, call.providerId))?.news ?? null;
}

async function capture(payments: Payments, call: ProviderCall): Promise<Ending> {
  const endsAt = call.authorizationEndsAt?.getTime() ?? 0;
  if (endsAt <= Date.now()) return captureAfterTheEnd(payments, call);
  const { id: idempotencyKey, attemptId: reference, amount } = call;
  const answer = await attempted(() =>
    payments.provider.capture({ idempotencyKey, reference, amount, providerId: providerIdOf(call) }),
  );
  if (answer.ok && answer.value.status === 'CAPTURED') {
    await settleCapture(payments, call);
    return 'settled';
  }
  if (answer.ok && answer.value.status === 'FAILED') {
    const { failure, final } = answer.value;
    await failCapture(payments, call, failure, !final);
    if (final) return 'settled';
  }
  if (!answer.ok && call.tries >= QUIET_CAPTURE_TRIES) await failCapture(payments, call, UNAVAILABLE, true);
  const delayMs = backoffMs(call.tries + 1, BACKOFF.capture, Math.random());
  return postpone(payments, call, Math.min(delayMs, Math.max(endsAt - Date.now(), 0) + 1_000), problemOf(answer));
}

/** Too late to capture; but a capture whose answer was lost may have been in time. */
async function captureAfterTheEnd(payments: Payments, call: ProviderCall): Promise<Ending> {
  const answer = await attempted(() =>
    payments.provider.findAuthorization(call.attemptId, call.amount, call.providerId),
  );
  if (!answer.ok) return retry(payments, call, answer.error, BACKOFF.capture);
  if (answer.value?.captured === true) {
    await settleCapture(payments, call);
    return 'settled';
  }
  const failure = { code: 'authorization_ended', message: 'The hold ended before the amount could be taken.' };
  await failCapture(payments, call, failure, false);
  payments.logger.error({ orderId: call.orderId }, 'a shipped order was not paid: its authorization has ended');
  return 'settled';
}

async function voidAuthorization(payments: Payments, call: ProviderCall): Promise<Ending> {
  const { id: idempotencyKey, attemptId: reference, amount } = call;
  const answer = await attempted(() =>
    payments.provider.void({ idempotencyKey, reference, amount, providerId: providerIdOf(call) }),
  );
  if (answer.ok && answer.value.status === 'VOIDED') {
    await settleVoid(payments, call);
    return 'settled';
  }
  if (answer.ok && answer.value.status === 'REFUSED') {
    payments.logger.error(
      { orderId: call.orderId, failure: answer.value.failure },
      'the provider refused to void a payment',
    );
    await closeCalls(payments.store, call.attemptId, ['void']);
    return 'settled';
  }
  // A hold ends by itself, too.
  if (call.authorizationEndsAt !== null && call.authorizationEndsAt.getTime() < Date.now()) {
    await settleVoid(payments, call);
    return 'settled';
  }
  return retry(payments, call, answer.ok ? null : answer.error, BACKOFF.void);
}

/** Never given up: nobody may conclude that money was not given back. Until the provider says so the amount stays set aside. */
async function refund(payments: Payments, call: ProviderCall): Promise<Ending> {
  const { id: idempotencyKey, amount } = call;
  const reference = call.refundId ?? '';
  const first = call.seen !== undefined;
  const answer = await attempted(
    async () =>
      (first ? null : await payments.provider.findRefund(reference, amount, call.providerId)) ??
      (await payments.provider.refund({ idempotencyKey, reference, amount, providerId: providerIdOf(call) })),
  );
  if (!answer.ok) return retry(payments, call, answer.error, BACKOFF.refund);
  await settleRefund(payments, call, answer.value);
  return isLast(answer.value) ? 'settled' : poll(payments, call);
}

type Attempted<Value> = { readonly ok: true; readonly value: Value } | { readonly ok: false; readonly error: unknown };

async function attempted<Value>(ask: () => Promise<Value>): Promise<Attempted<Value>> {
  try {
    const value = await ask();
    failpoint('provider-after-charge');
    return { ok: true, value };
  } catch (error) {
    return { ok: false, error };
  }
}

async function retry(
  payments: Payments,
  call: ProviderCall,
  error: unknown,
  pace: { readonly firstMs: number; readonly mostMs: number },
): Promise<Ending> {
  const { id: callId, kind, orderId, tries } = call;
  payments.logger.warn(
    { err: error, callId, kind, orderId, tries },
    'the provider did not settle a call; it is tried again',
  );
  return postpone(payments, call, backoffMs(tries + 1, pace, Math.random()), problemOf({ ok: false, error }));
}

/** The provider has it and is not done: its webhook says when. In case that is lost it is asked, too. */
async function poll(payments: Payments, call: ProviderCall): Promise<Ending> {
  const delayMs = Math.min(Math.max(ageOf(call), POLL.firstMs), POLL.mostMs);
  await postponeCall(payments.store, call.id, delayMs, null);
  return 'postponed';
}

async function postpone(payments: Payments, call: ProviderCall, delayMs: number, problem: string): Promise<Ending> {
  await postponeCall(payments.store, call.id, delayMs, problem);
  return 'postponed';
}

function problemOf(answer: Attempted<unknown>): string {
  if (answer.ok) return JSON.stringify(answer.value ?? 'unknown to the provider').slice(0, 500);
  return String(answer.error instanceof Error ? answer.error.message : answer.error).slice(0, 500);
}

function ageOf(call: ProviderCall): number {
  return Date.now() - call.createdAt.getTime();
}

function providerIdOf(call: ProviderCall): string {
  if (call.providerId === null) throw new Error(`Call ${call.id} has no authorization to ${call.kind}`);
  return call.providerId;
}
