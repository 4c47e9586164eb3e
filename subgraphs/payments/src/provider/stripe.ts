/**
 * Stripe (https://docs.stripe.com/api/payment_intents): an authorization is a PaymentIntent that is confirmed as it is made and captured
 * by hand. Our reference and the order's id stand in its metadata; our idempotency key is Stripe's.
 */
import { Fault, isId, type Money } from '@ebuy/kernel';
import type { AuthorizationNews } from '../domain/authorizing.ts';
import type { RefundNews } from '../domain/refunding.ts';
import type { AuthorizationRequest, FoundAuthorization, PaymentProvider, RefundCall } from './provider.ts';
import { toStripe } from './stripe-amounts.ts';
import {
  authorizationNews,
  checkedIntent,
  checkedRefund,
  type IntentAnswer,
  intentList,
  nonsense,
  refundAnswer,
  refundFailure,
  refundNews,
  understood,
} from './stripe-answers.ts';
import { readBooks } from './stripe-books.ts';
import { createStripeClient, misunderstanding, type StripeClientSettings } from './stripe-client.ts';
import { declined, refusedAs, unusable } from './stripe-failures.ts';
import { findByReference, madeAtMs, undecided } from './stripe-lookup.ts';
import { captureIntent, voidIntent } from './stripe-taking.ts';
import { type Talk, talkTo, WITH_CHARGE, WITH_CHARGES } from './stripe-talk.ts';
import { readStripeWebhook } from './stripe-webhooks.ts';

export interface StripeSettings extends StripeClientSettings {
  /** More than one while one is being replaced. */
  readonly webhookSecrets: readonly string[];
  /** Where a shopper comes back to from the bank's page; `order` is added to its query. */
  readonly returnUrl: string;
}

/** Longer than Stripe's search was ever behind, as its reference says. */
const SEARCH_LAG_MS = 2 * 3_600_000;

export function createStripeProvider(settings: StripeSettings): PaymentProvider {
  const client = createStripeClient(settings);
  const live = isLiveKey(settings.secretKey);
  const converse = () => talkTo(client.converse(), live);

  return {
    name: 'stripe',
    authorize: (request) => authorize(converse(), request, settings.returnUrl),
    capture: (request) => captureIntent(converse(), request),
    void: (request) => voidIntent(converse(), request),
    refund: (request) => refund(converse(), request),
    findAuthorization: (reference, amount, providerId) => find(converse(), { reference, amount, providerId }),
    findRefund: (reference, amount, providerId) => findRefund(converse(), { reference, amount, providerId }),
    listCharges(since, after) {
      const stripe = converse();
      return readBooks(since, after, stripe.intents);
    },
    readWebhook: (headers, body, now) =>
      readStripeWebhook(headers, body, now, { secrets: settings.webhookSecrets, live }),
    async close() {
      client.close();
    },
  };
}

/** `sk_live_…`, or `rk_live_…` for a key that may do only what payments does. */
export function isLiveKey(secretKey: string): boolean {
  return /^[sr]k_live_/.test(secretKey);
}

async function authorize(stripe: Talk, request: AuthorizationRequest, returnUrl: string): Promise<AuthorizationNews> {
  const { idempotencyKey, reference, orderId, paymentMethod } = request;
  const units = toStripe(request.amount);
  if (units === null) return { status: 'DECLINED', providerId: null, failure: refusedAs('amount_not_supported') };
  if (!/^pm_\w{1,250}$/.test(paymentMethod)) {
    return { status: 'DECLINED', providerId: null, failure: refusedAs('invalid_payment_method') };
  }
  const returnTo = new URL(returnUrl);
  returnTo.searchParams.set('order', orderId);
  const asked = await stripe.ask(({ paymentIntents }, { timeout }) =>
    paymentIntents.create(
      {
        ...units,
        capture_method: 'manual',
        confirm: true,
        payment_method: paymentMethod,
        automatic_payment_methods: { enabled: true },
        return_url: returnTo.href,
        metadata: { reference, orderId },
        expand: WITH_CHARGE,
      },
      { idempotencyKey, timeout },
    ),
  );
  if (asked.ok) return authorizationNews(checkedIntent(stripe.intentOf(asked.json), request));
  const { refusal } = asked;
  const failure = refusal.kind === 'card' ? declined(refusal) : unusable(refusal);
  if (failure === null) throw misunderstanding(refusal);
  return { status: 'DECLINED', providerId: declinedIntent(stripe, refusal.intent, request), failure };
}

