/** Planted differences between our books and the provider's: each is mended, or reported and left alone. */
import { type Money, newId } from '@ebuy/kernel';
import type { Findings } from '@ebuy/runtime';
import { Tally } from '@ebuy/runtime';
import { eventually } from '@ebuy/testing';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { reconcileProvider } from '../src/commands/reconcile-provider.ts';
import type { PaymentProvider } from '../src/provider/provider.ts';
import { createSandboxProvider } from '../src/provider/sandbox.ts';
import { openStore, type Store } from '../src/store/index.ts';
import { providerReconciliation, reconcileAll } from '../src/sweeps/reconcile.ts';
import { balances, cancelled, EUR_20, openStage, paidOrder, type Stage, untilStatus } from './stage.ts';

let stage: Stage;
let store: Store;
let provider: PaymentProvider;
const since = new Date(Date.now() - 60_000);

beforeAll(async () => {
  stage = await openStage();
  store = openStore(stage.settings.databaseUrl);
  const { sandboxUrl: url, sandboxApiKey: apiKey } = stage.settings;
  provider = createSandboxProvider({ url, apiKey, webhookSecrets: [] });
}, 240_000);
afterAll(async () => {
  await provider?.close();
  await store?.$disconnect();
  await stage?.close();
});

const needs = () => ({ store, provider, makeCalls: async () => undefined, now: () => new Date(), youngMs: 0 });
const reconcile = (): Promise<Findings> => reconcileAll(needs(), since);
const reportsOf = (findings: Findings, orderId: string) =>
  findings.reported.filter(({ details }) => JSON.stringify(details).includes(orderId)).map(({ kind }) => kind);
const atProvider = (sql: string, values: unknown[]) => stage.sandbox.database.query(sql, values);
const ours = (sql: string, values: unknown[]) => stage.database.query(sql, values);

/** The attempt that counts, by which the provider knows it. */
async function referenceOf(orderId: string): Promise<string> {
  const [row] = await stage.database.query<{ attempt_id: string }>(
    'SELECT attempt_id FROM payment WHERE order_id = $1',
    [orderId],
  );
  return row?.attempt_id ?? '';
}

/** Money is held at the provider, and our own record of the answer is missing, with nobody left who asks. */
async function lostAnswer(how: { readonly cancelled: boolean }): Promise<string> {
  const [orderId, paymentId, attemptId] = [newId(), newId(), newId()];
  await ours(
    `INSERT INTO payment (id, order_id, version, status, currency, amount_minor, attempt_id, authorized_minor, captured_minor,
       refund_requested_minor, refunded_minor, refunds, cancelled_at, created_at, updated_at)
     VALUES ($1, $2, 1, $4, 'EUR', 2000, $3, 0, 0, 0, 0, 0, CASE WHEN $4 = 'VOIDED' THEN now() END, now(), now())`,
    [paymentId, orderId, attemptId, how.cancelled ? 'VOIDED' : 'PENDING'],
  );
  await ours(
    `INSERT INTO payment_attempt (id, payment_id, status, correlation_id, created_at, updated_at)
     VALUES ($1, $2, 'PENDING', 'test', date_trunc('milliseconds', now()), now())`,
    [attemptId, paymentId],
  );
  await charge(orderId, attemptId);
  return orderId;
}

async function charge(orderId: string, reference = newId(), amount: Money = EUR_20) {
  const request = { idempotencyKey: newId(), reference, orderId, amount, paymentMethod: 'pm_card_visa' };
  const { providerId } = await provider.authorize(request);
  return { providerId: providerId ?? '', reference, amount, idempotencyKey: newId() };
}

async function followUp(orderId: string) {
  const reference = await referenceOf(orderId);
  const found = await provider.findAuthorization(reference, EUR_20);
  return { reference, providerId: found?.news.providerId ?? '', amount: EUR_20, idempotencyKey: newId() };
}

const untilNothingIsHeld = (orderId: string) =>
  eventually(async () => expect((await stage.sandbox.charges(orderId)).totals).toMatchObject([{ heldMinor: 0 }]));

test('a shop in which nothing is wrong: compared, nothing mended, nothing reported', async () => {
  const captured = await paidOrder(stage);
  await paidOrder(stage, 'pm_card_visa', 'authorized');
  const orderId = await paidOrder(stage, 'pm_card_visa', 'authorized');
  await stage.say(cancelled(orderId));
  await untilStatus(stage, orderId, 'VOIDED');
  const findings = await reconcile();
  expect(findings).toMatchObject({ repaired: {}, reported: [] });
  expect(findings.compared).toBeGreaterThanOrEqual(3);
  expect(await balances(stage, captured)).toEqual({ provider_clearing: 2_000, sales: -2_000 });
});

