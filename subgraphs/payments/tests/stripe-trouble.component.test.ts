/** What Stripe keeps to itself, says twice, or says badly: nothing is concluded from it, and nothing happens twice. */
import { newId } from '@ebuy/kernel';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import type { PaymentProvider } from '../src/provider/provider.ts';
import { createStripeProvider } from '../src/provider/stripe.ts';
import { openStripeStage, STAGE_SECRETS, type StripeStage } from './stripe-stage/stage.ts';

const EUR_20 = { amountMinor: 2_000, currency: 'EUR' };
/** With a deadline that a busy machine keeps. */
const connect = (apiUrl: string) =>
  createStripeProvider({
    secretKey: STAGE_SECRETS.secretKey,
    webhookSecrets: [STAGE_SECRETS.webhookSecret],
    returnUrl: 'http://127.0.0.1/orders?tab=open',
    apiUrl,
    deadlineMs: 40_000,
  });
const request = (paymentMethod = 'pm_card_visa', amount = EUR_20) => ({
  idempotencyKey: newId(),
  reference: newId(),
  orderId: newId(),
  amount,
  paymentMethod,
});
const CREATE = /^POST \/v1\/payment_intents$/;
const CAPTURE = /capture$/;
const CANCEL = /cancel$/;
const REFUND = /^POST \/v1\/refunds$/;

let stage: StripeStage;
let provider: PaymentProvider;
beforeAll(async () => {
  stage = await openStripeStage();
  provider = connect(stage.url);
});
afterEach(() => {
  stage.searchLags = false;
});
afterAll(async () => {
  await provider?.close();
  await stage?.close();
});

async function held(paymentMethod?: string) {
  const asked = request(paymentMethod);
  const news = await provider.authorize(asked);
  const providerId = news.providerId ?? '';
  return { asked, providerId, followUp: { ...asked, idempotencyKey: newId(), providerId } };
}
const intentsOf = (reference: string) =>
  [...stage.bank.intents.values()].filter(({ metadata }) => metadata.reference === reference);
const since = (index: number) => stage.requests.slice(index).map(({ line, status }) => `${line} ${status}`);

test('every request says our version and key; the way back knows its order', async () => {
  const before = stage.requests.length;
  const { asked, providerId } = await held('pm_card_authenticationRequired');
  expect(stage.requests.slice(before)).toEqual([
    { line: 'POST /v1/payment_intents', key: asked.idempotencyKey, status: 200 },
  ]);
  const page = stage.bank.intent(providerId).next_action?.redirect_to_url;
  expect(page?.return_url).toBe(`http://127.0.0.1/orders?tab=open&order=${asked.orderId}`);
  expect(stage.bank.intent(providerId).metadata).toEqual({ reference: asked.reference, orderId: asked.orderId });
});

test.each(['away', 'busy', 'conflict'] as const)('%s: put off, not retried by itself, done once later', async (how) => {
  const asked = request();
  stage.goWrong({ on: CREATE, how });
  const before = stage.requests.length;
  await expect(provider.authorize(asked)).rejects.toMatchObject({ name: 'Fault', retryable: true });
  expect(since(before)).toHaveLength(1);
  expect(await provider.authorize(asked)).toMatchObject({ status: 'AUTHORIZED' });
  expect(intentsOf(asked.reference)).toHaveLength(1);
});

test('an answer that is lost: the same key has it again, and our reference finds it, even before search does', async () => {
  const asked = request();
  stage.goWrong({ on: CREATE, how: 'done, answer lost' });
  await expect(provider.authorize(asked)).rejects.toMatchObject({ name: 'Fault', retryable: true });
  stage.searchLags = true;
  const found = await provider.findAuthorization(asked.reference, EUR_20);
  expect(found?.news).toMatchObject({ status: 'AUTHORIZED' });
  expect(await provider.authorize(asked)).toEqual(found?.news);
  expect(intentsOf(asked.reference)).toHaveLength(1);
});

test('what the lists cannot be asked for is searched for, and search that lags proves nothing', async () => {
  const asked = { ...request(), reference: 'a7b0c7de-8f0e-4c59-9c1b-2d4f0c1a9e11' };
  const news = await provider.authorize(asked);
  expect(await provider.findAuthorization(asked.reference, EUR_20)).toEqual({ news, captured: false });
  stage.searchLags = true;
  await expect(provider.findAuthorization(asked.reference, EUR_20)).rejects.toMatchObject({ retryable: true });
});

test('an error that Stripe keeps with the key hides a charge: our reference finds it', async () => {
  const asked = request();
  stage.goWrong({ on: CREATE, how: 'done, stored error' });
  for (let times = 0; times < 2; times += 1)
    await expect(provider.authorize(asked)).rejects.toMatchObject({ name: 'Fault', retryable: true });
  expect((await provider.findAuthorization(asked.reference, EUR_20))?.news.status).toBe('AUTHORIZED');
  expect(intentsOf(asked.reference)).toHaveLength(1);
});

test.each(['stored error', 'done, stored error'] as const)('a capture with a %s is taken once', async (how) => {
  const { followUp, providerId } = await held();
  stage.goWrong({ on: CAPTURE, how });
  await expect(provider.capture(followUp)).rejects.toMatchObject({ name: 'Fault', retryable: true });
  expect(await provider.capture(followUp)).toEqual({ status: 'CAPTURED' });
  expect(stage.bank.intent(providerId)).toMatchObject({ status: 'succeeded', amount_received: 2_000 });
});

