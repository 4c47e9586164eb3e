import { currencyExponent } from './currencies.ts';
import { Fault } from './failures.ts';

/**
 * An amount of money: a safe integer of the currency's minor unit (cents, yen, fils) and the ISO 4217 code.
 * There are no floats for money anywhere, and no conversion between currencies.
 */
export interface Money {
  readonly amountMinor: number;
  readonly currency: string;
}

/** Checks the two parts, so that whoever holds a Money holds a sound one. Throws a Fault: callers check hostile input before. */
export function money(amountMinor: number, currency: string): Money {
  if (!Number.isSafeInteger(amountMinor)) {
    throw new Fault(`An amount must be a safe integer of minor units, got ${amountMinor}`, { retryable: false });
  }
  if (currencyExponent(currency) === undefined) {
    throw new Fault(`Unknown currency ${currency.slice(0, 8)}`, { retryable: false });
  }
  return { amountMinor, currency };
}

/** a + b. Both must be in one currency, and the sum a safe integer. */
export function addMoney(a: Money, b: Money): Money {
  if (a.currency !== b.currency) {
    throw new Fault(`Cannot add ${b.currency} to ${a.currency}`, { retryable: false });
  }
  return money(a.amountMinor + b.amountMinor, a.currency);
}

/** The sum of any number of amounts; zero of `currency` for none. */
export function sumMoney(amounts: readonly Money[], currency: string): Money {
  return amounts.reduce(addMoney, money(0, currency));
}

/** price × quantity, exactly. */
export function multiplyMoney(price: Money, quantity: number): Money {
  return money(price.amountMinor * quantity, price.currency);
}

/**
 * A share of an amount in basis points (1/10,000), rounded half to even as banks do, so that rounding has no drift.
 * Exact up to 2^53: the product is taken in BigInt.
 */
export function shareOfMoney(amount: Money, basisPoints: number): Money {
  const product = BigInt(amount.amountMinor) * BigInt(basisPoints);
  return money(Number(divideHalfEven(product, 10_000n)), amount.currency);
}

function divideHalfEven(numerator: bigint, divisor: bigint): bigint {
  const quotient = numerator / divisor;
  const twiceRemainder = 2n * (numerator < 0n ? -(numerator % divisor) : numerator % divisor);
  const away = numerator < 0n ? -1n : 1n;
  if (twiceRemainder > divisor) return quotient + away;
  if (twiceRemainder === divisor && quotient % 2n !== 0n) return quotient + away;
  return quotient;
}

export function sameMoney(a: Money, b: Money): boolean {
  return a.amountMinor === b.amountMinor && a.currency === b.currency;
}

/** For logs, messages and narrations: `USD 12.50`, `JPY 1200`. A page formats with Intl in the reader's language. */
export function formatMoney({ amountMinor, currency }: Money): string {
  const exponent = currencyExponent(currency) ?? 0;
  const digits = String(Math.abs(amountMinor)).padStart(exponent + 1, '0');
  const whole = digits.slice(0, digits.length - exponent);
  const fraction = exponent === 0 ? '' : `.${digits.slice(-exponent)}`;
  return `${currency} ${amountMinor < 0 ? '-' : ''}${whole}${fraction}`;
}
