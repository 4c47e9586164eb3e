/** The whole of payments with Stripe behind it: orders' events, the work list, the ledger, and Stripe's webhooks at their own door. */
import { type EventPayload, type EventType, TOPICS } from '@ebuy/events';
import { newId } from '@ebuy/kernel';
import { type RunningService, startService } from '@ebuy/runtime';
import { eventually, openTestKafka, openTestPostgres, type TestDatabase, type TestKafka, testKey } from '@ebuy/testing';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createApp } from '../src/app.ts';
import type { StripeShopSettings } from '../src/config.ts';
import { cancelled, EUR_20, requested, shipped, takeSecondStep } from './stage.ts';
import { openStripeStage, STAGE_SECRETS, type StripeStage } from './stripe-stage/stage.ts';

let database: TestDatabase;
let kafka: TestKafka;
let stripe: StripeStage;
let service: RunningService;
let watched: Awaited<ReturnType<TestKafka['watch']>>;

beforeAll(async () => {
  [database, kafka, stripe] = await Promise.all([openTestPostgres('payments'), openTestKafka(), openStripeStage()]);
  const settings: StripeShopSettings = {
    host: '127.0.0.1',
    port: 0,
    adminPort: 0,
    logLevel: process.env.TEST_LOG_LEVEL ?? 'silent',
    environment: 'test',
    namespace: kafka.namespace,
    kafkaBrokers: kafka.settings.brokers,
    identityVerifyKeys: { router: testKey() },
    databaseUrl: database.url,
    reconcileMinutes: 60,
    paymentProvider: 'stripe',
    stripeSecretKey: STAGE_SECRETS.secretKey,
    stripeWebhookSecrets: [STAGE_SECRETS.webhookSecret],
    stripeReturnUrl: 'http://127.0.0.1/orders',
    stripeApiUrl: stripe.url,
  };
  service = await startService('payments', settings, createApp);
  stripe.tellTo(`http://127.0.0.1:${service.port}/webhooks/stripe`);
  watched = await kafka.watch(TOPICS.payment);
}, 120_000);
afterAll(async () => {
  await stripe?.close();
  await service?.stop();
  await kafka?.close();
  await database?.drop();
});

const heard = (orderId: string) =>
  watched.events.filter(({ payload }) => (payload as { orderId?: string }).orderId === orderId);
const hear = <Type extends EventType>(type: Type, orderId: string): Promise<EventPayload<Type>> =>
  eventually(
    () => {
      const event = heard(orderId).find((one) => one.type === type);
      if (event === undefined) throw new Error(`no ${type}, only ${heard(orderId).map((one) => one.type)}`);
      return event.payload as EventPayload<Type>;
    },
    { timeoutMs: 45_000 },
  );
const statusOf = async (orderId: string) => {
  const rows = await database.query<{ status: string; next_action_url: string | null }>(
    'SELECT status, next_action_url FROM payment WHERE order_id = $1',
    [orderId],
  );
  return rows[0];
};
const intentOf = (orderId: string) =>
  [...stripe.bank.intents.values()].filter(({ metadata }) => metadata.orderId === orderId);

test('paid at once, taken when it is shipped; both books agree', async () => {
  const orderId = newId();
  await kafka.publish([requested(orderId, 'pm_card_visa')]);
  const authorized = await hear('payment.authorized', orderId);
  expect(authorized).toMatchObject({ amount: EUR_20 });
  await kafka.publish([shipped(orderId)]);
  await hear('payment.captured', orderId);
  expect(intentOf(orderId)).toEqual([expect.objectContaining({ status: 'succeeded', amount_received: 2_000 })]);
  const [sum] = await database.query<{ sum: string }>(
    `SELECT sum(amount_minor) FROM ledger_entry WHERE order_id = $1 AND account = 'provider_clearing'`,
    [orderId],
  );
  expect(Number(sum?.sum)).toBe(2_000);
});

test('a second step at the bank: the page, then the webhook, then the order goes on', async () => {
  const orderId = newId();
  await kafka.publish([requested(orderId, 'pm_card_authenticationRequired')]);
  await hear('payment.actionRequired', orderId);
  const url = (await statusOf(orderId))?.next_action_url;
  expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/redirect\/pi_/);
  await takeSecondStep({ url: url ?? '' }, 'approve');
  await hear('payment.authorized', orderId);
  await kafka.publish([cancelled(orderId)]);
  await hear('payment.voided', orderId);
  expect(intentOf(orderId)).toEqual([expect.objectContaining({ status: 'canceled' })]);
});

test('a second step that the shopper declines is a decline', async () => {
  const orderId = newId();
  await kafka.publish([requested(orderId, 'pm_card_authenticationRequired')]);
  await hear('payment.actionRequired', orderId);
  await takeSecondStep({ url: (await statusOf(orderId))?.next_action_url ?? '' }, 'decline');
  expect(await hear('payment.declined', orderId)).toMatchObject({ failure: { code: 'authentication_failed' } });
});

test('a declined card, then a good one: one hold', async () => {
  const orderId = newId();
  await kafka.publish([requested(orderId, 'pm_card_chargeDeclinedInsufficientFunds')]);
  expect(await hear('payment.declined', orderId)).toMatchObject({ failure: { code: 'insufficient_funds' } });
  await kafka.publish([requested(orderId, 'pm_card_visa')]);
  await hear('payment.authorized', orderId);
  expect(
    intentOf(orderId)
      .map(({ status }) => status)
      .toSorted(),
  ).toEqual(['requires_capture', 'requires_payment_method']);
});

test.each(['done, answer lost', 'away', 'busy'] as const)(
  '%s: the work list asks again, and charges once',
  async (how) => {
    const orderId = newId();
    stripe.goWrong({ on: /^POST \/v1\/payment_intents$/, how });
    await kafka.publish([requested(orderId, 'pm_card_visa')]);
    await hear('payment.authorized', orderId);
    expect(intentOf(orderId)).toHaveLength(1);
  },
);

test('the sandbox has no door here, and what Stripe did not sign is refused', async () => {
  const post = async (path: string) => {
    const url = `http://127.0.0.1:${service.port}${path}`;
    return (await fetch(url, { method: 'POST', body: '{}', headers: { 'stripe-signature': 't=1,v1=00' } })).status;
  };
  expect(await post('/webhooks/sandbox')).toBe(404);
  expect(await post('/webhooks/stripe')).toBe(401);
});
