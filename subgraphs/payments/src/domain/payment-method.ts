import { looksLikeCardNumber } from '@ebuy/kernel';

/** Whether a text can be a payment method: a provider's name for a card, never the card. */
export function isPaymentMethod(text: string): boolean {
  return /^[\x21-\x7e]{1,255}$/.test(text) && !looksLikeCardNumber(text);
}
