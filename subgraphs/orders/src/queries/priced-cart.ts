/** A cart's lines with what products says of them now: what checkoutQuote shows and placeOrder charges. */
import { isId } from '@ebuy/kernel';
import type { RequestContext } from '@ebuy/runtime';
import type { Cart, Carts } from '../clients/cart.ts';
import type { Products, PurchasableVariant } from '../clients/products.ts';
import { isCleanText } from '../domain/checks.ts';
import { MAX_LINES, type PricedLine } from '../domain/quote.ts';
import { refusal } from '../refusals.ts';

type Asker = Pick<RequestContext, 'caller' | 'correlationId'>;

export interface CartInput {
  readonly cartId: string;
  readonly accessToken: string | null;
}

export interface PricedCart {
  readonly lines: readonly PricedLine[];
  /** Lines that ask for more than there is at the moment. */
  readonly shortages: readonly { readonly line: PricedLine; readonly available: number }[];
}

const MAX_TOKEN_CHARACTERS = 512;

/** The cart, proven to be the caller's: by who they are, or by its token. */
export async function readCart(carts: Carts, { cartId, accessToken }: CartInput, asker: Asker): Promise<Cart> {
  const sound = isId(cartId) && isCleanText(accessToken ?? '', MAX_TOKEN_CHARACTERS);
  const cart = sound ? await carts.read({ id: cartId, accessToken }, asker) : null;
  if (cart === null) throw refusal('CART_NOT_FOUND', { field: ['cartId'] });
  return cart;
}

export async function priceCart(products: Products, cart: Cart, asker: Asker): Promise<PricedCart> {
  if (cart.lines.length === 0) throw refusal('CART_EMPTY', { field: ['cartId'] });
  if (cart.lines.length > MAX_LINES) throw refusal('TOO_MANY_LINES', { field: ['cartId'] });
  const ids = [...new Set(cart.lines.map((line) => line.variantId))];
  const found = await products.purchasableVariants(ids, asker);
  const variants = new Map(found.map((variant) => [variant.variantId, variant]));
  const lines = cart.lines.map(({ variantId, quantity }) =>
    priceLine(variants.get(variantId), quantity, cart.currency),
  );
  const wanted = Map.groupBy(lines, (line) => line.variantId);
  const shortages = [...wanted.values()].flatMap(([line, ...more]) => {
    const available = line === undefined ? 0 : (variants.get(line.variantId)?.available ?? 0);
    const quantity = more.reduce((sum, other) => sum + other.quantity, line?.quantity ?? 0);
    return line === undefined || quantity <= available ? [] : [{ line, available: Math.max(0, available) }];
  });
  return { lines, shortages };
}

function priceLine(variant: PurchasableVariant | undefined, quantity: number, currency: string | null): PricedLine {
  if (variant === undefined || !variant.published) {
    throw refusal('VARIANT_UNAVAILABLE', {
      ...(variant === undefined
        ? {}
        : { message: `${variant.title} is not for sale any more. Remove it and try again.` }),
      field: ['cartId'],
    });
  }
  if (currency !== null && variant.price.currency !== currency) {
    throw refusal('MIXED_CURRENCIES', {
      message: `${variant.title} is sold in ${variant.price.currency} now, the cart is in ${currency}. Remove it and try again.`,
      field: ['cartId'],
    });
  }
  const { variantId, productId, sku, title, price } = variant;
  return { variantId, productId, sku, title, quantity, unitPrice: price };
}
