import type { RequestContext } from '@ebuy/runtime';
import type { Cart } from '../domain/cart.ts';
import { checkQuantity, findLine, setQuantity } from '../domain/lines.ts';
import { type CartNeeds, type CartTarget, changeCart } from './change-cart.ts';

export interface UpdateCartLine extends CartTarget {
  readonly lineId: string;
  readonly quantity: number;
  readonly expectedVersion?: number | null | undefined;
}

/** More needs products to answer, as adding does; fewer does not. */
export async function updateCartLine(needs: CartNeeds, context: RequestContext, input: UpdateCartLine): Promise<Cart> {
  checkQuantity(input.quantity, ['quantity']);
  return changeCart(needs, context, input, async (cart) => {
    const line = findLine(cart, input.lineId.toLowerCase());
    if (input.quantity === line.quantity) return null;
    if (input.quantity < line.quantity) return setQuantity(cart, line, input.quantity, undefined);
    // Of all lines: the answer shows their prices, and so it is one call.
    const offers = await needs.offers.require(
      cart.lines.map(({ variantId }) => variantId),
      context,
    );
    return setQuantity(cart, line, input.quantity, offers.get(line.variantId));
  });
}
