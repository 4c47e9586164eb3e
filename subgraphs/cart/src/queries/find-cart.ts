import type { RequestContext } from '@ebuy/runtime';
import { type CartNeeds, type CartTarget, openCart } from '../commands/change-cart.ts';
import type { Cart } from '../domain/cart.ts';
import { refusal } from '../refusals.ts';

export async function findCart(needs: CartNeeds, context: RequestContext, target: CartTarget): Promise<Cart> {
  const cart = await openCart(needs, context, target);
  if (cart === null) throw refusal('NOT_FOUND');
  return cart;
}

/** A shopper's cart, for themselves only. */
export async function findCartOfUser(
  { store }: CartNeeds,
  { caller }: RequestContext,
  userId: string,
): Promise<Cart | null> {
  return caller.kind === 'user' && caller.id === userId ? store.findOfUser(userId) : null;
}
