import type { EventPayload } from '@ebuy/events';
import type { Moved } from './decide.ts';
import { type HistoryReason, type Order, type OrderLine, totalOf } from './order.ts';
import type { Announced } from './status-table.ts';

/** An event to be: its type and what it says. Ids and time are given to it when it is written. */
export type Announcement = {
  [Type in Announced]: { readonly type: Type; readonly payload: EventPayload<Type> };
}[Announced];

export function placed(
  order: Omit<Order, 'number'>,
  lines: readonly OrderLine[],
): Extract<Announcement, { type: 'order.placed' }> {
  return {
    type: 'order.placed',
    payload: { orderId: order.id, cartId: order.cartId, total: totalOf(order), lines: lines.map(orderedLine) },
  };
}

/** What a move tells the others; null when it concerns nobody else. */
export function announcementOf(moved: Moved, lines: readonly OrderLine[]): Announcement | null {
  const { order, entry, announces, paymentMethod } = moved;
  switch (announces) {
    case null:
      return null;
    case 'order.placed':
      return placed(order, lines);
    case 'order.paymentRequested':
      return {
        type: announces,
        payload: {
          orderId: order.id,
          attemptId: known(order.attempt?.id),
          amount: totalOf(order),
          paymentMethod: known(paymentMethod),
        },
      };
    case 'order.confirmed':
      return {
        type: announces,
        payload: {
          orderId: order.id,
          cartId: order.cartId,
          userId: order.userId,
          total: totalOf(order),
          lines: lines.map(orderedLine),
        },
      };
    case 'order.cancelled':
      return { type: announces, payload: { orderId: order.id, reason: cancellationReason(entry.reason) } };
    case 'order.shipped':
    case 'order.delivered':
      return { type: announces, payload: { orderId: order.id } };
  }
}

function orderedLine({ id, productId, variantId, sku, quantity }: OrderLine) {
  return { orderLineId: id, productId, variantId, sku, quantity };
}

export function cancellationReason(reason: HistoryReason | null): EventPayload<'order.cancelled'>['reason'] {
  switch (reason) {
    case 'OUT_OF_STOCK':
    case 'STOCK_NOT_CONFIRMED':
    case 'PAYMENT_NOT_COMPLETED':
    case 'REQUESTED_BY_SHOPPER':
    case 'REQUESTED_BY_STAFF':
      return reason;
    case 'PAYMENT_DECLINED':
    case 'PAYMENT_ACTION_REQUIRED':
    case 'PAYMENT_RETRIED':
    case null:
      throw new Error(`${reason} is no reason to cancel`);
  }
}

function known<Value>(value: Value | null | undefined): Value {
  if (value === null || value === undefined)
    throw new Error('a payment cannot be requested without attempt and method');
  return value;
}
