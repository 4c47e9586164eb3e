import type { Caller } from '@ebuy/runtime';

/** Whose idempotency key it is. A guest is the cart, which must have been proven before. */
export function principalOf(caller: Caller, cartId: string): string {
  return caller.kind === 'anonymous' ? `cart:${cartId}` : `${caller.kind}:${caller.id}`;
}
