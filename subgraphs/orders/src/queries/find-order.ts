import { isId } from '@ebuy/kernel';
import { type Caller, opensWith } from '@ebuy/runtime';
import { accessTo } from '../domain/access.ts';
import type { Order } from '../domain/order.ts';
import { type OrderSeen, seenBy } from '../domain/order-seen.ts';
import { queryRefusal } from '../refusals.ts';
import type { Store } from '../store/index.ts';
import { findOrder } from '../store/reads.ts';

export interface FindOrderNeeds {
  readonly store: Store;
  readonly accessTokenSecret: string;
}

/** Somebody else's order and one that never was are the same answer. */
export async function findVisibleOrder(
  needs: FindOrderNeeds,
  caller: Caller,
  request: { readonly id: string; readonly accessToken: string | null },
): Promise<OrderSeen> {
  const id = request.id.toLowerCase();
  const order = isId(id) ? await findOrder(needs.store, id) : null;
  const tokenOpens = opensWith(needs.accessTokenSecret, 'order', id, request.accessToken);
  return visible(order, caller, tokenOpens);
}

/** As another subgraph's answer points at it: no token comes this way. */
export function visible(order: Order | null, caller: Caller, tokenOpens = false): OrderSeen {
  const access = order === null ? null : accessTo(order, caller, { tokenOpens, staffScope: 'orders:read' });
  if (order === null || access === null) throw queryRefusal('NOT_FOUND');
  return seenBy(access, order);
}
