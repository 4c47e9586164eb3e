import type { Money } from '@ebuy/kernel';

export const ORDER_STATUSES = [
  'AWAITING_STOCK',
  'AWAITING_PAYMENT',
  'CONFIRMED',
  'SHIPPED',
  'DELIVERED',
  'CANCELLED',
] as const;
export type OrderStatus = (typeof ORDER_STATUSES)[number];

export type HistoryReason =
  | 'OUT_OF_STOCK'
  | 'STOCK_NOT_CONFIRMED'
  | 'PAYMENT_NOT_COMPLETED'
  | 'REQUESTED_BY_SHOPPER'
  | 'REQUESTED_BY_STAFF'
  | 'PAYMENT_DECLINED'
  | 'PAYMENT_ACTION_REQUIRED'
  | 'PAYMENT_RETRIED';

export interface Address {
  readonly recipient: string;
  readonly line1: string;
  readonly line2: string | null;
  readonly city: string;
  readonly region: string | null;
  readonly postalCode: string | null;
  readonly countryCode: string;
  readonly phone: string | null;
}

/** The payment attempt that counts: news of any other is too late. */
export interface Attempt {
  readonly id: string;
  readonly state: 'REQUESTED' | 'ACTION_REQUIRED' | 'DECLINED' | 'AUTHORIZED';
}

export interface Order {
  readonly id: string;
  readonly number: number;
  readonly version: number;
  readonly status: OrderStatus;
  readonly cartId: string;
  /** Who placed it: a user, a partner's client, or neither (a guest). */
  readonly userId: string | null;
  readonly clientId: string | null;
  readonly email: string;
  readonly shippingAddress: Address;
  readonly shippingOptionCode: string;
  readonly currency: string;
  readonly subtotalMinor: number;
  readonly shippingMinor: number;
  readonly taxMinor: number;
  readonly totalMinor: number;
  /** Kept until the provider is asked, then forgotten. */
  readonly paymentMethod: string | null;
  readonly attempt: Attempt | null;
  readonly attempts: number;
  readonly authorizationEndsAt: Date | null;
  readonly deadlineAt: Date | null;
  readonly carrier: string | null;
  readonly trackingNumber: string | null;
  readonly correlationId: string;
  readonly placedAt: Date;
}

export interface OrderLine {
  readonly id: string;
  readonly productId: string;
  readonly variantId: string;
  readonly sku: string;
  readonly title: string;
  readonly quantity: number;
  readonly unitPrice: Money;
  readonly lineTotal: Money;
  readonly taxMinor: number;
}

/** One change of an order; `version` is the one it made. */
export interface HistoryEntry {
  readonly version: number;
  readonly status: OrderStatus;
  readonly at: Date;
  readonly reason: HistoryReason | null;
  readonly note: string | null;
}

export function totalOf(order: Pick<Order, 'totalMinor' | 'currency'>): Money {
  return { amountMinor: order.totalMinor, currency: order.currency };
}

/** The number on the invoice: EB-000123. */
export function invoiceNumber(number: number): string {
  return `EB-${String(number).padStart(6, '0')}`;
}

/** What someone may have typed for an order's number; null when it is none. */
export function parseInvoiceNumber(text: string): number | null {
  const digits = /^(?:EB-?)?0*(\d{1,15})$/i.exec(text.trim())?.[1];
  return digits === undefined ? null : Number(digits);
}