test('an authorization whose answer was lost is settled, booked and told', async () => {
  const orderId = await lostAnswer({ cancelled: false });
  expect((await reconcile()).repaired).toEqual({ 'lost answers settled': 1 });
  expect(await stage.hear('payment.authorized', orderId)).toMatchObject({ amount: EUR_20 });
  expect(await balances(stage, orderId)).toEqual({ holds: 2_000, holds_contra: -2_000 });
  expect(await reconcile()).toMatchObject({ repaired: {} });
});

test('for an order that was cancelled meanwhile it is settled, and given back', async () => {
  const orderId = await lostAnswer({ cancelled: true });
  expect((await reconcile()).repaired).toEqual({ 'lost answers settled': 1 });
  await untilNothingIsHeld(orderId);
  await eventually(async () => expect(await balances(stage, orderId)).toEqual({}));
});

test('a hold that was left at the provider although we believe it void is voided, by a key of its own', async () => {
  const orderId = await paidOrder(stage, 'pm_card_visa', 'authorized');
  await stage.say(cancelled(orderId));
  await untilStatus(stage, orderId, 'VOIDED');
  await atProvider(`UPDATE card_authorization SET status = 'authorized' WHERE order_id = $1`, [orderId]);
  expect((await reconcile()).repaired).toEqual({ 'holds of nobody voided': 1 });
  await untilNothingIsHeld(orderId);
  expect(await balances(stage, orderId)).toEqual({});
  await stage.hear('payment.voided', orderId);
  expect(stage.heard(orderId).filter(({ type }) => type === 'payment.voided')).toHaveLength(1);
});

test('a capture that was not recorded is recorded, booked and told once', async () => {
  const orderId = await paidOrder(stage, 'pm_card_visa', 'authorized');
  await provider.capture(await followUp(orderId));
  await ours('UPDATE payment SET capture_requested_at = now() WHERE order_id = $1', [orderId]);
  expect((await reconcile()).repaired).toEqual({ 'captures recorded': 1 });
  await stage.hear('payment.captured', orderId);
  expect(await balances(stage, orderId)).toEqual({ provider_clearing: 2_000, sales: -2_000 });
  expect(await reconcile()).toMatchObject({ repaired: {} });
});

test('a void that was not recorded is recorded', async () => {
  const orderId = await paidOrder(stage, 'pm_card_visa', 'authorized');
  await provider.void(await followUp(orderId));
  await ours('UPDATE payment SET cancelled_at = now() WHERE order_id = $1', [orderId]);
  expect((await reconcile()).repaired).toEqual({ 'voids recorded': 1 });
  await stage.hear('payment.voided', orderId);
  expect(await balances(stage, orderId)).toEqual({});
});

