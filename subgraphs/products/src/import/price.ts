import { currencyExponent, type Money } from '@ebuy/kernel';

const PLAIN = /^(\d+)(?:\.(\d*))?$/;
const GROUPED = /^\d{1,3}(?:,\d{3})+\.\d+$/;

/**
 * A price as a file has it, exactly: digits, and a dot before the decimals; commas only where they can mean nothing but thousands
 * (`1,299.00`). Returns the amount, or what is wrong with it. `1,299` is refused: it is 1299 in one country and 1.299 in another.
 */
export function priceIn(text: string, currency: string): Money | string {
  const exponent = currencyExponent(currency) ?? 0;
  const plain = PLAIN.exec(GROUPED.test(text) ? text.replaceAll(',', '') : text);
  if (plain === null) return `${shown(text)} is no price. ${advice(text)}`;
  const [, whole = '', decimals = ''] = plain;
  const significant = decimals.replace(/0+$/, '');
  if (significant.length > exponent) {
    return `${shown(text)} has more decimals than ${currency}, which has ${exponent === 0 ? 'none' : exponent}.`;
  }
  const amountMinor = Number(whole + significant.padEnd(exponent, '0'));
  return Number.isSafeInteger(amountMinor) ? { amountMinor, currency } : `${shown(text)} is too much.`;
}

function advice(text: string): string {
  if (text.startsWith('-')) return 'A price is zero or more.';
  if (/^\d{1,3}(?:,\d{3})+$/.test(text)) return 'It could mean thousands or decimals: write it without the comma.';
  if (/,\d+$/.test(text)) return 'Decimals come after a dot, as in 12.50.';
  return 'Write digits and a dot before the decimals, as in 12.50, without a currency.';
}

/** A cell's text in a message: quoted, and not at length. */
export function shown(text: string): string {
  return `“${text.length > 40 ? `${text.slice(0, 40)}…` : text}”`;
}
