// I14: what was given back, once in each place that says so.
import { type LedgerSum, type PaymentRow, readLedger, readPayments } from '../books/payments.ts';
import { type ChargeRow, readCharges } from '../books/provider.ts';
import { readTopics, type SentEvent } from '../books/topic-log.ts';
import type { Check, Violation } from '../contract.ts';
import type { Stores } from '../stores.ts';
import { byOrder } from './sent.ts';

export function refundsAreOnce(stores: Stores): Check {
  return {
    invariant: 'I14',
    claim: 'every refund stands once in payments, at the provider, in the ledger and in the payment topic',
    counted: 'refunds',
    run: async (look) => {
      const payments = [...(await look.at(readPayments, stores)).values()];
      const charges = await look.at(readCharges, stores);
      const ledger = Map.groupBy(await look.at(readLedger, stores), ({ orderId }) => orderId);
      const { events } = await look.at(readTopics, stores);
      const told = byOrder(events.get('payment')?.filter(({ type }) => type === 'payment.refunded'));
      const violations = payments.flatMap((payment) => {
        const { orderId } = payment;
        return judgeRefunds(payment, charges.get(orderId) ?? [], ledger.get(orderId) ?? [], told.get(orderId) ?? []);
      });
      return { compared: payments.reduce((sum, { refunds }) => sum + refunds.length, 0), violations };
    },
  };
}

export function judgeRefunds(
  payment: PaymentRow,
  charges: readonly ChargeRow[],
  ledger: readonly LedgerSum[],
  told: readonly SentEvent[],
): Violation[] {
  const { orderId, refunds } = payment;
  const violations: Violation[] = [];
  const say = (field: string, expected: unknown, found: unknown, place = 'payments') =>
    violations.push({ where: `order ${orderId} in ${place}`, field, expected, found });
  const booked = ledger.flatMap(({ bookings }) => bookings.filter(({ kind }) => kind === 'REFUND'));
  const given = charges.flatMap((charge) => charge.refunds);
  for (const { id, status, amountMinor } of refunds) {
    const times = status === 'SUCCEEDED' ? 1 : 0;
    const atProvider = given.filter(({ reference }) => reference === id);
    const done = atProvider.filter((refund) => refund.status === 'succeeded');
    if (done.length !== times)
      say(`refund ${id}`, `${times} times, for it is ${status}`, `${done.length} times`, 'the provider');
    if (done.some((refund) => refund.amountMinor !== amountMinor))
      say(`refund ${id}`, amountMinor, done[0]?.amountMinor, 'the provider');
    const entries = booked.filter(({ subjectId }) => subjectId === id).length;
    if (entries !== times) say(`refund ${id} in the ledger`, `${times} times, for it is ${status}`, `${entries} times`);
    const events = told.filter(({ data }) => data.refundId === id);
    if (events.length !== times)
      say(`refund ${id}`, `${times} times, for it is ${status}`, `${events.length} times`, 'the payment topic');
  }
  const known = new Set(refunds.map(({ id }) => id));
  for (const { reference, id } of given)
    if (!known.has(reference)) say(id, 'a refund of payments', reference, 'the provider');
  for (const { subjectId } of booked)
    if (!known.has(subjectId)) say('refund in the ledger', 'a refund of payments', subjectId);
  const of = (...statuses: string[]) =>
    refunds.filter(({ status }) => statuses.includes(status)).reduce((sum, { amountMinor }) => sum + amountMinor, 0);
  if (payment.refundedMinor !== of('SUCCEEDED')) say('payment.refunded_minor', of('SUCCEEDED'), payment.refundedMinor);
  if (payment.refundRequestedMinor !== of('SUCCEEDED', 'PENDING'))
    say('payment.refund_requested_minor', of('SUCCEEDED', 'PENDING'), payment.refundRequestedMinor);
  return violations;
}
