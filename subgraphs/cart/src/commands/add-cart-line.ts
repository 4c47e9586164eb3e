import { isId, newId } from '@ebuy/kernel';
import type { RequestContext } from '@ebuy/runtime';
import type { Cart } from '../domain/cart.ts';
import { type Addition, addToLines, checkQuantity, checkRoom } from '../domain/lines.ts';
import { refusal } from '../refusals.ts';
import { type CartNeeds, type CartTarget, changeCart } from './change-cart.ts';

export interface AddCartLine extends CartTarget {
  readonly variantId: string;
  readonly quantity: number;
  readonly expectedVersion?: number | null | undefined;
}

/** Adding needs products to answer: what is added is on sale, at a price that it names. */
export async function addCartLine(needs: CartNeeds, context: RequestContext, input: AddCartLine): Promise<Cart> {
  const addition = soundAddition(input, []);
  checkQuantity(addition.quantity, ['quantity']);
  return changeCart(needs, context, input, async (cart) => {
    checkRoom(cart, [addition]);
    const variantIds = [...cart.lines, addition].map(({ variantId }) => variantId);
    return addToLines(cart, [addition], await needs.offers.require(variantIds, context), newId);
  });
}

export function soundAddition(
  { variantId, quantity }: { readonly variantId: string; readonly quantity: number },
  path: readonly string[],
): Addition {
  if (!isId(variantId)) throw refusal('VARIANT_NOT_FOUND', { field: [...path, 'variantId'] });
  return { variantId: variantId.toLowerCase(), quantity, path };
}
