// I13: what was confirmed adds up, and is what was charged.
import { type OrderRow, readOrders } from '../books/orders.ts';
import { readTopics, type SentEvent } from '../books/topic-log.ts';
import type { Check, Violation } from '../contract.ts';
import type { Stores } from '../stores.ts';
import { byOrder } from './sent.ts';

/** Events that say what the order comes to, and where in them. */
const PRICED: Readonly<Record<string, string>> = {
  'order.placed': 'total',
  'order.paymentRequested': 'amount',
  'order.confirmed': 'total',
  'payment.authorized': 'amount',
  'payment.captured': 'amount',
};

export function totalsAddUp(stores: Stores): Check {
  return {
    invariant: 'I13',
    claim: 'every total is its lines, shipping and tax, and the same in every event up to the charge',
    counted: 'orders',
    run: async (look) => {
      const orders = await look.at(readOrders, stores);
      const { events } = await look.at(readTopics, stores);
      const told = byOrder([...(events.get('order') ?? []), ...(events.get('payment') ?? [])]);
      const violations = [...orders.values()].flatMap((order) => [
        ...judgeTotal(order),
        ...judgeSaid(order, told.get(order.id) ?? []),
      ]);
      return { compared: orders.size, violations };
    },
  };
}

export function judgeTotal(order: OrderRow): Violation[] {
  const where = `order ${order.id} in orders`;
  const violations: Violation[] = [];
  const { lines, subtotalMinor, shippingMinor, taxMinor, totalMinor } = order;
  const net = lines.reduce((sum, { quantity, unitPriceMinor }) => sum + quantity * unitPriceMinor, 0);
  if (net !== subtotalMinor)
    violations.push({ where, field: 'subtotal_minor', expected: `${net}, by its lines`, found: subtotalMinor });
  const total = net + shippingMinor + taxMinor;
  if (total !== totalMinor)
    violations.push({
      where,
      field: 'total_minor',
      expected: `${total}, by lines, shipping and tax`,
      found: totalMinor,
    });
  const shippingTax = taxMinor - lines.reduce((sum, line) => sum + line.taxMinor, 0);
  const taxed = [
    ...lines.map(({ quantity, unitPriceMinor, taxMinor: tax }) => ({ net: quantity * unitPriceMinor, tax })),
    { net: shippingMinor, tax: shippingTax },
  ];
  if (!haveOneRate(taxed))
    violations.push({
      where,
      field: 'tax_minor',
      expected: 'one rate for lines and shipping, each rounded',
      found: taxed,
    });
  return violations;
}

/** Whether there is a rate at which each tax is its net amount's, rounded to the nearest minor unit. */
function haveOneRate(taxed: readonly { readonly net: number; readonly tax: number }[]): boolean {
  if (taxed.some(({ net, tax }) => tax < 0 || (net === 0 && tax !== 0))) return false;
  const rated = taxed.filter(({ net }) => net > 0);
  const lowest = Math.max(0, ...rated.map(({ net, tax }) => (tax - 0.5) / net));
  const highest = Math.min(...rated.map(({ net, tax }) => (tax + 0.5) / net));
  // A hair of room for what floating point rounds.
  return lowest <= highest * (1 + 1e-12);
}

function judgeSaid({ id, totalMinor, currency }: OrderRow, events: readonly SentEvent[]): Violation[] {
  return events.flatMap(({ id: eventId, type, data }) => {
    const field = PRICED[type];
    if (field === undefined) return [];
    const said = data[field] as { amountMinor?: number; currency?: string } | undefined;
    if (said?.amountMinor === totalMinor && said.currency === currency) return [];
    return [
      { where: `order ${id} in ${type} ${eventId}`, field, expected: `${totalMinor} ${currency}`, found: said ?? null },
    ];
  });
}
