import { describe, expect, test } from '@jest/globals';
import type { PaymentRow } from '../verify/books/payments.ts';
import type { ChargeRow } from '../verify/books/provider.ts';
import { judgeCharges } from '../verify/checks/charges.ts';
import { judgeLedger } from '../verify/checks/ledger.ts';
import { judgeRefunds } from '../verify/checks/refunds.ts';
import { judgeTotal } from '../verify/checks/totals.ts';
import { byId, chargeRow, historyOf, ledgerSum, ORDER, orderRow, paymentRow, REFUNDED } from './verify-rows.ts';

const orders = byId(({ id }) => id, orderRow());

describe('I2, what was charged', () => {
  const judged = (payment: PaymentRow, ...charges: ChargeRow[]) =>
    judgeCharges(
      orders,
      byId(({ orderId }) => orderId, payment),
      new Map([[ORDER, charges]]),
    ).map(({ where, field }) => `${where}: ${field}`);

  test('a sound order has nothing against it', () => {
    expect(judged(paymentRow(), chargeRow())).toEqual([]);
  });

  test.each<[string, Partial<PaymentRow>, Partial<ChargeRow>[], string]>([
    ['captured twice', {}, [{}, { id: 'auth-2', refundedMinor: 0, refunds: [] }], 'at the provider: captures'],
    [
      'held beside what was captured',
      {},
      [{}, { id: 'auth-2', status: 'authorized', capturedMinor: 0, refundedMinor: 0, refunds: [] }],
      'at the provider: what is held or captured',
    ],
    ['captured at more than the total', {}, [{ capturedMinor: 4_000 }], 'at the provider: captured - refunded'],
    ['refunded at more than was taken', {}, [{ refundedMinor: 3_000 }], 'at the provider: captured - refunded'],
    ['not known to be captured', { capturedMinor: 0 }, [{}], 'in payments: payment.captured_minor'],
    ['not known to be refunded', { refundedMinor: 0 }, [{}], 'in payments: payment.refunded_minor'],
    ['of another amount', { amountMinor: 3_000 }, [{}], 'in payments: payment.amount'],
    ['of another currency', { currency: 'USD' }, [{}], 'in payments: payment.amount'],
    [
      'unknown to the provider',
      { status: 'AUTHORIZED', capturedMinor: 0, refundedMinor: 0 },
      [],
      'the provider: authorization',
    ],
    [
      'voided though shipped',
      { status: 'VOIDED', capturedMinor: 0, refundedMinor: 0 },
      [],
      'in payments: payment.status',
    ],
    [
      'an attempt of nobody',
      {},
      [{}, { id: 'auth-2', reference: 'other', status: 'declined', capturedMinor: 0, refundedMinor: 0, refunds: [] }],
      'at the provider: auth-2',
    ],
  ])('%s', (_, payment, charges, seen) => {
    expect(judged(paymentRow(payment), ...charges.map(chargeRow))).toContainEqual(expect.stringContaining(seen));
  });

  test('a call that nobody makes', () => {
    const openCalls = [{ kind: 'refund', subjectId: 'refund-2', overdueSeconds: 61 }];
    expect(judged(paymentRow({ openCalls }), chargeRow())).toEqual([expect.stringContaining('provider_call refund')]);
    expect(judged(paymentRow({ openCalls: [{ ...openCalls[0]!, overdueSeconds: 5 }] }), chargeRow())).toEqual([]);
  });

  test('a charge of which payments has no word', () => {
    const found = judgeCharges(orders, new Map(), new Map([[ORDER, [chargeRow()]]]));
    expect(found.map(({ field }) => field)).toEqual(['payment.status', 'payment']);
  });

  test('a cancelled order is voided, or about to be', () => {
    const history = historyOf('AWAITING_STOCK', 'AWAITING_PAYMENT', 'CONFIRMED', ['CANCELLED', 'REQUESTED_BY_SHOPPER']);
    const held = { status: 'authorized', capturedMinor: 0, refundedMinor: 0, refunds: [] };
    const judgedSo = (changes: Partial<PaymentRow>) =>
      judgeCharges(
        byId(({ id }) => id, orderRow({ history })),
        byId(
          ({ orderId }) => orderId,
          paymentRow({ status: 'AUTHORIZED', capturedMinor: 0, refundedMinor: 0, refunds: [], ...changes }),
        ),
        new Map([[ORDER, [chargeRow(held)]]]),
      );
    expect(judgedSo({})).toMatchObject([{ field: 'payment.status', found: 'AUTHORIZED' }]);
    expect(judgedSo({ openCalls: [{ kind: 'void', subjectId: 'attempt-1', overdueSeconds: 1 }] })).toEqual([]);
  });
});