/** What Stripe made of a card's decline. Nothing is held by it: that is what a decline says, and it is checked. */
function declinedIntent(stripe: Talk, given: unknown, request: AuthorizationRequest): string | null {
  if (given === undefined || given === null) return null;
  const intent = checkedIntent(stripe.intentOf(given), request);
  if (intent.status !== 'requires_payment_method' && intent.status !== 'canceled') {
    throw nonsense('declines what it holds');
  }
  return intent.id;
}

/** Before it is captured nothing can be given back: Stripe would let go of the whole hold instead. */
async function refund(stripe: Talk, request: RefundCall): Promise<RefundNews> {
  const { idempotencyKey, providerId, reference, amount } = request;
  const units = toStripe(amount);
  if (units === null) return { status: 'FAILED', failure: refundFailure('amount_not_supported') };
  const intent = await stripe.intent(providerId);
  if (intent.currency !== units.currency) throw nonsense('has another currency');
  if (intent.status !== 'succeeded') return { status: 'FAILED', failure: refundFailure('not_captured') };
  const asked = await stripe.ask(({ refunds }, { timeout }) =>
    refunds.create(
      { payment_intent: providerId, amount: units.amount, metadata: { reference } },
      { idempotencyKey, timeout },
    ),
  );
  if (!asked.ok) return { status: 'FAILED', failure: refundFailure(asked.refusal.code) };
  return refundNews(checkedRefund(understood(refundAnswer, asked.json), request));
}

interface Wanted {
  readonly reference: string;
  readonly amount: Money;
  readonly providerId: string | null | undefined;
}

async function find(stripe: Talk, { reference, amount, providerId }: Wanted): Promise<FoundAuthorization | null> {
  const intent = providerId
    ? await stripe.intent(providerId)
    : await findByReference(reference, stripe.intents).then((found) =>
        found === 'unknown' ? searchFor(stripe, reference) : found,
      );
  if (intent === null) return null;
  const answer = checkedIntent(intent, { reference, amount, ...(providerId ? { providerId } : {}) });
  return { news: authorizationNews(answer), captured: answer.status === 'succeeded' };
}

/** Last, for its index lags behind: what it has is asked for by its id, what it has not is believed once that is old. */
async function searchFor(stripe: Talk, reference: string): Promise<IntentAnswer | null> {
  const query = `metadata['reference']:'${reference.replace(/[^\w-]/g, '')}'`;
  const json = await stripe.given(({ paymentIntents }, { timeout }) =>
    paymentIntents.search({ query, limit: 1, expand: WITH_CHARGES }, { timeout }),
  );
  const [found] = understood(intentList, json).data;
  if (found !== undefined) return stripe.intent(found.id);
  if (!isId(reference) || Date.now() - madeAtMs(reference) < SEARCH_LAG_MS) throw undecided();
  return null;
}

async function findRefund(stripe: Talk, { reference, amount, providerId }: Wanted): Promise<RefundNews | null> {
  const found = providerId
    ? await findAmongRefundsOf(stripe, providerId, reference)
    : await findByReference(reference, (created, after) => stripe.refunds({ created }, after));
  if (found === 'unknown') throw undecided();
  if (found === null) return null;
  return refundNews(checkedRefund(found, { reference, amount, ...(providerId ? { providerId } : {}) }));
}

/** A payment has at most a hundred refunds of ours, and few of anybody else's. */
async function findAmongRefundsOf(stripe: Talk, payment_intent: string, reference: string) {
  let after: string | undefined;
  for (let pages = 0; pages < 5; pages += 1) {
    const { data, has_more } = await stripe.refunds({ payment_intent }, after);
    const found = data.find(({ metadata }) => metadata?.reference === reference);
    if (found !== undefined) return found;
    after = data.at(-1)?.id;
    if (!has_more || after === undefined) return null;
  }
  throw new Fault('Stripe has more refunds of one payment than can be', { retryable: false });
}
