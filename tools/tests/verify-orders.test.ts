import { describe, expect, test } from '@jest/globals';
import type { OrderRow } from '../verify/books/orders.ts';
import type { StockRow } from '../verify/books/stock.ts';
import { judgeKeys, judgeNamed } from '../verify/checks/acknowledged.ts';
import { judgeHistory } from '../verify/checks/histories.ts';
import { judgeReservations } from '../verify/checks/reservations.ts';
import { judgeUnits } from '../verify/checks/units.ts';
import { byId, historyOf, ORDER, orderRow, reservationRow, type Step, stockRow, VARIANT } from './verify-rows.ts';

type Case = { readonly what?: string; readonly entries: readonly Step[] };

const placed = orderRow().placedAt.getTime();

describe('I1, units', () => {
  const judged = (stock: Partial<StockRow>, status = 'CONSUMED', order: Partial<OrderRow> = {}) =>
    judgeUnits(
      byId(({ variantId }) => variantId, stockRow(stock)),
      [reservationRow({ status })],
      [orderRow(order)],
    ).map(({ field }) => field);

  test('a sound variant', () => {
    expect(judged({})).toEqual([]);
    expect(judged({ onHand: 10, reserved: 2, sold: 0, shipped: 0 }, 'MADE')).toEqual([]);
  });

  test.each<[string, Partial<StockRow>, string]>([
    ['on hand below zero', { onHand: -1 }, 'stock.on_hand'],
    ['reserved below zero', { reserved: -1 }, 'stock.reserved'],
    ['more reserved than there is', { reserved: 9 }, 'stock.on_hand - reserved'],
    ['reserved for nobody', { reserved: 1 }, 'stock.reserved'],
    ['sold to nobody', { sold: 3 }, 'stock.sold'],
    ['left for nobody', { shipped: 3 }, 'stock_movement of orders'],
    ['on hand from nowhere', { onHand: 9 }, 'stock.on_hand'],
    ['more ordered than came', { received: 1, onHand: -1 }, 'units in live orders'],
  ])('%s', (_, stock, field) => {
    expect(judged(stock)).toContain(field);
  });

  test('a variant that has no stock at all', () => {
    expect(judgeUnits(new Map(), [], [orderRow()])).toMatchObject([{ where: `variant ${VARIANT} in products` }]);
  });

  test('a cancelled order holds nothing', () => {
    const history = historyOf('AWAITING_STOCK', ['CANCELLED', 'OUT_OF_STOCK']);
    expect(judged({ received: 0, onHand: 0, sold: 0, shipped: 0 }, 'RELEASED', { history })).toEqual([]);
  });
});

describe('I5, histories', () => {
  const judged = (order: Partial<OrderRow>, now = placed) =>
    judgeHistory(orderRow(order), now).map(({ field }) => field);
  const deadlineAt = new Date(placed + 1_000);

  const allowed: Case[] = [
    { entries: ['AWAITING_STOCK', 'AWAITING_PAYMENT', 'CONFIRMED', 'SHIPPED', 'DELIVERED'] },
    { entries: ['AWAITING_STOCK', ['CANCELLED', 'OUT_OF_STOCK']] },
    {
      entries: [
        'AWAITING_STOCK',
        'AWAITING_PAYMENT',
        ['AWAITING_PAYMENT', 'PAYMENT_DECLINED'],
        ['AWAITING_PAYMENT', 'PAYMENT_RETRIED'],
        'CONFIRMED',
        ['CANCELLED', 'REQUESTED_BY_STAFF'],
      ],
    },
  ];
  test.each(allowed)('$entries is allowed', ({ entries }) => {
    expect(judged({ history: historyOf(...entries) })).toEqual([]);
  });

  const refused: Case[] = [
    { what: 'a beginning in the middle', entries: ['AWAITING_PAYMENT', 'CONFIRMED'] },
    { what: 'a jump', entries: ['AWAITING_STOCK', 'CONFIRMED'] },
    { what: 'a step back', entries: ['AWAITING_STOCK', 'AWAITING_PAYMENT', 'CONFIRMED', 'AWAITING_PAYMENT'] },
    { what: 'two ends', entries: ['AWAITING_STOCK', ['CANCELLED', 'OUT_OF_STOCK'], ['CANCELLED', 'OUT_OF_STOCK']] },
    {
      what: 'a shipped order that is cancelled',
      entries: ['AWAITING_STOCK', 'AWAITING_PAYMENT', 'CONFIRMED', 'SHIPPED', ['CANCELLED', 'REQUESTED_BY_STAFF']],
    },
    { what: 'a reason of another step', entries: ['AWAITING_STOCK', ['CANCELLED', 'PAYMENT_NOT_COMPLETED']] },
    { what: 'no reason', entries: ['AWAITING_STOCK', 'CANCELLED'] },
  ];
  test.each(refused)('$what is not', ({ entries }) => {
    const history = historyOf(...entries);
    const waiting = history.at(-1)?.status.startsWith('AWAITING') === true;
    expect(judged({ history, ...(waiting ? { deadlineAt } : {}) })).toContainEqual(expect.stringMatching(/^history/));
  });

  test('a version that is missing, a time that runs back, a status that the history does not know', () => {
    const history = historyOf('AWAITING_STOCK', 'AWAITING_PAYMENT', 'CONFIRMED');
    expect(
      judged({ history: history.map((one) => (one.version === 3 ? { ...one, version: 4 } : one)), version: 4 }),
    ).toEqual(['history 4']);
    expect(judged({ history: history.map((one) => (one.version === 3 ? { ...one, at: 0 } : one)) })).toEqual([
      'history 3',
    ]);
    expect(judged({ history, status: 'SHIPPED', version: 4 })).toEqual(['status', 'version']);
  });

  test('who waits has a deadline, and it is kept', () => {
    const history = historyOf('AWAITING_STOCK', 'AWAITING_PAYMENT');
    expect(judged({ history })).toEqual(['deadline_at']);
    expect(judged({ history, deadlineAt })).toEqual([]);
    expect(judged({ history, deadlineAt }, placed + 62_000)).toEqual(['deadline_at']);
    expect(
      judged({ history: historyOf('AWAITING_STOCK', 'AWAITING_PAYMENT', 'CONFIRMED'), authorizationEndsAt: null }),
    ).toEqual(['authorization_ends_at']);
  });
});

