// I2: what was taken. The provider's own books against those of payments and the orders' totals.
import { type OrderRow, readOrders } from '../books/orders.ts';
import { type PaymentRow, readPayments } from '../books/payments.ts';
import { type ChargeRow, readCharges } from '../books/provider.ts';
import type { Check, Violation } from '../contract.ts';
import type { Stores } from '../stores.ts';

/** A call is due again at once or, after failures, later: one that was due this long ago is asked by nobody. */
const OVERDUE_SECONDS = 60;
const TAKEN = ['CAPTURED', 'PARTIALLY_REFUNDED', 'REFUNDED'];
/** What the payment of an order in this status may be. SHIPPED: a capture that fails is tried again until the hold ends. */
const BESIDE: Readonly<Record<string, readonly string[]>> = {
  AWAITING_STOCK: ['none'],
  AWAITING_PAYMENT: ['PENDING', 'REQUIRES_ACTION', 'DECLINED', 'none'],
  CONFIRMED: ['AUTHORIZED'],
  SHIPPED: ['AUTHORIZED', ...TAKEN],
  DELIVERED: ['AUTHORIZED', ...TAKEN],
  CANCELLED: ['VOIDED', 'none'],
};
/** At the provider, of an attempt that counts for nothing any more. */
const OVER = new Set(['declined', 'voided']);

export function chargedOnce(stores: Stores): Check {
  return {
    invariant: 'I2',
    claim: 'the provider holds or took each order once, at most its total, and payments and the order say the same',
    counted: 'orders',
    run: async (look) => {
      const orders = await look.at(readOrders, stores);
      const payments = await look.at(readPayments, stores);
      const charges = await look.at(readCharges, stores);
      return { compared: orders.size, violations: judgeCharges(orders, payments, charges) };
    },
  };
}

export function judgeCharges(
  orders: ReadonlyMap<string, OrderRow>,
  payments: ReadonlyMap<string, PaymentRow>,
  charges: ReadonlyMap<string, readonly ChargeRow[]>,
): Violation[] {
  const ids = new Set([...orders.keys(), ...payments.keys(), ...charges.keys()]);
  return [...ids].flatMap((id) => {
    const [order, payment, charged = []] = [orders.get(id), payments.get(id), charges.get(id)];
    return [
      ...judgeProvider(id, order, charged),
      ...(order === undefined ? [] : judgeBeside(order, payment)),
      ...(payment === undefined ? judgeUnknown(id, charged) : judgePayment(payment, charged)),
    ];
  });
}

function judgeProvider(orderId: string, order: OrderRow | undefined, charges: readonly ChargeRow[]): Violation[] {
  const violations: Violation[] = [];
  const say = (field: string, expected: unknown, found: unknown) =>
    violations.push({ where: `order ${orderId} at the provider`, field, expected, found });
  const taken = charges.filter(({ capturedMinor, status }) => capturedMinor > 0 || status === 'captured');
  if (taken.length > 1)
    say(
      'captures',
      'at most 1',
      taken.map(({ id }) => id),
    );
  const standing = charges.filter(({ status }) => status === 'authorized' || status === 'captured');
  if (standing.length > 1 && taken.length < 2)
    say(
      'what is held or captured',
      'at most 1',
      standing.map(({ id }) => id),
    );
  const total = order?.totalMinor ?? 0;
  const captured = sum(charges, ({ capturedMinor }) => capturedMinor);
  const kept = captured - sum(charges, ({ refundedMinor }) => refundedMinor);
  if (kept > total) say('captured - refunded', `at most ${total}, the order's total`, kept);
  if (kept < 0) say('captured - refunded', 'no less than 0', kept);
  for (const { id, refunds, refundedMinor } of charges) {
    const given = sum(
      refunds.filter(({ status }) => status !== 'failed'),
      ({ amountMinor }) => amountMinor,
    );
    if (given !== refundedMinor) say(`${id} refunded`, given, refundedMinor);
  }
  return violations;
}