const PLANTED: readonly [kind: string, plant: () => Promise<{ orderId: string; undo: () => Promise<unknown> }>][] = [
  [
    'amount_differs',
    async () => {
      const orderId = await paidOrder(stage, 'pm_card_visa', 'authorized');
      const set = (amount: number) =>
        atProvider('UPDATE card_authorization SET amount_minor = $2 WHERE order_id = $1', [orderId, amount]);
      await set(1_999);
      return { orderId, undo: () => set(2_000) };
    },
  ],
  [
    'order_differs',
    async () => {
      const orderId = await paidOrder(stage, 'pm_card_visa', 'authorized');
      const reference = await referenceOf(orderId);
      const set = (order: string) =>
        atProvider('UPDATE card_authorization SET order_id = $2 WHERE reference = $1', [reference, order]);
      await set(newId());
      return { orderId, undo: () => set(orderId) };
    },
  ],
  [
    'unknown_charge',
    async () => {
      const orderId = newId();
      const held = await charge(orderId);
      return { orderId, undo: () => provider.void(held) };
    },
  ],
  [
    'captured_twice',
    async () => {
      const orderId = await paidOrder(stage);
      const second = await charge(orderId);
      await provider.capture(second);
      const gone = `UPDATE card_authorization SET status = 'voided', captured_minor = 0 WHERE reference = $1`;
      return { orderId, undo: () => atProvider(gone, [second.reference]) };
    },
  ],
  [
    'captured_unwanted',
    async () => {
      const orderId = await paidOrder(stage, 'pm_card_visa', 'authorized');
      await provider.capture(await followUp(orderId));
      const held = `UPDATE card_authorization SET status = 'authorized', captured_minor = 0 WHERE order_id = $1`;
      return { orderId, undo: () => atProvider(held, [orderId]) };
    },
  ],
  [
    'hold_not_at_provider',
    async () => {
      const orderId = await paidOrder(stage, 'pm_card_visa', 'authorized');
      await provider.void(await followUp(orderId));
      const held = `UPDATE card_authorization SET status = 'authorized' WHERE order_id = $1`;
      return { orderId, undo: () => atProvider(held, [orderId]) };
    },
  ],
  [
    'capture_not_at_provider',
    async () => {
      const orderId = await paidOrder(stage);
      const set = (status: string, captured: number) =>
        atProvider('UPDATE card_authorization SET status = $2, captured_minor = $3 WHERE order_id = $1', [
          orderId,
          status,
          captured,
        ]);
      await set('authorized', 0);
      return { orderId, undo: () => set('captured', 2_000) };
    },
  ],
  [
    'unknown_refund',
    async () => {
      const orderId = await paidOrder(stage);
      const { providerId } = await followUp(orderId);
      const amount = { amountMinor: 500, currency: 'EUR' };
      await provider.refund({ idempotencyKey: newId(), reference: newId(), amount, providerId });
      const none = 'UPDATE card_authorization SET refunded_minor = 0 WHERE order_id = $1';
      return { orderId, undo: () => atProvider(none, [orderId]) };
    },
  ],
  [
    'charge_not_at_provider',
    async () => {
      const orderId = await paidOrder(stage, 'pm_card_visa', 'authorized');
      const moved = newId();
      const reference = await referenceOf(orderId);
      const set = (from: string, to: string, order: string) =>
        atProvider('UPDATE card_authorization SET reference = $2, status = $4, order_id = $3 WHERE reference = $1', [
          from,
          to,
          order,
          to === moved ? 'voided' : 'authorized',
        ]);
      await set(reference, moved, newId());
      return { orderId, undo: () => set(moved, reference, orderId) };
    },
  ],
];

test.each(PLANTED)('%s is reported and changes nothing, until it is settled', async (kind, plant) => {
  const { orderId, undo } = await plant();
  const before = await ours('SELECT version, status FROM payment WHERE order_id = $1', [orderId]);
  const findings = await reconcile();
  expect(findings.repaired).toEqual({});
  expect(reportsOf(findings, orderId)).toEqual([kind]);
  expect(await ours('SELECT version, status FROM payment WHERE order_id = $1', [orderId])).toEqual(before);
  expect(reportsOf(await reconcile(), orderId)).toEqual([kind]);
  const seen = 'SELECT rounds FROM discrepancy WHERE kind = $1 AND resolved_at IS NULL';
  expect(await ours(seen, [kind])).toEqual([{ rounds: 2 }]);
  await undo();
  expect(reportsOf(await reconcile(), orderId)).toEqual([]);
  expect(await ours(seen, [kind])).toEqual([]);
});

test('more charges than a page: a round goes on where the one before has stopped, and young ones wait', async () => {
  const strangers = await Promise.all(Array.from({ length: 130 }, () => charge(newId())));
  const all = strangers.map(({ reference }) => reference);
  const found = new Set<string>();
  let after: string | null = null;
  do {
    const tally = new Tally();
    after = await reconcileProvider(needs(), { since, after, mostPages: 1 }, tally);
    for (const { subject } of tally.findings.reported) found.add(subject);
  } while (after !== null);
  expect(all.filter((reference) => !found.has(reference))).toEqual([]);
  const young = new Tally();
  await reconcileProvider({ ...needs(), youngMs: 3_600_000 }, { since, after: null, mostPages: 10 }, young);
  expect(young.findings).toEqual({ compared: 0, repaired: {}, reported: [] });
}, 240_000);

test('one replica does a round; the next round is anybody’s', async () => {
  const often = providerReconciliation(needs(), 60_000);
  const begun = await Promise.all([often.begin(), often.begin(), often.begin()]);
  expect(begun.filter(Boolean)).toHaveLength(1);
  await ours(`UPDATE reconciliation SET begun_at = now() - interval '50 seconds'`, []);
  expect(await often.begin()).toBe(true);
  expect(await often.round()).toMatchObject({ repaired: {} });
});
