import { type Access, seesContact } from './access.ts';
import type { HistoryEntry, Order, OrderLine } from './order.ts';

/** An order as someone sees it. Lines and history are there when they are known already, else loaded when asked for. */
export interface OrderSeen {
  readonly order: Order;
  /** Whether e-mail and address are shown. */
  readonly contact: boolean;
  readonly lines?: readonly OrderLine[];
  readonly history?: readonly HistoryEntry[];
}

export function seenBy(access: Access, order: Order): OrderSeen {
  return { order, contact: seesContact(access) };
}
