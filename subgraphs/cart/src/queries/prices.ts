import type { Money } from '@ebuy/kernel';
import type { RequestContext } from '@ebuy/runtime';
import type { Offers } from '../clients/products.ts';
import type { Cart, CartLine } from '../domain/cart.ts';
import { type LinePrice, priceOf, totalOf } from '../domain/prices.ts';

/** Asked for only where a price is shown: whoever wants the lines alone does not wait for products. */
export async function linePrice(offers: Offers, context: RequestContext, line: CartLine): Promise<LinePrice> {
  return priceOf(line, await offers.find(line.variantId, context));
}

export async function lineTotal(offers: Offers, context: RequestContext, line: CartLine): Promise<Money | null> {
  const { unitPrice } = await linePrice(offers, context, line);
  return totalOf([{ quantity: line.quantity, unitPrice }], unitPrice.currency);
}

export async function subtotal(offers: Offers, context: RequestContext, cart: Cart): Promise<Money | null> {
  if (cart.currency === null) return null;
  const priced = cart.lines.map(async (line) => ({
    quantity: line.quantity,
    unitPrice: (await linePrice(offers, context, line)).unitPrice,
  }));
  return totalOf(await Promise.all(priced), cart.currency);
}
