import { expect, test } from '@jest/globals';
import { attemptId, Model } from './model.ts';

const EUR_10 = { amountMinor: 1_000, currency: 'EUR' };
const [FIRST, SECOND] = [attemptId(1), attemptId(2)];

function captured(): Model {
  const model = new Model(EUR_10);
  model.news(FIRST, 'AUTHORIZED');
  model.ship();
  model.captured();
  return model;
}

test('a good card: authorized, captured, refunded in two parts', () => {
  const model = captured();
  model.requestRefund(1, 400);
  model.refunded(1, 'SUCCEEDED');
  expect(model.payment.status).toBe('PARTIALLY_REFUNDED');
  model.requestRefund(2, null);
  model.refunded(2, 'SUCCEEDED');
  expect(model.payment).toMatchObject({ status: 'REFUNDED', refundedMinor: 1_000 });
  expect(model.told()).toEqual(['payment.authorized', 'payment.captured', 'payment.refunded', 'payment.refunded']);
});

test('another card while the first still waits: only the newest may be authorized, the older is voided', () => {
  const model = new Model(EUR_10);
  model.requestAgain(2);
  model.news(FIRST, 'AUTHORIZED');
  expect(model.payment).toMatchObject({ status: 'PENDING', authorizedMinor: 0 });
  model.news(SECOND, 'AUTHORIZED');
  model.voided(FIRST);
  expect(model.payment).toMatchObject({ status: 'AUTHORIZED', authorizedMinor: 1_000 });
  expect(model.asked()).toEqual(['authorize 1', 'authorize 2', 'void 1']);
  expect(model.told()).toEqual(['payment.authorized']);
  expect(model.announcements[0]?.payload).toMatchObject({ attemptId: SECOND });
  expect(model.balance('holds')).toBe(1_000);
});

test('another card instead of the second step: the step is withdrawn', () => {
  const model = new Model(EUR_10);
  model.news(FIRST, 'REQUIRES_ACTION');
  expect(model.payment.nextActionUrl).not.toBeNull();
  model.requestAgain(2);
  expect(model.payment).toMatchObject({ status: 'PENDING', nextActionUrl: null });
  expect(model.asked()).toEqual(['authorize 1', 'void 1', 'authorize 2']);
});

test('another card that comes when the first has just been authorized is answered with that authorization', () => {
  const model = new Model(EUR_10);
  model.news(FIRST, 'AUTHORIZED');
  model.requestAgain(2);
  expect(model.asked()).toEqual(['authorize 1']);
  expect(model.announcements.map(({ payload }) => payload)).toMatchObject([
    { attemptId: FIRST },
    { attemptId: SECOND },
  ]);
  model.ship();
  expect(model.asked()).toEqual(['authorize 1', 'capture 1']);
});

test('cancelled before the provider has answered: a late authorization is voided and told', () => {
  const model = new Model(EUR_10);
  model.cancel();
  expect(model.payment.status).toBe('VOIDED');
  model.news(FIRST, 'AUTHORIZED');
  expect(model.asked()).toEqual(['authorize 1', 'void 1']);
  expect(model.balance('holds')).toBe(1_000);
  model.voided(FIRST);
  expect(model.told()).toEqual(['payment.voided']);
  expect(model.balance('holds')).toBe(0);
});

test('cancelled without an authorization: nothing is told', () => {
  const model = new Model(EUR_10);
  model.news(FIRST, 'REQUIRES_ACTION');
  model.cancel();
  model.voided(FIRST);
  expect(model.payment).toMatchObject({ status: 'VOIDED', nextActionUrl: null });
  expect(model.told()).toEqual(['payment.actionRequired']);
});

