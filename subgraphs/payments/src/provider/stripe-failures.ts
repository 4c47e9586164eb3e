/**
 * Why a payment did not come about, in words that a shopper may read. Stripe's own are not passed on: some would tell a thief what the
 * bank knows (https://docs.stripe.com/declines/codes: fraudulent, lost and stolen cards are to look like any other decline).
 */
import type { Failure } from '../domain/payment.ts';

const SAID: Readonly<Record<string, string>> = {
  card_declined: 'The card was declined. Try another one, or ask the bank that issued it.',
  insufficient_funds: 'The card has insufficient funds.',
  expired_card: 'The card has expired.',
  incorrect_number: 'The card number is not right.',
  incorrect_cvc: "The card's security code is not right.",
  card_not_supported: 'The card does not support this kind of purchase.',
  currency_not_supported: 'The card does not support this currency.',
  card_velocity_exceeded: 'The card has reached a limit of its bank.',
  processing_error: 'The card could not be processed. Try again.',
  try_again_later: 'The bank could not be reached. Try again later.',
  authentication_required: 'The bank asks for confirmation. Try again and confirm the payment.',
  authentication_failed: 'The payment was not confirmed with the bank.',
  invalid_payment_method: 'There is no such payment method.',
  amount_not_supported: 'This amount cannot be taken in this currency.',
};

/** Codes that say the same as one of ours. */
const SAME_AS: Readonly<Record<string, string>> = {
  invalid_expiry_month: 'expired_card',
  invalid_expiry_year: 'expired_card',
  invalid_number: 'incorrect_number',
  invalid_cvc: 'incorrect_cvc',
  invalid_amount: 'amount_not_supported',
  withdrawal_count_limit_exceeded: 'card_velocity_exceeded',
  issuer_not_available: 'try_again_later',
  reenter_transaction: 'processing_error',
  payment_intent_authentication_failure: 'authentication_failed',
  payment_intent_payment_attempt_expired: 'authentication_failed',
};

/** A decline by the bank's code, then by Stripe's; whatever is not known here is a plain decline. */
export function declined(codes: { readonly declineCode?: string | null; readonly code?: string | null }): Failure {
  for (const given of [codes.declineCode, codes.code]) {
    const code = typeof given === 'string' ? (own(SAME_AS, given) ?? given) : '';
    const message = own(SAID, code);
    if (message !== undefined) return { code, message };
  }
  return refusedAs('card_declined');
}

export function refusedAs(code: string): Failure {
  return { code, message: own(SAID, code) ?? '' };
}

/** What was refused because of what a shopper chose or an order comes to; null: because of something of ours. */
export function unusable(refusal: { readonly code: string | null; readonly param: string | null }): Failure | null {
  const { code, param } = refusal;
  if (code?.startsWith('payment_method_currency') || param === 'currency') return refusedAs('currency_not_supported');
  if (param === 'payment_method' || code?.startsWith('payment_method_')) return refusedAs('invalid_payment_method');
  if (code === 'payment_intent_incompatible_payment_method') return refusedAs('invalid_payment_method');
  if (param === 'amount' || code?.startsWith('amount_too_') || code?.startsWith('invalid_charge_amount')) {
    return refusedAs('amount_not_supported');
  }
  return null;
}

const own = (texts: Readonly<Record<string, string>>, code: string): string | undefined =>
  Object.hasOwn(texts, code) ? texts[code] : undefined;
