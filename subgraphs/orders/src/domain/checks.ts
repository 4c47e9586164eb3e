/** What hostile input must be before anything is done with it. Each returns the cleaned value or throws a refusal that names the field. */
import { currencyExponent, looksLikeCardNumber, type Money } from '@ebuy/kernel';
import { type RefusalCode, refusal } from '../refusals.ts';
import type { Address } from './order.ts';
import { taxBasisPoints } from './rates.ts';

const MAX_EMAIL_CHARACTERS = 254;
const MAX_PAYMENT_METHOD_CHARACTERS = 255;
const MAX_KEY_CHARACTERS = 255;
// Control characters, U+FEFF, and the line and paragraph separators: no field of ours has lines.
const CONTROL = /[\p{Cc}\u2028\u2029\uFEFF]/u;
// One @, a local part without spaces or quotes, a domain of at least two labels.
const EMAIL =
  /^[^\s@"(),:;<>[\\\]]{1,64}@(?=.{4,253}$)(?:[\p{L}\p{N}](?:[\p{L}\p{N}-]{0,61}[\p{L}\p{N}])?\.)+[\p{L}\p{N}-]{2,63}$/u;

/** Text that PostgreSQL and people can read: no control characters, no half of a surrogate pair. */
export function isCleanText(text: string, maxCharacters: number): boolean {
  return text.length <= maxCharacters && text.isWellFormed() && !CONTROL.test(text);
}

/** Null for nothing or nothing but space. */
function optionalText(
  text: string | null | undefined,
  maxCharacters: number,
  code: RefusalCode,
  field: readonly string[],
): string | null {
  const trimmed = text?.trim() ?? '';
  if (!isCleanText(trimmed, maxCharacters)) throw refusal(code, { field });
  return trimmed === '' ? null : trimmed;
}

export function checkNote(text: string | null | undefined, maxCharacters: number, field: string): string | null {
  return optionalText(text, maxCharacters, 'INVALID_TEXT', [field]);
}

export function checkIdempotencyKey(key: string): string {
  if (key.length === 0 || !isCleanText(key, MAX_KEY_CHARACTERS)) {
    throw refusal('INVALID_IDEMPOTENCY_KEY', { field: ['idempotencyKey'] });
  }
  return key;
}

export function checkEmail(email: string): string {
  const trimmed = email.trim();
  const sound = isCleanText(trimmed, MAX_EMAIL_CHARACTERS) && EMAIL.test(trimmed) && !trimmed.includes('..');
  if (!sound) throw refusal('INVALID_EMAIL', { field: ['email'] });
  return trimmed;
}

export interface AddressInput {
  readonly recipient: string;
  readonly line1: string;
  readonly line2?: string | null | undefined;
  readonly city: string;
  readonly region?: string | null | undefined;
  readonly postalCode?: string | null | undefined;
  readonly countryCode: string;
  readonly phone?: string | null | undefined;
}

export function checkAddress(input: AddressInput): Address {
  const optional = (name: keyof AddressInput, maxCharacters: number) =>
    optionalText(input[name], maxCharacters, 'INVALID_ADDRESS', ['shippingAddress', name]);
  const required = (name: keyof AddressInput, maxCharacters: number) => {
    const text = optional(name, maxCharacters);
    if (text === null) throw refusal('INVALID_ADDRESS', { field: ['shippingAddress', name] });
    return text;
  };
  if (taxBasisPoints(input.countryCode) === undefined) {
    throw refusal('COUNTRY_NOT_SHIPPED', { field: ['shippingAddress', 'countryCode'] });
  }
  return {
    recipient: required('recipient', 200),
    line1: required('line1', 200),
    line2: optional('line2', 200),
    city: required('city', 200),
    region: optional('region', 200),
    postalCode: optional('postalCode', 20),
    countryCode: input.countryCode,
    phone: optional('phone', 40),
  };
}

/** A provider's token, never a card: what could be a card's number is turned away before it is kept or told to anyone. */
export function checkPaymentMethod(paymentMethod: string): string {
  const sound =
    paymentMethod.length > 0 &&
    isCleanText(paymentMethod, MAX_PAYMENT_METHOD_CHARACTERS) &&
    !looksLikeCardNumber(paymentMethod);
  if (!sound) throw refusal('INVALID_PAYMENT_METHOD', { field: ['paymentMethod'] });
  return paymentMethod;
}

/** The graph's scalars made sure of it; events and tests come here, too. */
export function isSoundMoney({ amountMinor, currency }: Money): boolean {
  return Number.isSafeInteger(amountMinor) && amountMinor >= 0 && currencyExponent(currency) !== undefined;
}