describe('I8, reservations', () => {
  const judged = (order: Partial<OrderRow>, ...reservations: Parameters<typeof reservationRow>[0][]) =>
    judgeReservations(
      byId(({ id }) => id, orderRow(order)),
      byId(({ orderId }) => orderId, ...reservations.map(reservationRow)),
    ).map(({ field }) => field);
  const cancelled = (reason: string) => ({ history: historyOf('AWAITING_STOCK', ['CANCELLED', reason] as const) });

  test.each<[string, Partial<OrderRow>, Parameters<typeof reservationRow>[0][]]>([
    ['shipped', {}, [{}]],
    [
      'confirmed',
      { history: historyOf('AWAITING_STOCK', 'AWAITING_PAYMENT', 'CONFIRMED') },
      [{ status: 'MADE', moved: [] }],
    ],
    ['cancelled', cancelled('REQUESTED_BY_SHOPPER'), [{ status: 'RELEASED', moved: [] }]],
    ['cancelled first', cancelled('STOCK_NOT_CONFIRMED'), [{ status: 'CANCELLED_BEFORE', lines: [], moved: [] }]],
    ['refused', cancelled('OUT_OF_STOCK'), [{ status: 'REFUSED', lines: [], moved: [] }]],
    [
      'cancelled while it was refused',
      cancelled('REQUESTED_BY_SHOPPER'),
      [{ status: 'REFUSED', lines: [], moved: [] }],
    ],
    ['not heard of yet', { history: historyOf('AWAITING_STOCK') }, []],
  ])('%s', (_, order, reservations) => {
    expect(judged(order, ...reservations)).toEqual([]);
  });

  test.each<[string, Partial<OrderRow>, Parameters<typeof reservationRow>[0][], string]>([
    ['a release that was dropped', cancelled('REQUESTED_BY_SHOPPER'), [{ status: 'MADE' }], 'reservation.status'],
    ['shipped and not consumed', {}, [{ status: 'MADE' }], 'reservation.status'],
    [
      'confirmed without one',
      { history: historyOf('AWAITING_STOCK', 'AWAITING_PAYMENT', 'CONFIRMED') },
      [],
      'reservation.status',
    ],
    [
      'refused, and cancelled for want of a payment',
      { history: historyOf('AWAITING_STOCK', 'AWAITING_PAYMENT', ['CANCELLED', 'PAYMENT_NOT_COMPLETED']) },
      [{ status: 'REFUSED' }],
      'reservation.status',
    ],
    ['released, and called out of stock', cancelled('OUT_OF_STOCK'), [{ status: 'RELEASED' }], 'reservation.status'],
    [
      'of other units',
      {},
      [{ lines: [{ variantId: VARIANT, quantity: 3 }] }],
      `reservation_line of variant ${VARIANT}`,
    ],
    ['of units that never left', {}, [{ moved: [] }], `stock_movement of variant ${VARIANT}`],
    ['of no order', {}, [{}, { orderId: 'another' }], 'order'],
  ])('%s', (_, order, reservations, field) => {
    expect(judged(order, ...reservations)).toEqual([field]);
  });
});

describe('I4, what was acknowledged', () => {
  const orders = byId(({ id }) => id, orderRow(), orderRow({ id: 'empty', lines: [] }));

  test('is there, whole; else every witness is named', () => {
    const named = [
      { by: 'a payment', ids: [ORDER, 'lost'] },
      { by: 'the provider', ids: ['lost', 'empty'] },
    ];
    expect(judgeNamed(orders, named)).toMatchObject({
      compared: 3,
      violations: [
        { where: 'order lost in orders', expected: expect.stringContaining('a payment, the provider') },
        { where: 'order empty in orders', field: 'lines' },
      ],
    });
  });
});

describe('I6, keys', () => {
  const answer = { principal: 'cart:cart-1', operation: 'placeOrder', key: 'key-1', orderId: ORDER };
  const judged = (answers: Parameters<typeof judgeKeys>[1], order: Partial<OrderRow> = {}, now = placed) =>
    judgeKeys([orderRow(order)], answers, now).map(({ field }) => field);

  test('one each', () => {
    expect(judged([answer])).toEqual([]);
    expect(judged([{ ...answer, principal: 'user:1' }], { userId: '1' })).toEqual([]);
    expect(judged([{ ...answer, principal: 'client:1' }], { clientId: '1' })).toEqual([]);
  });

  test('two, none, another principal, no order', () => {
    expect(judged([answer, { ...answer, key: 'key-2' }])).toEqual(['idempotency keys']);
    expect(judged([])).toEqual(['idempotency keys']);
    expect(judged([{ ...answer, principal: 'user:2' }])).toEqual(['principal of its key']);
    expect(judged([answer, { ...answer, orderId: null }])).toEqual(['answer']);
  });

  test('keys are not kept for ever', () => {
    expect(judged([], {}, placed + 48 * 3_600_000)).toEqual([]);
  });
});
