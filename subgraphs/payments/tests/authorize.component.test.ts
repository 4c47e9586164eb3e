import { CONSUMER_GROUPS, listDeadLetters } from '@ebuy/events';
import { newId } from '@ebuy/kernel';
import { eventually } from '@ebuy/testing';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import {
  balances,
  callsOf,
  EUR_20,
  openStage,
  paidOrder,
  requested,
  type Stage,
  showPayment,
  takeSecondStep,
  untilStatus,
} from './stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
}, 120_000);
afterAll(() => stage?.close());

test('a good card is authorized, held in the ledger and told to orders with the end of the hold', async () => {
  const orderId = newId();
  expect(await showPayment(stage, orderId)).toBeNull();
  const request = requested(orderId, 'pm_card_visa');
  await stage.say(request);
  const authorized = await stage.hear('payment.authorized', orderId);
  expect(authorized).toMatchObject({ orderId, attemptId: request.payload.attemptId, amount: EUR_20 });
  const days = (Date.parse(authorized.expiresAt) - Date.now()) / 86_400_000;
  expect(days).toBeGreaterThan(6.9);
  expect(days).toBeLessThanOrEqual(7);
  expect(await showPayment(stage, orderId)).toMatchObject({
    id: authorized.paymentId,
    status: 'AUTHORIZED',
    authorizedAmount: EUR_20,
    capturedAmount: { amountMinor: 0 },
    failure: null,
    nextAction: null,
  });
  expect(await balances(stage, orderId)).toEqual({ holds: 2_000, holds_contra: -2_000 });
  expect(stage.heard(orderId)[0]).toMatchObject({ correlationId: 'test', causationId: request.id });
});

test.each([
  ['pm_card_chargeDeclined', 'card_declined'],
  ['pm_card_chargeDeclinedInsufficientFunds', 'insufficient_funds'],
  ['pm_of_nobody', 'invalid_payment_method'],
  ['4242 4242 4242 4242', 'invalid_payment_method'],
  ['pm_\u0000_null', 'invalid_payment_method'],
])('%s is declined as %s; another card is authorized', async (paymentMethod, code) => {
  const orderId = newId();
  await stage.say(requested(orderId, paymentMethod));
  const declined = await stage.hear('payment.declined', orderId);
  expect(declined.failure).toEqual({ code, message: expect.any(String) });
  expect(await showPayment(stage, orderId)).toMatchObject({
    status: 'DECLINED',
    authorizedAmount: { amountMinor: 0 },
    failure: declined.failure,
  });
  const again = requested(orderId, 'pm_card_visa');
  await stage.say(again);
  expect(await stage.hear('payment.authorized', orderId)).toMatchObject({ attemptId: again.payload.attemptId });
  expect(await showPayment(stage, orderId)).toMatchObject({ status: 'AUTHORIZED', failure: null });
});

test('no payment method outlives the call that needed it, and no card number is written at all', async () => {
  await eventually(async () => {
    const kept = await stage.database.query(
      `SELECT FROM provider_call WHERE state = 'DONE' AND payment_method IS NOT NULL`,
    );
    expect(kept).toEqual([]);
  });
  for (const table of ['payment', 'payment_attempt', 'provider_call', 'outbox', 'inbox', 'idempotency_key']) {
    // Twice: once, any id may say it by chance.
    const found = await stage.database.query(`SELECT FROM ${table} t WHERE t::text ~ '4242 ?4242'`);
    expect([table, found.length]).toEqual([table, 0]);
  }
});

test('a second step is asked for, taken, and confirms; or refused, and declines', async () => {
  const [taken, refused] = [newId(), newId()];
  await stage.say(
    requested(taken, 'pm_card_authenticationRequired'),
    requested(refused, 'pm_card_authenticationRequired'),
  );
  await stage.hear('payment.actionRequired', taken);
  const { nextAction } = await untilStatus(stage, taken, 'REQUIRES_ACTION');
  expect(nextAction?.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/actions\/[\w-]{43}$/);
  expect(await takeSecondStep(nextAction, 'approve')).toContain('Payment confirmed');
  await stage.hear('payment.authorized', taken);
  expect(await showPayment(stage, taken)).toMatchObject({ status: 'AUTHORIZED', nextAction: null });
  const other = await untilStatus(stage, refused, 'REQUIRES_ACTION');
  expect(await takeSecondStep(other.nextAction, 'decline')).toContain('Payment declined');
  expect((await stage.hear('payment.declined', refused)).failure.code).toBe('authentication_failed');
  // What was decided stays decided.
  expect(await takeSecondStep(other.nextAction, 'approve')).toContain('Payment declined');
});

test('another card instead of the second step: the step is withdrawn at the bank', async () => {
  const orderId = newId();
  await stage.say(requested(orderId, 'pm_card_authenticationRequired'));
  const { nextAction } = await untilStatus(stage, orderId, 'REQUIRES_ACTION');
  await stage.say(requested(orderId, 'pm_card_visa'));
  await stage.hear('payment.authorized', orderId);
  await eventually(async () =>
    expect(await takeSecondStep(nextAction, 'approve')).toContain('Payment no longer needed'),
  );
  expect(await balances(stage, orderId)).toEqual({ holds: 2_000, holds_contra: -2_000 });
  expect(await stage.sandbox.charges(orderId)).toMatchObject({ totals: [{ heldMinor: 2_000 }], paidTwice: 0 });
});

