import { newId } from '@ebuy/kernel';
import { eventually } from '@ebuy/testing';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import {
  balances,
  callsOf,
  cancelled,
  EUR_20,
  openStage,
  paidOrder,
  requested,
  type Stage,
  shipped,
  showPayment,
  takeSecondStep,
  untilStatus,
} from './stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
}, 120_000);
afterAll(() => stage?.close());

test('a cancelled order: what was held is let go, and told', async () => {
  const orderId = await paidOrder(stage, 'pm_card_visa', 'authorized');
  const cancellation = cancelled(orderId);
  await stage.say(cancellation, cancellation);
  expect(await stage.hear('payment.voided', orderId)).toMatchObject({ orderId, amount: EUR_20 });
  expect(await showPayment(stage, orderId)).toMatchObject({ status: 'VOIDED', authorizedAmount: { amountMinor: 0 } });
  expect(await balances(stage, orderId)).toEqual({});
  expect(await stage.sandbox.charges(orderId)).toMatchObject({ totals: [{ authorizations: 1, heldMinor: 0 }] });
  expect(stage.heard(orderId).map(({ type }) => type)).toEqual(['payment.authorized', 'payment.voided']);
  expect(stage.heard(orderId)[1]).toMatchObject({ causationId: cancellation.id });
});

test('cancelled while the provider still thinks: the authorization is voided as it arrives', async () => {
  const orderId = newId();
  await stage.say(requested(orderId, 'pm_sandbox_slow'), cancelled(orderId));
  await untilStatus(stage, orderId, 'VOIDED');
  await stage.hear('payment.voided', orderId);
  expect(await balances(stage, orderId)).toEqual({});
  expect(await stage.sandbox.charges(orderId)).toMatchObject({ totals: [{ authorizations: 1, heldMinor: 0 }] });
  expect(stage.heard(orderId).map(({ type }) => type)).toEqual(['payment.voided']);
});

test('cancelled while its news is on the way: nothing stays held', async () => {
  const orderId = newId();
  await stage.say(requested(orderId, 'pm_sandbox_webhookLate'), cancelled(orderId));
  await eventually(async () => expect(await callsOf(stage, orderId)).toEqual(['authorize DONE', 'void DONE']));
  expect(await showPayment(stage, orderId)).toMatchObject({ status: 'VOIDED' });
  expect(await balances(stage, orderId)).toEqual({});
  expect(await stage.sandbox.charges(orderId)).toMatchObject({ totals: [{ heldMinor: 0 }] });
});

test('cancelled before the second step: it can no longer be taken', async () => {
  const orderId = newId();
  await stage.say(requested(orderId, 'pm_card_authenticationRequired'));
  const { nextAction } = await untilStatus(stage, orderId, 'REQUIRES_ACTION');
  await stage.say(cancelled(orderId));
  await eventually(async () => expect(await callsOf(stage, orderId)).toEqual(['authorize DONE', 'void DONE']));
  expect(await takeSecondStep(nextAction, 'approve')).toContain('Payment no longer needed');
  expect(await untilStatus(stage, orderId, 'VOIDED')).toMatchObject({ nextAction: null });
  await stage.hear('payment.actionRequired', orderId);
  expect(stage.heard(orderId).map(({ type }) => type)).toEqual(['payment.actionRequired']);
});

test('void and authorize racing: whatever the order, nothing stays held', async () => {
  const orders = Array.from({ length: 20 }, () => newId());
  await stage.say(...orders.flatMap((orderId) => [requested(orderId, 'pm_card_visa'), cancelled(orderId)]));
  await Promise.all(orders.map((orderId) => untilStatus(stage, orderId, 'VOIDED')));
  await eventually(async () => {
    for (const orderId of orders) {
      expect(await callsOf(stage, orderId)).toEqual(['authorize DONE', 'void DONE']);
      expect(await balances(stage, orderId)).toEqual({});
    }
  });
  for (const orderId of orders) {
    await stage.hear('payment.voided', orderId);
    expect(stage.heard(orderId).filter(({ type }) => type === 'payment.voided')).toHaveLength(1);
    expect((await stage.sandbox.charges(orderId)).totals).toMatchObject([{ heldMinor: 0 }]);
  }
});

