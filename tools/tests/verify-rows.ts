// Rows as the books hold them: a sound order of two units, shipped, captured and refunded in part. Tests spoil one thing each.
import type { OrderRow } from '../verify/books/orders.ts';
import type { LedgerSum, PaymentRow } from '../verify/books/payments.ts';
import type { ChargeRow } from '../verify/books/provider.ts';
import type { ReservationRow, StockRow } from '../verify/books/stock.ts';
import type { SentEvent } from '../verify/books/topic-log.ts';

export const ORDER = 'order-1';
export const VARIANT = 'variant-1';
const ATTEMPT = 'attempt-1';
const REFUND = 'refund-1';
const AT = Date.parse('2026-11-23T12:00:00Z');
const LINES = [{ productId: 'product-1', variantId: VARIANT, quantity: 2, unitPriceMinor: 1_000, taxMinor: 380 }];

/** A status, with its reason where it has one. */
export type Step = string | readonly [status: string, reason: string];

/** Each status of the list in turn, a second apart. */
export function historyOf(...entries: readonly Step[]) {
  return entries.map((entry, index) => {
    const [status, reason] = typeof entry === 'string' ? [entry, null] : entry;
    return { version: index + 1, status, reason, at: AT + index * 1_000 };
  });
}

export function orderRow(changes: Partial<OrderRow> = {}): OrderRow {
  const history = historyOf('AWAITING_STOCK', 'AWAITING_PAYMENT', 'CONFIRMED', 'SHIPPED');
  return {
    id: ORDER,
    version: (changes.history ?? history).length,
    status: (changes.history ?? history).at(-1)?.status ?? '',
    cartId: 'cart-1',
    userId: null,
    clientId: null,
    currency: 'EUR',
    subtotalMinor: 2_000,
    shippingMinor: 500,
    taxMinor: 475,
    totalMinor: 2_975,
    attemptId: ATTEMPT,
    attemptState: 'AUTHORIZED',
    attempts: 1,
    placedAt: new Date(AT),
    deadlineAt: null,
    authorizationEndsAt: new Date(AT + 1_000_000),
    lines: LINES,
    history,
    ...changes,
  };
}

export function stockRow(changes: Partial<StockRow> = {}): StockRow {
  return { variantId: VARIANT, onHand: 8, reserved: 0, sold: 2, version: 3, received: 10, shipped: 2, ...changes };
}

export function reservationRow(changes: Partial<ReservationRow> = {}): ReservationRow {
  const units = [{ variantId: VARIANT, quantity: 2 }];
  return { orderId: ORDER, status: 'CONSUMED', lines: units, moved: units, ...changes };
}

export function paymentRow(changes: Partial<PaymentRow> = {}): PaymentRow {
  return {
    id: 'payment-1',
    orderId: ORDER,
    version: 5,
    status: 'PARTIALLY_REFUNDED',
    currency: 'EUR',
    amountMinor: 2_975,
    attemptId: ATTEMPT,
    authorizedMinor: 2_975,
    capturedMinor: 2_975,
    refundRequestedMinor: 100,
    refundedMinor: 100,
    failureCode: null,
    attempts: [{ id: ATTEMPT, status: 'AUTHORIZED', providerId: 'auth-1' }],
    refunds: [{ id: REFUND, status: 'SUCCEEDED', amountMinor: 100 }],
    openCalls: [],
    ...changes,
  };
}

export function chargeRow(changes: Partial<ChargeRow> = {}): ChargeRow {
  return {
    id: 'auth-1',
    reference: ATTEMPT,
    orderId: ORDER,
    status: 'captured',
    currency: 'EUR',
    amountMinor: 2_975,
    capturedMinor: 2_975,
    refundedMinor: 100,
    refunds: [{ id: 'ref-1', reference: REFUND, status: 'succeeded', amountMinor: 100 }],
    ...changes,
  };
}

export function ledgerSum(changes: Partial<LedgerSum> = {}): LedgerSum {
  return {
    orderId: ORDER,
    currency: 'EUR',
    accounts: { holds: 0, holds_contra: 0, provider_clearing: 2_875, sales: -2_975, refunds: 100 },
    unbalanced: [],
    bookings: [
      { kind: 'HOLD', subjectId: ATTEMPT },
      { kind: 'RELEASE', subjectId: ATTEMPT },
      { kind: 'CAPTURE', subjectId: 'payment-1' },
      { kind: 'REFUND', subjectId: REFUND },
    ],
    ...changes,
  };
}

export function sentEvent(type: string, data: object = {}, changes: Partial<SentEvent> = {}): SentEvent {
  return {
    id: `${type} of ${ORDER}`,
    type,
    time: new Date(AT).toISOString(),
    causationId: null,
    data: { orderId: ORDER, ...data },
    ...changes,
  };
}

export const REFUNDED = sentEvent('payment.refunded', { refundId: REFUND });

export function byId<Row>(idOf: (row: Row) => string, ...rows: Row[]): Map<string, Row> {
  return new Map(rows.map((row) => [idOf(row), row]));
}