test('another card while the first still runs: the first is voided when it arrives', async () => {
  const orderId = newId();
  const second = requested(orderId, 'pm_card_visa');
  await stage.say(requested(orderId, 'pm_sandbox_slow'), second);
  expect(await stage.hear('payment.authorized', orderId)).toMatchObject({ attemptId: second.payload.attemptId });
  await eventually(async () => {
    expect(await stage.sandbox.charges(orderId)).toMatchObject({
      totals: [{ authorizations: 2, heldMinor: 2_000 }],
      paidTwice: 0,
    });
    expect(await callsOf(stage, orderId)).toEqual(['authorize DONE', 'authorize DONE', 'void DONE']);
  });
  expect(stage.heard(orderId).map(({ type }) => type)).toEqual(['payment.authorized']);
  expect(await balances(stage, orderId)).toEqual({ holds: 2_000, holds_contra: -2_000 });
});

test.each([
  ['its answer is lost after it charged', 'pm_sandbox_answerLost'],
  ['it is down for two tries', 'pm_sandbox_unavailable'],
  ['its webhooks come twice, and race the answer', 'pm_sandbox_webhookTwice'],
  ['its news comes late, by webhook, and out of order', 'pm_sandbox_webhookLate'],
])('%s: authorized once, charged once', async (_what, paymentMethod) => {
  const orderId = newId();
  await stage.say(requested(orderId, paymentMethod));
  await stage.hear('payment.authorized', orderId);
  await eventually(async () => expect(await callsOf(stage, orderId)).toEqual(['authorize DONE']));
  expect(await stage.sandbox.charges(orderId)).toMatchObject({ totals: [{ authorizations: 1, heldMinor: 2_000 }] });
  expect(stage.heard(orderId).filter(({ type }) => type === 'payment.authorized')).toHaveLength(1);
  expect(await balances(stage, orderId)).toEqual({ holds: 2_000, holds_contra: -2_000 });
});

test('a slow provider holds up nobody else', async () => {
  const slow = Array.from({ length: 12 }, () => newId());
  const quick = newId();
  await stage.say(...slow.map((orderId) => requested(orderId, 'pm_sandbox_slow')), requested(quick, 'pm_card_visa'));
  await Promise.all([...slow, quick].map((orderId) => stage.hear('payment.authorized', orderId)));
  const settled = await stage.sandbox.database.query<{ order_id: string }>(
    'SELECT order_id FROM card_authorization WHERE order_id = ANY($1) ORDER BY created_at',
    [[...slow, quick]],
  );
  expect(settled[0]?.order_id).toBe(quick);
  // Side by side: begun before the first of them was done, which takes three seconds.
  const [together] = await stage.sandbox.database.query<{ begun: number }>(
    `SELECT count(*)::int AS begun FROM trial
      WHERE created_at BETWEEN (SELECT min(created_at) - interval '3.5 seconds' FROM card_authorization WHERE order_id = ANY($1))
                           AND (SELECT min(created_at) FROM card_authorization WHERE order_id = ANY($1))`,
    [slow],
  );
  expect(together?.begun).toBeGreaterThan(6);
});

test('the same event again changes nothing', async () => {
  const orderId = newId();
  const request = requested(orderId, 'pm_card_visa');
  await stage.say(request, request, request);
  await stage.hear('payment.authorized', orderId);
  const afterwards = requested(newId(), 'pm_card_visa');
  await stage.say(request, afterwards);
  await stage.hear('payment.authorized', afterwards.payload.orderId);
  expect(stage.heard(orderId)).toHaveLength(1);
  expect(await stage.sandbox.charges(orderId)).toMatchObject({ totals: [{ authorizations: 1 }] });
});

test.each([
  ['JPY', 1_200],
  ['KWD', 1_999],
  ['EUR', Number.MAX_SAFE_INTEGER],
  ['USD', 0],
])('%s %d goes through exactly', async (currency, amountMinor) => {
  const orderId = newId();
  await stage.say(requested(orderId, 'pm_card_visa', { amount: { amountMinor, currency } }));
  expect(await stage.hear('payment.authorized', orderId)).toMatchObject({ amount: { amountMinor, currency } });
  expect(await showPayment(stage, orderId)).toMatchObject({ authorizedAmount: { amountMinor, currency } });
  expect(await stage.sandbox.charges(orderId)).toMatchObject({ totals: [{ currency, heldMinor: amountMinor }] });
  expect(await balances(stage, orderId)).toEqual(
    amountMinor === 0 ? {} : { holds: amountMinor, holds_contra: -amountMinor },
  );
});

test('a request that cannot be right goes to the dead letters, and the others go on', async () => {
  const orderId = await paidOrder(stage, 'pm_card_visa', 'authorized');
  const [attempt] = await stage.database.query<{ id: string }>(
    'SELECT attempt_id AS id FROM payment WHERE order_id = $1',
    [orderId],
  );
  const poison = [
    requested(newId(), 'pm_card_visa', { amount: { amountMinor: -1, currency: 'EUR' } }),
    requested(orderId, 'pm_card_visa', { amount: { amountMinor: 1, currency: 'EUR' } }),
    requested(newId(), 'pm_card_visa', { attemptId: attempt?.id ?? '' }),
  ];
  const afterwards = newId();
  await stage.say(...poison, requested(afterwards, 'pm_card_visa'));
  await stage.hear('payment.authorized', afterwards);
  const letters = await eventually(
    async () => {
      const found = await listDeadLetters(stage.kafka.settings, CONSUMER_GROUPS.settlePayments);
      expect(found).toHaveLength(poison.length);
      return found;
    },
    { timeoutMs: 90_000, everyMs: 500 },
  );
  expect(new Set(letters.map(({ code }) => code))).toEqual(new Set(['REACTION_FAILED']));
  expect(await showPayment(stage, orderId)).toMatchObject({ status: 'AUTHORIZED', authorizedAmount: EUR_20 });
  expect((await stage.sandbox.charges()).paidTwice).toBe(0);
}, 240_000);