describe('I3, the ledger', () => {
  const judged = (payment: PaymentRow, ...sums: Parameters<typeof ledgerSum>[0][]) =>
    judgeLedger(
      sums.map(ledgerSum),
      byId(({ orderId }) => orderId, payment),
    ).map(({ where, field }) => `${where}: ${field}`);

  test('a sound one', () => {
    expect(judged(paymentRow(), {})).toEqual([]);
  });

  test('an order that does not sum to zero is seen in the whole, too', () => {
    const accounts = { ...ledgerSum().accounts, sales: -2_974 };
    expect(judged(paymentRow(), { accounts })).toEqual([
      `order ${ORDER} in payments: ledger in EUR`,
      'payments: ledger in EUR, over all',
      `order ${ORDER} in payments: ledger account sales`,
    ]);
  });

  test('what sums to zero and is not what happened', () => {
    const accounts = { ...ledgerSum().accounts, refunds: 200, provider_clearing: 2_775 };
    expect(judged(paymentRow(), { accounts })).toEqual([
      `order ${ORDER} in payments: ledger account provider_clearing`,
      `order ${ORDER} in payments: ledger account refunds`,
    ]);
  });

  test('a hold that stands', () => {
    const held = paymentRow({ status: 'AUTHORIZED', capturedMinor: 0, refundedMinor: 0, refunds: [] });
    expect(judged(held, { accounts: { holds: 2_975, holds_contra: -2_975 } })).toEqual([]);
    expect(judged(held)).toEqual([expect.stringContaining('account holds'), expect.stringContaining('holds_contra')]);
  });

  test('a transaction, a currency and an order that do not fit', () => {
    expect(judged(paymentRow(), { unbalanced: ['transaction-1'] })).toEqual([expect.stringContaining('transaction-1')]);
    expect(judged(paymentRow(), {}, { currency: 'USD', accounts: {} })).toEqual([
      expect.stringContaining('ledger in USD'),
    ]);
    expect(judged(paymentRow(), {}, { orderId: 'another', accounts: {} })).toEqual([
      expect.stringContaining('order another'),
    ]);
  });
});

describe('I13, what an order comes to', () => {
  const judged = (changes: Parameters<typeof orderRow>[0]) => judgeTotal(orderRow(changes)).map(({ field }) => field);

  test('a sound one, and one that costs nothing', () => {
    expect(judged({})).toEqual([]);
    const lines = [{ ...orderRow().lines[0]!, unitPriceMinor: 0, taxMinor: 0 }];
    expect(judged({ lines, subtotalMinor: 0, shippingMinor: 0, taxMinor: 0, totalMinor: 0 })).toEqual([]);
  });

  test.each([
    ['a line that was changed', { subtotalMinor: 2_001, totalMinor: 2_976 }, ['subtotal_minor', 'total_minor']],
    ['a total', { totalMinor: 2_974 }, ['total_minor']],
    ['a tax on nothing', { shippingMinor: 0, totalMinor: 2_475 }, ['tax_minor']],
    ['a tax of two rates', { taxMinor: 490, totalMinor: 2_990 }, ['tax_minor']],
  ])('%s', (_, changes, fields) => {
    expect(judged(changes)).toEqual(fields);
  });
});

describe('I14, what was given back', () => {
  const judged = (
    changes: Partial<Parameters<typeof judgeRefunds>[0]>,
    told = [REFUNDED],
    charge: Partial<ChargeRow> = {},
    sum = {},
  ) =>
    judgeRefunds(paymentRow(changes), [chargeRow(charge)], [ledgerSum(sum)], told).map(
      ({ where, field }) => `${where}: ${field}`,
    );

  test('a sound refund', () => {
    expect(judged({})).toEqual([]);
  });

  test('each place where it is missing, or twice', () => {
    const [refund] = chargeRow().refunds;
    expect(judged({}, [])).toEqual([expect.stringContaining('in the payment topic: refund')]);
    expect(judged({}, [REFUNDED, { ...REFUNDED, id: 'another' }])).toHaveLength(1);
    expect(judged({}, [REFUNDED], { refunds: [] })).toEqual([expect.stringContaining('in the provider: refund')]);
    expect(judged({}, [REFUNDED], { refunds: [refund!, { ...refund!, reference: 'another' }] })).toEqual([
      expect.stringContaining('in the provider: ref-1'),
    ]);
    expect(judged({}, [REFUNDED], {}, { bookings: [] })).toEqual([expect.stringContaining('in the ledger')]);
    expect(judged({ refundedMinor: 50 })).toEqual([expect.stringContaining('payment.refunded_minor')]);
  });
});
