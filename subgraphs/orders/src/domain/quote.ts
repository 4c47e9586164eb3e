/** What lines cost, shipped to a country: the one computation behind checkoutQuote and placeOrder. */
import { type Money, multiplyMoney, shareOfMoney, sumMoney } from '@ebuy/kernel';
import { refusal } from '../refusals.ts';
import { type ShippingOption, shippingOptions, taxBasisPoints } from './rates.ts';

export const MAX_LINES = 100;
export const MAX_QUANTITY = 999;

/** A line of a cart with what products says about its variant. */
export interface PricedLine {
  readonly variantId: string;
  readonly productId: string;
  readonly sku: string;
  readonly title: string;
  readonly quantity: number;
  readonly unitPrice: Money;
}

export interface QuotedLine extends PricedLine {
  readonly lineTotal: Money;
  readonly tax: Money;
}

export interface Quote {
  readonly lines: readonly QuotedLine[];
  readonly shippingOptions: readonly ShippingOption[];
  readonly chosen: ShippingOption;
  readonly subtotal: Money;
  readonly shippingTotal: Money;
  readonly taxTotal: Money;
  readonly total: Money;
}

/** Without an option's code the cheapest counts. Tax is rounded half to even, each line and the shipping by itself. */
export function quoteOf(lines: readonly PricedLine[], country: string, optionCode: string | null): Quote {
  const currency = checkLines(lines);
  const basisPoints = taxBasisPoints(country);
  if (basisPoints === undefined) throw refusal('COUNTRY_NOT_SHIPPED', { field: ['shippingAddress', 'countryCode'] });
  const options = shippingOptions(country, currency);
  const chosen = choose(options, optionCode, currency);
  requireExact(lines.map(({ unitPrice, quantity }) => BigInt(unitPrice.amountMinor) * BigInt(quantity)));
  const quoted = lines.map((line) => {
    const lineTotal = multiplyMoney(line.unitPrice, line.quantity);
    return { ...line, lineTotal, tax: shareOfMoney(lineTotal, basisPoints) };
  });
  const net = quoted.map((line) => line.lineTotal);
  const taxes = [...quoted.map((line) => line.tax), shareOfMoney(chosen.price, basisPoints)];
  requireExact([...net, chosen.price, ...taxes].map((part) => BigInt(part.amountMinor)));
  const [subtotal, taxTotal] = [sumMoney(net, currency), sumMoney(taxes, currency)];
  return {
    lines: quoted,
    shippingOptions: options,
    chosen,
    subtotal,
    shippingTotal: chosen.price,
    taxTotal,
    total: sumMoney([subtotal, chosen.price, taxTotal], currency),
  };
}

/** Returns the one currency of the lines. */
function checkLines(lines: readonly PricedLine[]): string {
  const [first] = lines;
  if (first === undefined) throw refusal('CART_EMPTY', { field: ['cartId'] });
  if (lines.length > MAX_LINES) throw refusal('TOO_MANY_LINES', { field: ['cartId'] });
  for (const { quantity, unitPrice } of lines) {
    if (!Number.isInteger(quantity) || quantity < 1 || quantity > MAX_QUANTITY) {
      throw refusal('INVALID_QUANTITY', { field: ['cartId'] });
    }
    if (unitPrice.currency !== first.unitPrice.currency) throw refusal('MIXED_CURRENCIES', { field: ['cartId'] });
  }
  return first.unitPrice.currency;
}

function choose(options: readonly ShippingOption[], code: string | null, currency: string): ShippingOption {
  const [cheapest] = options;
  if (cheapest === undefined) {
    throw refusal('CURRENCY_NOT_SHIPPED', {
      message: `There is no shipping in ${currency} yet.`,
      field: ['cartId'],
    });
  }
  if (code === null) return cheapest;
  const chosen = options.find((option) => option.code === code);
  if (chosen === undefined) {
    throw refusal('UNKNOWN_SHIPPING_OPTION', {
      message: `There is no such shipping option for this country. Choose ${options.map((option) => option.code).join(' or ')}.`,
      field: ['shippingOptionCode'],
    });
  }
  return chosen;
}

/** Refuses before a sum leaves the safe integers, where it would no longer be exact. */
function requireExact(amounts: readonly bigint[]): void {
  const sum = amounts.reduce((total, amount) => total + amount, 0n);
  if (sum > BigInt(Number.MAX_SAFE_INTEGER)) throw refusal('AMOUNT_TOO_LARGE', { field: ['cartId'] });
}
