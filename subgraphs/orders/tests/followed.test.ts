/** Has everybody followed what was said of an order? The whole table, once for products and once for payments. */
import { describe, expect, test } from '@jest/globals';
import { hasPaymentsFollowed, hasProductsFollowed, type PaymentOfOrder, type Verdict } from '../src/domain/followed.ts';
import type { Attempt, OrderStatus } from '../src/domain/order.ts';

const order = (status: OrderStatus, attempt: Attempt | null = { id: 'a1', state: 'REQUESTED' }) => ({
  id: 'o1',
  status,
  attempt,
});
const payment = (status: PaymentOfOrder['status'], more: Partial<PaymentOfOrder> = {}): PaymentOfOrder => ({
  orderId: 'o1',
  status,
  attemptId: 'a1',
  cancelled: false,
  captureRequested: false,
  taken: false,
  ...more,
});
const word = (verdict: Verdict) =>
  verdict.kind === 'behind' ? verdict.type : verdict.kind === 'contradicts' ? verdict.what : verdict.kind;

describe('products', () => {
  const units = 'units_not_held';
  test.each([
    ['AWAITING_STOCK', ['order.placed', 'followed', 'followed', 'followed', 'followed', 'followed']],
    ['AWAITING_PAYMENT', [units, 'followed', units, units, units, units]],
    ['CONFIRMED', [units, 'followed', units, units, units, units]],
    [
      'SHIPPED',
      [
        'shipped_without_units',
        'order.shipped',
        'shipped_without_units',
        'followed',
        'shipped_without_units',
        'shipped_without_units',
      ],
    ],
    [
      'DELIVERED',
      [
        'shipped_without_units',
        'order.shipped',
        'shipped_without_units',
        'followed',
        'shipped_without_units',
        'shipped_without_units',
      ],
    ],
    [
      'CANCELLED',
      ['order.cancelled', 'order.cancelled', 'followed', 'units_left_for_cancelled_order', 'followed', 'followed'],
    ],
  ] as const)('%s', (status, expected) => {
    const reservations = [null, 'MADE', 'REFUSED', 'CONSUMED', 'RELEASED', 'CANCELLED_BEFORE'] as const;
    expect(reservations.map((reservation) => word(hasProductsFollowed(order(status), reservation)))).toEqual(expected);
  });
});

describe('payments', () => {
  test('a request that was not heard of, or an older attempt', () => {
    expect(word(hasPaymentsFollowed(order('AWAITING_STOCK', null), null))).toBe('followed');
    expect(word(hasPaymentsFollowed(order('AWAITING_PAYMENT'), null))).toBe('order.paymentRequested');
    const older = payment('DECLINED', { attemptId: 'a0' });
    expect(word(hasPaymentsFollowed(order('AWAITING_PAYMENT'), older))).toBe('order.paymentRequested');
    expect(word(hasPaymentsFollowed(order('AWAITING_PAYMENT'), payment('PENDING')))).toBe('followed');
    const declined = order('AWAITING_PAYMENT', { id: 'a1', state: 'DECLINED' });
    expect(word(hasPaymentsFollowed(declined, older))).toBe('followed');
  });

  test('a confirmed order has its money held', () => {
    expect(word(hasPaymentsFollowed(order('CONFIRMED'), payment('AUTHORIZED')))).toBe('followed');
    for (const other of [null, payment('VOIDED'), payment('CAPTURED'), payment('AUTHORIZED', { cancelled: true })])
      expect(word(hasPaymentsFollowed(order('CONFIRMED'), other))).toBe('payment_not_held');
  });

  test.each(['SHIPPED', 'DELIVERED'] as const)('a %s order is being paid', (status) => {
    const taken = payment('CAPTURED', { captureRequested: true, taken: true });
    expect(word(hasPaymentsFollowed(order(status), taken))).toBe('followed');
    expect(word(hasPaymentsFollowed(order(status), payment('AUTHORIZED', { captureRequested: true })))).toBe(
      'followed',
    );
    expect(word(hasPaymentsFollowed(order(status), payment('AUTHORIZED')))).toBe('order.shipped');
    for (const other of [null, payment('VOIDED'), payment('AUTHORIZED', { cancelled: true })])
      expect(word(hasPaymentsFollowed(order(status), other))).toBe('shipped_unpaid');
  });

  test('a cancelled order holds and keeps nothing', () => {
    expect(word(hasPaymentsFollowed(order('CANCELLED', null), null))).toBe('followed');
    expect(word(hasPaymentsFollowed(order('CANCELLED'), null))).toBe('order.cancelled');
    expect(word(hasPaymentsFollowed(order('CANCELLED'), payment('AUTHORIZED')))).toBe('order.cancelled');
    expect(word(hasPaymentsFollowed(order('CANCELLED'), payment('AUTHORIZED', { cancelled: true })))).toBe('followed');
    expect(word(hasPaymentsFollowed(order('CANCELLED'), payment(null, { cancelled: true })))).toBe('followed');
    expect(word(hasPaymentsFollowed(order('CANCELLED'), payment('CAPTURED', { taken: true })))).toBe(
      'cancelled_but_taken',
    );
    const returned = payment('REFUNDED', { cancelled: true });
    expect(word(hasPaymentsFollowed(order('CANCELLED'), returned))).toBe('followed');
  });
});
