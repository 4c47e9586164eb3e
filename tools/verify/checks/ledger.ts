// I3: the double-entry ledger. A debit is positive, a credit negative.
import {
  type LedgerSum,
  type PaymentRow,
  readGuards,
  readLedger,
  readMisfiled,
  readPayments,
} from '../books/payments.ts';
import type { Check, Violation } from '../contract.ts';
import type { Stores } from '../stores.ts';

const TABLES = ['ledger_transaction', 'ledger_entry'];
const CHANGES = ['UPDATE', 'DELETE', 'TRUNCATE'];

export function ledgerSumsToZero(stores: Stores): Check {
  return {
    invariant: 'I3',
    claim: 'the ledger sums to zero per transaction, per order and over all, and books what payments say',
    counted: 'payments',
    run: async (look) => {
      const ledger = await look.at(readLedger, stores);
      const payments = await look.at(readPayments, stores);
      const misfiled = await readMisfiled(stores);
      const odd = misfiled.map(({ id, orderId, found }) => ({
        where: `order ${orderId} in payments`,
        field: `ledger_transaction ${id}`,
        expected: `entries of order ${orderId}`,
        found,
      }));
      return { compared: payments.size, violations: [...judgeLedger(ledger, payments), ...odd] };
    },
  };
}

export function ledgerIsAppendOnly(stores: Stores): Check {
  return {
    invariant: 'I3',
    claim: 'the ledger is append-only: a trigger refuses every other change',
    counted: 'changes',
    run: async () => {
      const guards = await readGuards(stores);
      const wanted = TABLES.flatMap((table) => CHANGES.map((change) => `${table} ${change}`));
      const open = wanted.filter((change) => !guards.has(change));
      return {
        compared: wanted.length,
        violations: open.map((change) => ({
          where: 'payments',
          field: change,
          expected: 'to be refused by a trigger',
          found: 'no trigger that is enabled',
        })),
      };
    },
  };
}

export function judgeLedger(ledger: readonly LedgerSum[], payments: ReadonlyMap<string, PaymentRow>): Violation[] {
  const violations: Violation[] = [];
  const overall = new Map<string, number>();
  const booked = new Map(ledger.map((sum) => [`${sum.orderId} ${sum.currency}`, sum]));
  for (const { orderId, currency, accounts, unbalanced } of ledger) {
    const where = `order ${orderId} in payments`;
    const total = Object.values(accounts).reduce((sum, amount) => sum + amount, 0);
    overall.set(currency, (overall.get(currency) ?? 0) + total);
    if (total !== 0) violations.push({ where, field: `ledger in ${currency}`, expected: 0, found: total });
    for (const id of unbalanced)
      violations.push({ where, field: `ledger_transaction ${id}`, expected: 'a sum of 0', found: 'another' });
    if (payments.get(orderId)?.currency !== currency)
      violations.push({
        where,
        field: `ledger in ${currency}`,
        expected: `a payment in ${currency}`,
        found: payments.get(orderId)?.currency ?? 'no payment',
      });
  }
  for (const [currency, total] of overall) {
    if (total !== 0)
      violations.push({ where: 'payments', field: `ledger in ${currency}, over all`, expected: 0, found: total });
  }
  for (const payment of payments.values()) {
    violations.push(...judgeBooks(payment, booked.get(`${payment.orderId} ${payment.currency}`)?.accounts ?? {}));
  }
  return violations;
}

/** The accounts as they must stand for what the payment and its attempts say. */
function judgeBooks(payment: PaymentRow, accounts: Readonly<Record<string, number>>): Violation[] {
  const { amountMinor, capturedMinor, refundedMinor, attempts } = payment;
  const isTaken = capturedMinor > 0;
  // A captured attempt stays AUTHORIZED; its hold is undone by the capture.
  const open = attempts.filter(
    ({ id, status }) => status === 'AUTHORIZED' && !(isTaken && id === payment.attemptId),
  ).length;
  const expected: Readonly<Record<string, number>> = {
    holds: open * amountMinor,
    holds_contra: -open * amountMinor,
    provider_clearing: capturedMinor - refundedMinor,
    sales: -capturedMinor,
    refunds: refundedMinor,
  };
  return Object.keys({ ...expected, ...accounts }).flatMap((account) => {
    const [wanted, found] = [expected[account] ?? 0, accounts[account] ?? 0];
    // Zero has a sign here, which means nothing.
    return wanted === found
      ? []
      : [
          {
            where: `order ${payment.orderId} in payments`,
            field: `ledger account ${account}`,
            expected: wanted,
            found,
          },
        ];
  });
}
