import type { Live } from '@ebuy/runtime';
import { ORDER_FEED, orderChannel } from '../domain/channels.ts';

/** Tells who watches an order, or all of them, to look again. Redis away: throws, so that the event comes again. */
export async function announceOrder({ live }: { readonly live: Live }, orderId: string): Promise<void> {
  await Promise.all([live.publish(orderChannel(orderId)), live.publish(ORDER_FEED, orderId)]);
}

/** The same from a reaction whose own work must go on without Redis. */
export async function announceOrderWhenBack({ live }: { readonly live: Live }, orderId: string): Promise<void> {
  await Promise.all([live.publishWhenBack(orderChannel(orderId)), live.publishWhenBack(ORDER_FEED, orderId)]);
}
