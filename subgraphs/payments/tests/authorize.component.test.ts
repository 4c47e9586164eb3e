import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { newId } from '@ebuy/kernel';
import { balances, cancelled, EUR_20, openStage, requested, type Stage, showPayment, untilStatus } from './stage.ts';

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
  const [event] = stage.heard(orderId);
  expect(event).toMatchObject({ correlationId: 'test', causationId: request.id });
});
