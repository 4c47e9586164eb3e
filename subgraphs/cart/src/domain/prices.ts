import type { Money } from '@ebuy/kernel';
import type { CartLine } from './cart.ts';

/** A variant on sale, as products says at this moment. */
export interface Offer {
  readonly variantId: string;
  readonly price: Money;
  /** Units that could be bought now. */
  readonly available: number;
}

export interface LinePrice {
  readonly unitPrice: Money;
  readonly isCurrent: boolean;
}

/** The offer's price, else the last known one. A line never changes its currency: the cart has one. */
export function priceOf(line: CartLine, offer: Offer | undefined): LinePrice {
  if (offer === undefined || offer.price.currency !== line.unitPrice.currency) {
    return { unitPrice: line.unitPrice, isCurrent: false };
  }
  return { unitPrice: offer.price, isCurrent: true };
}

/** Null when it is more than an amount can say (2^53 - 1). */
export function totalOf(
  lines: readonly { readonly quantity: number; readonly unitPrice: Money }[],
  currency: string,
): Money | null {
  const sum = lines.reduce((total, line) => total + BigInt(line.unitPrice.amountMinor) * BigInt(line.quantity), 0n);
  return sum > BigInt(Number.MAX_SAFE_INTEGER) ? null : { amountMinor: Number(sum), currency };
}
