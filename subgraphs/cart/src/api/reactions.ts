import { CONSUMER_GROUPS, type Reaction } from '@ebuy/events';
import type { CartNeeds } from '../commands/change-cart.ts';
import { takeOutOrdered } from '../commands/take-out-ordered.ts';

export function emptyOrderedCart(needs: CartNeeds): Reaction {
  return {
    group: CONSUMER_GROUPS.emptyOrderedCart,
    on: { 'order.confirmed': (event) => takeOutOrdered(needs, event) },
  };
}
