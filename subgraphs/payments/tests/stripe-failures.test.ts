import { expect, test } from '@jest/globals';
import { declined, refusedAs, unusable } from '../src/provider/stripe-failures.ts';

test.each([
  ['generic_decline', 'card_declined', 'card_declined'],
  ['insufficient_funds', 'card_declined', 'insufficient_funds'],
  [null, 'expired_card', 'expired_card'],
  [null, 'payment_intent_authentication_failure', 'authentication_failed'],
  ['issuer_not_available', 'card_declined', 'try_again_later'],
  ['__proto__', 'constructor', 'card_declined'],
  [null, null, 'card_declined'],
])('%s (%s) is told as %s, in words of ours', (declineCode, code, told) => {
  expect(declined({ declineCode, code })).toEqual(refusedAs(told));
  expect(refusedAs(told).message).not.toBe('');
});

test.each(['fraudulent', 'lost_card', 'stolen_card', 'pickup_card', 'merchant_blacklist', 'restricted_card'])(
  'nobody learns that the bank said %s',
  (declineCode) => {
    expect(declined({ declineCode, code: 'card_declined' })).toEqual(refusedAs('card_declined'));
  },
);

test.each([
  ['resource_missing', 'payment_method', 'invalid_payment_method'],
  ['payment_intent_incompatible_payment_method', null, 'invalid_payment_method'],
  ['payment_method_unactivated', null, 'invalid_payment_method'],
  ['payment_method_currency_mismatch', null, 'currency_not_supported'],
  [null, 'currency', 'currency_not_supported'],
  ['amount_too_small', null, 'amount_not_supported'],
  ['amount_too_large', 'amount', 'amount_not_supported'],
  ['parameter_unknown', 'allowed_payment_method_types', null],
  ['url_invalid', 'return_url', null],
  [null, null, null],
])('a request refused for %s at %s is told as %s', (code, param, told) => {
  expect(unusable({ code, param })?.code ?? null).toBe(told);
});
