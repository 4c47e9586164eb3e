/**
 * Twelve to nineteen digits in a row, however they are written and whatever stands around them, may be a card number: that must not be
 * stored, told, sent on or logged (PCI DSS 3.3).
 */
export function looksLikeCardNumber(text: string): boolean {
  return /\d{12,19}/.test(text.normalize('NFKC').replace(/[\s._\-/]/gu, ''));
}
