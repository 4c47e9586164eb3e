/**
 * Our minor units (ISO 4217) and Stripe's, as https://docs.stripe.com/currencies has them ("Minor units in API amounts", "Special cases").
 * Almost all are the same. These are not:
 *
 * - ISK and UGX have no decimals any more; Stripe still takes two, which must be 00: 5 ISK are 500. (UGX stands on its list of currencies
 *   without decimals as well; the special case is what its API does: it refuses what is not divisible by 100.)
 * - MGA has two decimals in ISO 4217 and none at Stripe.
 * - BHD, JOD, KWD, OMR and TND have three decimals, and the last digit must be 0.
 * - IQD and LYD have three decimals in ISO 4217 and are not said to at Stripe, which does not charge them.
 *
 * HUF and TWD lose their decimals in payouts only; what is charged has them.
 *
 * Nothing is ever rounded: an amount that Stripe cannot say exactly is not asked for.
 */
import { currencyExponent, type Money } from '@ebuy/kernel';

const STRIPES_EXPONENT: ReadonlyMap<string, number> = new Map([
  ['ISK', 2],
  ['UGX', 2],
  ['MGA', 0],
]);
const LAST_DIGIT_ZERO: ReadonlySet<string> = new Set(['BHD', 'JOD', 'KWD', 'OMR', 'TND']);
const NOT_CHARGED: ReadonlySet<string> = new Set(['IQD', 'LYD']);

export interface StripeAmount {
  readonly amount: number;
  /** In lower case. */
  readonly currency: string;
}

/** Null: Stripe has no way to say it. */
export function toStripe({ amountMinor, currency }: Money): StripeAmount | null {
  const exponent = currencyExponent(currency);
  if (exponent === undefined || NOT_CHARGED.has(currency) || !Number.isSafeInteger(amountMinor)) return null;
  if (LAST_DIGIT_ZERO.has(currency) && amountMinor % 10 !== 0) return null;
  const amount = shifted(amountMinor, (STRIPES_EXPONENT.get(currency) ?? exponent) - exponent);
  return amount === null ? null : { amount, currency: currency.toLowerCase() };
}

/** Null: not an amount of a currency that we have, or a fraction of our smallest unit. */
export function fromStripe({ amount, currency: given }: StripeAmount): Money | null {
  const currency = given.toUpperCase();
  const exponent = currencyExponent(currency);
  if (exponent === undefined) return null;
  const amountMinor = shifted(amount, exponent - (STRIPES_EXPONENT.get(currency) ?? exponent));
  return amountMinor === null ? null : { amountMinor, currency };
}

function shifted(amount: number, decimals: number): number | null {
  const result = decimals < 0 ? amount / 10 ** -decimals : amount * 10 ** decimals;
  return Number.isSafeInteger(result) ? result : null;
}
