import { looksLikeCardNumber } from '@ebuy/kernel';
import { expect, test } from '@jest/globals';
import * as sandbox from '../sandbox/payment-methods.ts';
import { isPaymentMethod } from '../src/domain/payment-method.ts';

const CARDS = [
  '4242424242424242',
  '4242 4242 4242 4242',
  '4242-4242-4242-4242',
  '3782 822463 10005',
  'pm_4242424242424242',
  '4242.4242_4242/4242',
  '４２４２４２４２４２４２４２４２',
  '4242 4242 4242 4242',
  '6759649826438453123',
  '424242424242',
];
const METHODS = ['pm_card_visa', 'pm_1MqLiJLkdIwHu7ixUEgbFdYF', 'pm_sandbox_slow', 'tok_12345678901'];

test.each(CARDS)('%s may be a card number', (text) => {
  expect(looksLikeCardNumber(text)).toBe(true);
  expect(sandbox.looksLikeCardNumber(text)).toBe(true);
  expect(isPaymentMethod(text)).toBe(false);
});

test.each(METHODS)('%s may be a payment method', (text) => {
  expect(isPaymentMethod(text)).toBe(true);
  expect(sandbox.looksLikeCardNumber(text)).toBe(false);
});

test('every method of the sandbox may be sent to it', () => {
  expect(sandbox.behaviourOf('pm_card_visa').outcome).toBe('authorized');
  expect(sandbox.behaviourOf('constructor')).toMatchObject({ failure: { code: 'invalid_payment_method' } });
  expect(sandbox.behaviourOf('__proto__')).toMatchObject({ failure: { code: 'invalid_payment_method' } });
});
