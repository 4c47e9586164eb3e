/**
 * A payment method is a provider's name for a card, never the card. Twelve to nineteen digits in a row, however they are written, may be
 * a card number: that must not be sent on, stored or logged (PCI DSS 3.3).
 */
export function looksLikeCardNumber(text: string): boolean {
  return /\d{12,19}/.test(text.normalize('NFKC').replace(/[\s._\-/]/gu, ''));
}

/** Whether a text can be a provider's name for a card. */
export function isPaymentMethod(text: string): boolean {
  return /^[\x21-\x7e]{1,255}$/.test(text) && !looksLikeCardNumber(text);
}