function judgeBeside({ id, status, currency, totalMinor }: OrderRow, payment: PaymentRow | undefined): Violation[] {
  const where = `order ${id} in payments`;
  const allowed = BESIDE[status] ?? [];
  const found = payment?.status ?? 'none';
  if (!allowed.includes(found)) {
    // What was given up is voided by a call that may still be on its way.
    const isOnItsWay = status === 'CANCELLED' && found === 'AUTHORIZED' && isWaited(payment, 'void');
    if (!isOnItsWay)
      return [
        { where, field: 'payment.status', expected: `${allowed.join(' or ')}, for the order is ${status}`, found },
      ];
  }
  if (payment === undefined) return [];
  const isPaid = payment.currency === currency && payment.amountMinor === totalMinor;
  return isPaid
    ? []
    : [
        {
          where,
          field: 'payment.amount',
          expected: `${totalMinor} ${currency}`,
          found: `${payment.amountMinor} ${payment.currency}`,
        },
      ];
}

function isWaited(payment: PaymentRow | undefined, kind: string): boolean {
  return payment?.openCalls.some((call) => call.kind === kind && call.overdueSeconds < OVERDUE_SECONDS) === true;
}

/** The provider was asked for an order of which payments has no word. */
function judgeUnknown(orderId: string, charges: readonly ChargeRow[]): Violation[] {
  return charges.map(({ id, status }) => ({
    where: `order ${orderId} in payments`,
    field: 'payment',
    expected: `one, for the provider has ${id} (${status})`,
    found: null,
  }));
}

function judgePayment(payment: PaymentRow, charges: readonly ChargeRow[]): Violation[] {
  const violations: Violation[] = [];
  const say = (field: string, expected: unknown, found: unknown, at = 'payments') =>
    violations.push({ where: `order ${payment.orderId} in ${at}`, field, expected, found });
  const captured = sum(charges, ({ capturedMinor }) => capturedMinor);
  const refunded = sum(succeeded(charges), ({ amountMinor }) => amountMinor);
  if (payment.capturedMinor !== captured)
    say('payment.captured_minor', `${captured}, by the provider`, payment.capturedMinor);
  if (payment.refundedMinor !== refunded)
    say('payment.refunded_minor', `${refunded}, by the provider`, payment.refundedMinor);
  if (TAKEN.includes(payment.status) !== (payment.capturedMinor > 0 || wasFree(payment)))
    say('payment.status', payment.capturedMinor > 0 ? TAKEN.join(' or ') : 'one of nothing taken', payment.status);
  for (const call of payment.openCalls) {
    if (call.overdueSeconds >= OVERDUE_SECONDS)
      say(
        `provider_call ${call.kind} of ${call.subjectId}`,
        'to be asked when it is due',
        `due ${Math.round(call.overdueSeconds)} s ago`,
      );
  }
  for (const charge of charges) violations.push(...judgeCharge(payment, charge));
  if (
    payment.status === 'AUTHORIZED' &&
    !charges.some(({ reference, status }) => reference === payment.attemptId && status === 'authorized')
  )
    say(
      'authorization',
      `authorized, for the payment is`,
      charges.find(({ reference }) => reference === payment.attemptId)?.status ?? 'none',
      'the provider',
    );
  return violations;
}

function judgeCharge(payment: PaymentRow, charge: ChargeRow): Violation[] {
  const where = `order ${payment.orderId} at the provider`;
  const attempt = payment.attempts.find(({ id }) => id === charge.reference);
  if (attempt === undefined)
    return [{ where, field: charge.id, expected: 'an attempt of payments', found: charge.reference }];
  if (charge.amountMinor !== payment.amountMinor || charge.currency !== payment.currency)
    return [
      {
        where,
        field: `${charge.id} amount`,
        expected: `${payment.amountMinor} ${payment.currency}`,
        found: `${charge.amountMinor} ${charge.currency}`,
      },
    ];
  const isCounted = attempt.id === payment.attemptId && payment.status !== 'VOIDED' && payment.status !== 'DECLINED';
  if (isCounted || OVER.has(charge.status) || isWaited(payment, 'void') || isWaited(payment, 'authorize')) return [];
  return [
    {
      where,
      field: `${charge.id} status`,
      expected: `declined or voided, for the attempt is ${attempt.status} and the payment ${payment.status}`,
      found: charge.status,
    },
  ];
}

/** An order may come to zero: then there is nothing to take, and it is captured all the same. */
function wasFree(payment: PaymentRow): boolean {
  return payment.amountMinor === 0 && TAKEN.includes(payment.status);
}

function succeeded(charges: readonly ChargeRow[]) {
  return charges.flatMap(({ refunds }) => refunds.filter(({ status }) => status === 'succeeded'));
}

function sum<Item>(items: readonly Item[], amountOf: (item: Item) => number): number {
  return items.reduce((total, item) => total + amountOf(item), 0);
}
