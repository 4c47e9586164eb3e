import type { Order } from '@ebuy/tools/demo/shapes.ts';
import { describe, expect, test } from '@jest/globals';
import { broken, contradictions, expectedCharges } from './journal.ts';

const total = { amountMinor: 2_500, currency: 'EUR' };
const told = (...statuses: Order['status'][]) =>
  statuses.map((status, index) => ({ status, at: `2026-11-23T00:00:0${index}.000Z`, reason: null }));
const order = (change: Partial<Order> = {}): Order => ({
  id: 'one',
  version: 2,
  number: '1',
  status: 'AWAITING_PAYMENT',
  placedAt: '2026-11-23T00:00:00.000Z',
  email: null,
  lines: [],
  subtotal: total,
  shippingTotal: total,
  taxTotal: total,
  total,
  payment: null,
  history: told('AWAITING_STOCK', 'AWAITING_PAYMENT'),
  ...change,
});
const placed = order({ version: 1, status: 'AWAITING_STOCK', history: told('AWAITING_STOCK') });
const entry = { placed, seen: order() };

describe('what is read now', () => {
  test('may go on from what was told', () => {
    const confirmed = order({
      version: 3,
      status: 'CONFIRMED',
      history: told('AWAITING_STOCK', 'AWAITING_PAYMENT', 'CONFIRMED'),
    });
    expect(contradictions(entry, order())).toEqual([]);
    expect(contradictions(entry, confirmed)).toEqual([]);
  });

  test.each([
    ['nothing', null, /^I4 .* cannot be read$/],
    ['another order', order({ id: 'other' }), /^I4 .* answered as other$/],
    ['another total', order({ total: { ...total, amountMinor: 2_501 } }), /^I4 .* with 2500 EUR and costs 2501 EUR$/],
    ['an older version', placed, /^I11 .* from version 2 to 1$/],
    ['another past', order({ history: told('AWAITING_STOCK', 'CANCELLED') }), /^I11 .* had the history .* and now has/],
  ])('contradicts with %s', (_, now, expected) => {
    expect(contradictions(entry, now)[0]).toMatch(expected);
  });
});

describe('the provider’s books', () => {
  const chargesAt = (status: Order['status'], refundedMinor?: number) =>
    expectedCharges({ seen: order({ status }), promised: refundedMinor === undefined ? {} : { refundedMinor } });

  test('say what the status says', () => {
    expect(chargesAt('AWAITING_PAYMENT')).toBeNull();
    expect(chargesAt('CONFIRMED')).toEqual({ heldMinor: 2_500, capturedMinor: 0, refundedMinor: 0 });
    expect(chargesAt('CANCELLED')).toEqual({ heldMinor: 0, capturedMinor: 0, refundedMinor: 0 });
    expect(chargesAt('SHIPPED')).toEqual({ heldMinor: 0, capturedMinor: 2_500, refundedMinor: 0 });
    expect(chargesAt('SHIPPED', 834)).toEqual({ heldMinor: 0, capturedMinor: 2_500, refundedMinor: 834 });
  });
});

describe('a promise', () => {
  const brokenAt = (status: Order['status'], promised: object) => broken({ seen: order({ status }), promised });

  test('holds while the order is as far, or further', () => {
    expect(brokenAt('CANCELLED', { cancelled: true })).toEqual([]);
    expect(brokenAt('DELIVERED', { shipped: true, delivered: true })).toEqual([]);
  });

  test.each([
    ['CONFIRMED', { cancelled: true }],
    ['CONFIRMED', { shipped: true }],
    ['SHIPPED', { delivered: true }],
  ] as const)('is broken by %s for %j', (status, promised) => {
    expect(brokenAt(status, promised)).toHaveLength(1);
  });
});