test('a request that comes after the cancellation, from the dead letters, charges nobody', async () => {
  const orderId = newId();
  const afterwards = newId();
  await stage.say(cancelled(orderId), requested(orderId, 'pm_card_visa'), requested(afterwards, 'pm_card_visa'));
  await stage.hear('payment.authorized', afterwards);
  await eventually(async () => {
    const seen = await stage.database.query('SELECT FROM cancelled_order WHERE order_id = $1', [orderId]);
    expect(seen).toHaveLength(1);
  });
  expect(await showPayment(stage, orderId)).toBeNull();
  expect((await stage.sandbox.charges(orderId)).totals).toEqual([]);
});

test('a shipped order: what was held is taken, once', async () => {
  const orderId = await paidOrder(stage, 'pm_card_visa', 'authorized');
  await stage.say(shipped(orderId), shipped(orderId));
  expect(await stage.hear('payment.captured', orderId)).toMatchObject({ orderId, amount: EUR_20 });
  await stage.say(shipped(orderId), cancelled(orderId));
  const afterwards = await paidOrder(stage);
  expect(await showPayment(stage, orderId)).toMatchObject({
    status: 'CAPTURED',
    capturedAmount: { amountMinor: 2_000 },
    authorizedAmount: { amountMinor: 2_000 },
  });
  expect(await balances(stage, orderId)).toEqual({ provider_clearing: 2_000, sales: -2_000 });
  expect(await stage.sandbox.charges(orderId)).toMatchObject({ totals: [{ heldMinor: 0, capturedMinor: 2_000 }] });
  expect(stage.heard(orderId).map(({ type }) => type)).toEqual(['payment.authorized', 'payment.captured']);
  expect(await callsOf(stage, afterwards)).toEqual(['authorize DONE', 'capture DONE']);
});

test('a capture that fails is told, tried again, and succeeds', async () => {
  const orderId = await paidOrder(stage, 'pm_sandbox_captureFails', 'authorized');
  await stage.say(shipped(orderId));
  const failed = await stage.hear('payment.captureFailed', orderId);
  expect(failed).toMatchObject({ willRetry: true, failure: { code: 'capture_failed' } });
  await stage.hear('payment.captured', orderId);
  expect(await showPayment(stage, orderId)).toMatchObject({ status: 'CAPTURED', failure: null });
  expect(stage.heard(orderId).map(({ type }) => type)).toEqual([
    'payment.authorized',
    'payment.captureFailed',
    'payment.captured',
  ]);
  expect(await stage.sandbox.charges(orderId)).toMatchObject({ totals: [{ capturedMinor: 2_000 }] });
});

test('shipped although nothing is held: told, and nothing is taken', async () => {
  const orderId = newId();
  await stage.say(requested(orderId, 'pm_card_chargeDeclined'));
  await stage.hear('payment.declined', orderId);
  await stage.say(shipped(orderId));
  expect(await stage.hear('payment.captureFailed', orderId)).toMatchObject({ willRetry: false });
  expect(await stage.sandbox.charges(orderId)).toMatchObject({ totals: [{ capturedMinor: 0 }] });
});

test('two replicas on the same work: everything happens once', async () => {
  await stage.startReplica();
  const orders = Array.from({ length: 30 }, () => newId());
  await stage.say(...orders.flatMap((orderId) => [requested(orderId, 'pm_sandbox_webhookTwice')]));
  await Promise.all(orders.map((orderId) => stage.hear('payment.authorized', orderId, 90_000)));
  await stage.say(...orders.map(shipped));
  await Promise.all(orders.map((orderId) => stage.hear('payment.captured', orderId, 90_000)));
  for (const orderId of orders) {
    expect(stage.heard(orderId).map(({ type }) => type)).toEqual(['payment.authorized', 'payment.captured']);
    expect(await balances(stage, orderId)).toEqual({ provider_clearing: 2_000, sales: -2_000 });
  }
  expect((await stage.sandbox.charges()).paidTwice).toBe(0);
}, 240_000);
