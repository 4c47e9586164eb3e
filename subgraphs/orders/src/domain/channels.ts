/** Where changes of orders are told to whoever watches (packages/runtime, live): of one order, and of all. */
export const ORDER_FEED = { what: 'order', id: 'all' } as const;

export function orderChannel(orderId: string) {
  return { what: 'order', id: orderId };
}