test('cancelled once authorized: it stays so until the provider has let go', () => {
  const model = new Model(EUR_10);
  model.news(FIRST, 'AUTHORIZED');
  model.cancel();
  expect(model.payment.status).toBe('AUTHORIZED');
  expect(model.ship()).toBe(true);
  expect(model.announcements.at(-1)).toMatchObject({ type: 'payment.captureFailed', payload: { willRetry: false } });
  model.voided(FIRST);
  expect(model.payment).toMatchObject({ status: 'VOIDED', authorizedMinor: 0 });
  expect(model.asked()).toEqual(['authorize 1', 'void 1']);
});

test('an attempt given up as declined that is held nevertheless is voided', () => {
  const model = new Model(EUR_10);
  model.news(FIRST, 'DECLINED');
  model.news(FIRST, 'AUTHORIZED');
  expect(model.payment.status).toBe('DECLINED');
  expect(model.asked()).toEqual(['authorize 1', 'void 1']);
  expect(model.told()).toEqual(['payment.declined']);
});

test('a capture that fails is told at first and at last', () => {
  const model = new Model(EUR_10);
  model.news(FIRST, 'AUTHORIZED');
  model.ship();
  expect(model.ship()).toBe(false);
  expect([true, true, true].map((willRetry) => model.captureFailed(willRetry))).toEqual([true, false, false]);
  expect(model.payment).toMatchObject({ status: 'AUTHORIZED', failure: { code: 'capture_failed' } });
  model.captured();
  expect(model.payment).toMatchObject({ status: 'CAPTURED', failure: null });
});

test('shipped without an authorization: nothing is asked, orders is told', () => {
  const model = new Model(EUR_10);
  model.news(FIRST, 'DECLINED');
  model.ship();
  expect(model.asked()).toEqual(['authorize 1']);
  expect(model.announcements.at(-1)).toMatchObject({ type: 'payment.captureFailed', payload: { willRetry: false } });
});

test('a card number, or anything that is no payment method, is declined without asking anybody, and kept nowhere', () => {
  for (const paymentMethod of ['4242424242424242', 'pm_4242-4242-4242-4242', 'pm card', '', '\u0000', 'é']) {
    const model = new Model(EUR_10, paymentMethod);
    expect(model.payment).toMatchObject({ status: 'DECLINED', failure: { code: 'invalid_payment_method' } });
    expect(model.calls).toEqual([]);
    expect(model.told()).toEqual(['payment.declined']);
    if (paymentMethod !== '') expect(JSON.stringify([...model.attempts.values()])).not.toContain(paymentMethod);
  }
});

test.each([
  ['more than is left', { amountMinor: 1_001, currency: 'EUR' }, 'REFUND_TOO_LARGE'],
  ['nothing', { amountMinor: 0, currency: 'EUR' }, 'INVALID_AMOUNT'],
  ['less than nothing', { amountMinor: -1, currency: 'EUR' }, 'INVALID_AMOUNT'],
])('a refund of %s is refused', (_what, amount, code) => {
  const model = captured();
  expect(() => model.requestRefund(1, amount.amountMinor)).toThrow(expect.objectContaining({ code }));
  expect(model.refunds.size).toBe(0);
});

test('pending refunds are set aside, and free again once the provider refuses', () => {
  const model = captured();
  model.requestRefund(1, 700);
  expect(() => model.requestRefund(2, 301)).toThrow(expect.objectContaining({ code: 'REFUND_TOO_LARGE' }));
  model.requestRefund(3, null);
  expect(() => model.requestRefund(4, null)).toThrow(expect.objectContaining({ code: 'NOTHING_LEFT_TO_REFUND' }));
  model.refunded(1, 'FAILED');
  expect(model.payment).toMatchObject({ status: 'CAPTURED', refundRequestedMinor: 300 });
  model.requestRefund(4, null);
  expect(model.payment.refundRequestedMinor).toBe(1_000);
});

test('a payment has a hundred refunds', () => {
  const model = captured();
  for (let number = 1; number <= 100; number += 1) model.requestRefund(number, 1);
  expect(() => model.requestRefund(101, 1)).toThrow(expect.objectContaining({ code: 'TOO_MANY_REFUNDS' }));
});
