import type { RequestContext } from '@ebuy/runtime';
import type { Carts } from '../clients/cart.ts';
import type { Products } from '../clients/products.ts';
import { type AddressInput, checkAddress } from '../domain/checks.ts';
import { type Quote, quoteOf } from '../domain/quote.ts';
import { priceCart, readCart } from './priced-cart.ts';

export interface CheckoutQuoteInput {
  readonly cartId: string;
  readonly accessToken?: string | null | undefined;
  readonly shippingAddress: AddressInput;
  readonly shippingOptionCode?: string | null | undefined;
}

/** The same checks and the same sums as placeOrder's: what is quoted can be ordered. */
export async function checkoutQuote(
  needs: { readonly carts: Carts; readonly products: Products },
  context: RequestContext,
  input: CheckoutQuoteInput,
): Promise<Quote> {
  const address = checkAddress(input.shippingAddress);
  const cart = await readCart(needs.carts, { cartId: input.cartId, accessToken: input.accessToken ?? null }, context);
  const { lines } = await priceCart(needs.products, cart, context);
  return quoteOf(lines, address.countryCode, input.shippingOptionCode ?? null);
}
