import { expect, test } from '@jest/globals';
import { fromStripe, toStripe } from '../src/provider/stripe-amounts.ts';

test.each([
  ['EUR', 1_234, 1_234],
  ['JPY', 500, 500],
  ['ISK', 5, 500],
  ['UGX', 5, 500],
  ['MGA', 500, 5],
  ['HUF', 1_045, 1_045],
  ['TWD', 80_045, 80_045],
  ['KWD', 5_120, 5_120],
  ['EUR', 0, 0],
])('%s %d is %d at Stripe, and the same again here', (currency, amountMinor, amount) => {
  const units = { amount, currency: currency.toLowerCase() };
  expect(toStripe({ amountMinor, currency })).toEqual(units);
  expect(fromStripe(units)).toEqual({ amountMinor, currency });
});

test.each([
  ['a fraction of Stripe’s unit', 'MGA', 501],
  ['a last digit that must be zero', 'KWD', 5_124],
  ['a currency that it does not charge', 'LYD', 1_000],
  ['no currency', 'XXX', 1_000],
  ['no whole number', 'EUR', 0.5],
  ['more than is exact', 'EUR', 2 ** 53],
  ['more than is exact, at Stripe', 'ISK', Number.MAX_SAFE_INTEGER],
])('%s cannot be said', (_what, currency, amountMinor) => {
  expect(toStripe({ amountMinor, currency })).toBeNull();
});

test.each([
  ['a fraction of ours', 'isk', 550],
  ['no currency', 'xxx', 100],
  ['more than is exact', 'mga', Number.MAX_SAFE_INTEGER],
])('%s is not believed', (_what, currency, amount) => {
  expect(fromStripe({ amount, currency })).toBeNull();
});
