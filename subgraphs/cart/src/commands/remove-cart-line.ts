import type { RequestContext } from '@ebuy/runtime';
import type { Cart } from '../domain/cart.ts';
import { findLine, withoutLine } from '../domain/lines.ts';
import { type CartNeeds, type CartTarget, changeCart } from './change-cart.ts';

export interface RemoveCartLine extends CartTarget {
  readonly lineId: string;
  readonly expectedVersion?: number | null | undefined;
}

export async function removeCartLine(needs: CartNeeds, context: RequestContext, input: RemoveCartLine): Promise<Cart> {
  return changeCart(needs, context, input, (cart) => withoutLine(cart, findLine(cart, input.lineId.toLowerCase()).id));
}
