import type { Caller, Live } from '@ebuy/runtime';
import { ORDER_FEED, orderChannel } from '../domain/channels.ts';
import type { OrderSeen } from '../domain/order-seen.ts';
import { queryRefusal } from '../refusals.ts';
import { findOrder } from '../store/reads.ts';
import { type FindOrderNeeds, findVisibleOrder } from './find-order.ts';

export interface WatchNeeds extends FindOrderNeeds {
  readonly live: Live;
}

/** The order as of now, and at each change again, for as long as the caller may see it. */
export async function watchOrder(
  needs: WatchNeeds,
  caller: Caller,
  request: { readonly id: string; readonly accessToken: string | null },
): Promise<AsyncIterableIterator<OrderSeen>> {
  const { order } = await findVisibleOrder(needs, caller, request);
  let version = 0;
  return needs.live.watch([orderChannel(order.id)], async () => {
    const seen = await findVisibleOrder(needs, caller, request);
    if (seen.order.version < version) return [];
    version = seen.order.version;
    return [seen];
  });
}

/** Every order that changes. Who may ask stands in the schema. */
export function watchOrders({ live, store }: WatchNeeds): Promise<AsyncIterableIterator<OrderSeen>> {
  let begun = false;
  return live.watch([ORDER_FEED], async (orderId) => {
    if (orderId === null && begun) throw queryRefusal('FEED_INTERRUPTED');
    begun = true;
    const order = orderId === null ? null : await findOrder(store, orderId);
    return order === null ? [] : [{ order, contact: true }];
  });
}
