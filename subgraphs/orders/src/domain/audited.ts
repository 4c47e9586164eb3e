/** What the audit says of an order: statuses, amounts and ids; never whose it is, where it goes or what somebody typed. */
import type { Order, OrderLine } from './order.ts';

export function auditedPlacing(order: Omit<Order, 'number'>, lines: readonly OrderLine[]) {
  return {
    action: 'placeOrder',
    aggregate: { type: 'Order', id: order.id },
    version: order.version,
    detail: {
      status: order.status,
      totalMinor: order.totalMinor,
      currency: order.currency,
      lines: lines.length,
    },
  };
}

/** Someone's move of an order, by the operation's name. */
export function auditedMove(action: string, before: Order, after: Order) {
  const isOtherAttempt = after.attempt !== null && after.attempt.id !== before.attempt?.id;
  return {
    action,
    aggregate: { type: 'Order', id: after.id },
    version: after.version,
    detail: {
      was: before.status,
      status: after.status,
      ...(isOtherAttempt ? { attemptId: after.attempt.id } : {}),
    },
  };
}