test.each(['stored error', 'done, stored error'] as const)('a void with a %s lets go', async (how) => {
  const { followUp, providerId } = await held();
  stage.goWrong({ on: CANCEL, how });
  await expect(provider.void(followUp)).rejects.toMatchObject({ name: 'Fault', retryable: true });
  expect(await provider.void(followUp)).toEqual({ status: 'VOIDED' });
  expect(stage.bank.intent(providerId).status).toBe('canceled');
});

test('a bank that refuses a capture for now is asked again, though Stripe keeps its no', async () => {
  const { followUp } = await held();
  stage.goWrong({ on: CAPTURE, how: 'card' });
  expect(await provider.capture(followUp)).toMatchObject({
    status: 'FAILED',
    final: false,
    failure: { code: 'try_again_later' },
  });
  expect(await provider.capture(followUp)).toEqual({ status: 'CAPTURED' });
});

test('a capture whose answer is lost is done, and says so', async () => {
  const { followUp, providerId } = await held();
  stage.goWrong({ on: CAPTURE, how: 'done, answer lost' });
  await expect(provider.capture(followUp)).rejects.toMatchObject({ name: 'Fault', retryable: true });
  expect(await provider.capture(followUp)).toEqual({ status: 'CAPTURED' });
  expect(stage.bank.intent(providerId).amount_received).toBe(2_000);
});

test('a hold that Stripe has let go of is never captured', async () => {
  const { followUp, providerId } = await held();
  stage.bank.cancel(providerId, 'automatic');
  expect(await provider.capture(followUp)).toMatchObject({
    status: 'FAILED',
    final: true,
    failure: { code: 'is_canceled' },
  });
  expect(await provider.void({ ...followUp, idempotencyKey: newId() })).toEqual({ status: 'VOIDED' });
});

test.each(['stored error', 'done, stored error', 'done, answer lost'] as const)(
  'a refund with a %s is never told as failed',
  async (how) => {
    const { followUp, providerId } = await held();
    await provider.capture(followUp);
    const asked = { idempotencyKey: newId(), providerId, reference: newId(), amount: EUR_20 };
    stage.goWrong({ on: REFUND, how });
    await expect(provider.refund(asked)).rejects.toMatchObject({ name: 'Fault', retryable: true });
    const found = await provider.findRefund(asked.reference, EUR_20, providerId);
    expect(found).toEqual(how === 'stored error' ? null : { status: 'SUCCEEDED' });
    expect(stage.bank.intent(providerId).latest_charge?.amount_refunded).toBe(how === 'stored error' ? 0 : 2_000);
  },
);

test('before a capture nothing is refunded: Stripe would let go of the hold', async () => {
  const { providerId } = await held();
  const before = stage.requests.length;
  const asked = { idempotencyKey: newId(), providerId, reference: newId(), amount: EUR_20 };
  expect(await provider.refund(asked)).toMatchObject({ status: 'FAILED', failure: { code: 'not_captured' } });
  expect(since(before).filter((line) => line.startsWith('POST'))).toEqual([]);
});

test('a refund that is pending says so until it is not', async () => {
  const { followUp, providerId } = await held('pm_card_pendingRefund');
  await provider.capture(followUp);
  const asked = { idempotencyKey: newId(), providerId, reference: newId(), amount: EUR_20 };
  expect(await provider.refund(asked)).toEqual({ status: 'PENDING' });
  const id = [...stage.bank.refunds.values()].find(({ metadata }) => metadata.reference === asked.reference)?.id;
  stage.bank.settleRefund(id ?? '', 'failed');
  expect(await provider.findRefund(asked.reference, EUR_20)).toMatchObject({
    status: 'FAILED',
    failure: { code: 'expired_or_canceled_card' },
  });
});

test.each([
  ['a lost card', 'pm_card_chargeDeclinedLostCard', 'card_declined'],
  ['fraud', 'pm_card_chargeDeclinedFraudulent', 'card_declined'],
  ['an expired card', 'pm_card_chargeDeclinedExpiredCard', 'expired_card'],
  ['a method that Stripe does not know', 'pm_1MqLiJLkdIwHu7ixUEgbFdYF', 'invalid_payment_method'],
  ['a method of the sandbox', 'pm_sandbox_slow', 'invalid_payment_method'],
  ['what is no method', 'tok_visa', 'invalid_payment_method'],
])('%s is declined in words for shoppers', async (_what, paymentMethod, code) => {
  const news = await provider.authorize(request(paymentMethod));
  expect(news).toMatchObject({ status: 'DECLINED', failure: { code } });
  expect(JSON.stringify(news)).not.toMatch(/lost|fraud|Stripe|secret/i);
});

test.each([
  ['a currency that Stripe does not take', { amountMinor: 100, currency: 'IRR' }, 'currency_not_supported'],
  ['too much', { amountMinor: 100_000_000, currency: 'EUR' }, 'amount_not_supported'],
])('%s is declined', async (_what, amount, code) => {
  expect(await provider.authorize(request('pm_card_visa', amount))).toMatchObject({
    status: 'DECLINED',
    failure: { code },
  });
});

test('a key that Stripe refuses is told to nobody', async () => {
  const wrong = createStripeProvider({
    secretKey: 'sk_test_wrongwrongwrong',
    webhookSecrets: [],
    returnUrl: 'http://127.0.0.1/',
    apiUrl: stage.url,
  });
  const failure: unknown = await wrong.authorize(request()).catch((error: unknown) => error);
  await wrong.close();
  expect(failure).toMatchObject({ name: 'Fault', retryable: true, message: expect.stringContaining('401') });
  expect(JSON.stringify([failure, (failure as Error).message, (failure as Error).cause])).not.toContain('wrongwrong');
});
