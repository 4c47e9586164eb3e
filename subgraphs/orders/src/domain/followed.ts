/** Whether products and payments have followed what was said of an order. Pure. */
import type { Order } from './order.ts';
import type { Announced } from './status-table.ts';

/** What products says of the reservation of an order. */
export interface ReservationOfOrder {
  readonly orderId: string;
  readonly status: 'MADE' | 'REFUSED' | 'CONSUMED' | 'RELEASED' | 'CANCELLED_BEFORE';
}

/** What payments says of the payment of an order. */
export interface PaymentOfOrder {
  readonly orderId: string;
  /** Null: payments only knows that the order was cancelled. */
  readonly status:
    | 'PENDING'
    | 'REQUIRES_ACTION'
    | 'AUTHORIZED'
    | 'DECLINED'
    | 'CAPTURED'
    | 'PARTIALLY_REFUNDED'
    | 'REFUNDED'
    | 'VOIDED'
    | null;
  readonly attemptId: string | null;
  readonly cancelled: boolean;
  readonly captureRequested: boolean;
  /** Something was taken that was not given back. */
  readonly taken: boolean;
}

/** What may be said again: every consumer takes it as a repetition. */
export type SayAgain = Extract<
  Announced,
  'order.placed' | 'order.paymentRequested' | 'order.cancelled' | 'order.shipped'
>;

export type Contradiction =
  /** It waits for its payment or its shipment, and its units are not held. */
  | 'units_not_held'
  | 'shipped_without_units'
  | 'units_left_for_cancelled_order'
  /** It is confirmed, and its payment is not held. */
  | 'payment_not_held'
  | 'shipped_unpaid'
  | 'cancelled_but_taken';

export type Verdict =
  | { readonly kind: 'followed' }
  /** Said, and not followed: it is said again. */
  | { readonly kind: 'behind'; readonly type: SayAgain }
  /** Something else has happened than what was said: people look. */
  | { readonly kind: 'contradicts'; readonly what: Contradiction };

export type ComparedOrder = Pick<Order, 'id' | 'status' | 'attempt'>;

const FOLLOWED: Verdict = { kind: 'followed' };
const behind = (type: SayAgain): Verdict => ({ kind: 'behind', type });
const contradicts = (what: Contradiction): Verdict => ({ kind: 'contradicts', what });

/** `reservation` is null when products never heard of the order. */
export function hasProductsFollowed(order: ComparedOrder, reservation: ReservationOfOrder['status'] | null): Verdict {
  switch (order.status) {
    case 'AWAITING_STOCK':
      return reservation === null ? behind('order.placed') : FOLLOWED;
    case 'AWAITING_PAYMENT':
    case 'CONFIRMED':
      return reservation === 'MADE' ? FOLLOWED : contradicts('units_not_held');
    case 'SHIPPED':
    case 'DELIVERED':
      if (reservation === 'MADE') return behind('order.shipped');
      return reservation === 'CONSUMED' ? FOLLOWED : contradicts('shipped_without_units');
    case 'CANCELLED':
      if (reservation === 'MADE' || reservation === null) return behind('order.cancelled');
      return reservation === 'CONSUMED' ? contradicts('units_left_for_cancelled_order') : FOLLOWED;
  }
}

/** `payment` is null when payments never heard of the order. */
export function hasPaymentsFollowed({ status, attempt }: ComparedOrder, payment: PaymentOfOrder | null): Verdict {
  switch (status) {
    case 'AWAITING_STOCK':
      return FOLLOWED;
    case 'AWAITING_PAYMENT':
      // What payments has answered and orders not heard ends with the order's deadline.
      if (attempt?.state !== 'REQUESTED' || payment?.attemptId === attempt.id) return FOLLOWED;
      return behind('order.paymentRequested');
    case 'CONFIRMED':
      return payment?.status === 'AUTHORIZED' && !payment.cancelled ? FOLLOWED : contradicts('payment_not_held');
    case 'SHIPPED':
    case 'DELIVERED':
      if (payment?.captureRequested) return FOLLOWED;
      return payment?.status === 'AUTHORIZED' && !payment.cancelled
        ? behind('order.shipped')
        : contradicts('shipped_unpaid');
    case 'CANCELLED':
      if (payment?.taken) return contradicts('cancelled_but_taken');
      return attempt === null || payment?.cancelled ? FOLLOWED : behind('order.cancelled');
  }
}
