import { type Caller, opensWith } from '@ebuy/kernel';
import type { Cart } from './cart.ts';

/** A shopper's cart is opened by being them, a guest's by its token alone; a closed one by nothing. */
export function mayOpen(cart: Cart, caller: Caller, accessToken: string | null, secret: string): boolean {
  if (cart.status === 'CLOSED') return false;
  if (cart.userId !== null) return caller.kind === 'user' && caller.id === cart.userId;
  return opensWith(secret, 'cart', cart.id, accessToken);
}
