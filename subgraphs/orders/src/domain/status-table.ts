/**
 * Which trigger moves an order from which status to which, and what it then announces. This table is the whole saga: whatever is
 * not a move here is refused (commands) or ignored on purpose (events, deadlines). README.md shows the same table.
 */
import type { RefusalCode } from '../refusals.ts';
import type { HistoryReason, OrderStatus } from './order.ts';

/** What can happen to an order: events of others by their type, the order's own deadline, and commands by who gives them. */
export const TRIGGERS = [
  'reservation.made',
  'reservation.refused',
  'payment.authorized',
  'payment.declined',
  'payment.actionRequired',
  'deadline',
  'retryPayment',
  'shopperCancels',
  'staffCancels',
  'shipOrder',
  'deliverOrder',
] as const;
export type TriggerName = (typeof TRIGGERS)[number];

export interface Move {
  readonly kind: 'move';
  readonly to: OrderStatus;
  readonly announces: Announced | null;
  readonly reason: HistoryReason | null;
}
export interface Refused {
  readonly kind: 'refused';
  readonly code: RefusalCode;
}
export interface Ignored {
  readonly kind: 'ignored';
  readonly why: string;
}
export type Cell = Move | Refused | Ignored;

/** What orders announces: each step beside what undoes it, which is one event, heard by all who did something. */
export const ANNOUNCEMENTS = {
  'order.placed': { does: 'products reserves every line or none', undoneBy: 'order.cancelled' },
  'order.paymentRequested': { does: 'payments authorizes the total', undoneBy: 'order.cancelled' },
  'order.confirmed': { does: 'cart empties', undoneBy: null },
  'order.shipped': { does: 'payments captures, products consumes the reservation', undoneBy: null },
  'order.delivered': { does: 'nothing more: the order has arrived', undoneBy: null },
  'order.cancelled': { does: 'payments voids, products releases the reservation', undoneBy: null },
} as const;
export type Announced = keyof typeof ANNOUNCEMENTS;

const move = (to: OrderStatus, announces: Announced, reason: HistoryReason | null = null): Move => ({
  kind: 'move',
  to,
  announces,
  reason,
});
const cancel = (reason: HistoryReason): Move => move('CANCELLED', 'order.cancelled', reason);
const note = (to: OrderStatus, reason: HistoryReason): Move => ({ kind: 'move', to, announces: null, reason });
const refused = (code: RefusalCode): Refused => ({ kind: 'refused', code });
const ignored = (why: string): Ignored => ({ kind: 'ignored', why });

const REPEATED = ignored('a repetition: the order has moved on');
const TOO_EARLY = ignored('no payment was requested yet');
const TOO_LATE = ignored('the order has ended: products and payments undo on order.cancelled by themselves');
const SETTLED = ignored('the payment was settled before');
const NO_WAIT = ignored('the order waits for nothing with a deadline');
const CONTRADICTION = ignored('contradicts what products said before');

export const STATUS_TABLE: { readonly [Status in OrderStatus]: { readonly [Trigger in TriggerName]: Cell } } = {
  AWAITING_STOCK: {
    'reservation.made': move('AWAITING_PAYMENT', 'order.paymentRequested'),
    'reservation.refused': cancel('OUT_OF_STOCK'),
    'payment.authorized': TOO_EARLY,
    'payment.declined': TOO_EARLY,
    'payment.actionRequired': TOO_EARLY,
    deadline: cancel('STOCK_NOT_CONFIRMED'),
    retryPayment: refused('ORDER_NOT_PAYABLE'),
    shopperCancels: cancel('REQUESTED_BY_SHOPPER'),
    staffCancels: cancel('REQUESTED_BY_STAFF'),
    shipOrder: refused('ORDER_NOT_SHIPPABLE'),
    deliverOrder: refused('ORDER_NOT_DELIVERABLE'),
  },
  AWAITING_PAYMENT: {
    'reservation.made': REPEATED,
    'reservation.refused': CONTRADICTION,
    'payment.authorized': move('CONFIRMED', 'order.confirmed'),
    'payment.declined': note('AWAITING_PAYMENT', 'PAYMENT_DECLINED'),
    'payment.actionRequired': note('AWAITING_PAYMENT', 'PAYMENT_ACTION_REQUIRED'),
    deadline: cancel('PAYMENT_NOT_COMPLETED'),
    retryPayment: move('AWAITING_PAYMENT', 'order.paymentRequested', 'PAYMENT_RETRIED'),
    shopperCancels: cancel('REQUESTED_BY_SHOPPER'),
    staffCancels: cancel('REQUESTED_BY_STAFF'),
    shipOrder: refused('ORDER_NOT_SHIPPABLE'),
    deliverOrder: refused('ORDER_NOT_DELIVERABLE'),
  },
  CONFIRMED: {
    'reservation.made': REPEATED,
    'reservation.refused': CONTRADICTION,
    'payment.authorized': REPEATED,
    'payment.declined': SETTLED,
    'payment.actionRequired': SETTLED,
    deadline: NO_WAIT,
    retryPayment: refused('ORDER_NOT_PAYABLE'),
    shopperCancels: cancel('REQUESTED_BY_SHOPPER'),
    staffCancels: cancel('REQUESTED_BY_STAFF'),
    shipOrder: move('SHIPPED', 'order.shipped'),
    deliverOrder: refused('ORDER_NOT_DELIVERABLE'),
  },
  SHIPPED: {
    'reservation.made': REPEATED,
    'reservation.refused': CONTRADICTION,
    'payment.authorized': REPEATED,
    'payment.declined': SETTLED,
    'payment.actionRequired': SETTLED,
    deadline: NO_WAIT,
    retryPayment: refused('ORDER_NOT_PAYABLE'),
    shopperCancels: refused('ORDER_NOT_CANCELLABLE'),
    staffCancels: refused('ORDER_NOT_CANCELLABLE'),
    shipOrder: refused('ORDER_NOT_SHIPPABLE'),
    deliverOrder: move('DELIVERED', 'order.delivered'),
  },
  DELIVERED: {
    'reservation.made': REPEATED,
    'reservation.refused': CONTRADICTION,
    'payment.authorized': REPEATED,
    'payment.declined': SETTLED,
    'payment.actionRequired': SETTLED,
    deadline: NO_WAIT,
    retryPayment: refused('ORDER_NOT_PAYABLE'),
    shopperCancels: refused('ORDER_NOT_CANCELLABLE'),
    staffCancels: refused('ORDER_NOT_CANCELLABLE'),
    shipOrder: refused('ORDER_NOT_SHIPPABLE'),
    deliverOrder: refused('ORDER_NOT_DELIVERABLE'),
  },
  CANCELLED: {
    'reservation.made': TOO_LATE,
    'reservation.refused': TOO_LATE,
    'payment.authorized': TOO_LATE,
    'payment.declined': TOO_LATE,
    'payment.actionRequired': TOO_LATE,
    deadline: NO_WAIT,
    retryPayment: refused('ORDER_NOT_PAYABLE'),
    shopperCancels: refused('ORDER_NOT_CANCELLABLE'),
    staffCancels: refused('ORDER_NOT_CANCELLABLE'),
    shipOrder: refused('ORDER_NOT_SHIPPABLE'),
    deliverOrder: refused('ORDER_NOT_DELIVERABLE'),
  },
};
