// I1: no unit is sold twice, and none gets lost.
import { type OrderRow, readOrders, unitsOf } from '../books/orders.ts';
import { type ReservationRow, readReservations, readStock, type StockRow } from '../books/stock.ts';
import type { Check, Violation } from '../contract.ts';
import type { Stores } from '../stores.ts';

/** In these an order holds units, or has taken them. */
const HOLDS_UNITS = new Set(['AWAITING_PAYMENT', 'CONFIRMED', 'SHIPPED', 'DELIVERED']);

export function unitsAreCounted(stores: Stores): Check {
  return {
    invariant: 'I1',
    claim:
      'every unit is accounted for: received, reserved, shipped, or on the shelf; live orders hold no more than was received',
    counted: 'variants',
    run: async (look) => {
      const stock = await look.at(readStock, stores);
      const reservations = await look.at(readReservations, stores);
      const orders = await look.at(readOrders, stores);
      return { compared: stock.size, violations: judgeUnits(stock, reservations.values(), orders.values()) };
    },
  };
}

export function judgeUnits(
  stock: ReadonlyMap<string, StockRow>,
  reservations: Iterable<ReservationRow>,
  orders: Iterable<OrderRow>,
): Violation[] {
  const reserved = new Map<string, number>();
  const consumed = new Map<string, number>();
  for (const { status, lines } of reservations) {
    if (status === 'MADE') addUnits(reserved, lines);
    if (status === 'CONSUMED') addUnits(consumed, lines);
  }
  const live = new Map<string, number>();
  for (const { status, lines } of orders) if (HOLDS_UNITS.has(status)) addUnits(live, lines);

  const violations: Violation[] = [];
  for (const row of stock.values()) {
    const id = row.variantId;
    const where = `variant ${id} in products`;
    const say = (field: string, expected: unknown, found: unknown) =>
      violations.push({ where, field, expected, found });
    if (row.onHand < 0) say('stock.on_hand', 'no less than 0', row.onHand);
    if (row.reserved < 0) say('stock.reserved', 'no less than 0', row.reserved);
    if (row.onHand < row.reserved) say('stock.on_hand - reserved', 'no less than 0', row.onHand - row.reserved);
    const made = reserved.get(id) ?? 0;
    if (row.reserved !== made) say('stock.reserved', `${made}, by reservations that are MADE`, row.reserved);
    const left = consumed.get(id) ?? 0;
    if (row.sold !== left) say('stock.sold', `${left}, by reservations that are CONSUMED`, row.sold);
    if (row.shipped !== left)
      say('stock_movement of orders', `${left}, by reservations that are CONSUMED`, row.shipped);
    const shelf = row.received - row.shipped;
    if (row.onHand !== shelf) say('stock.on_hand', `${shelf}, by its movements`, row.onHand);
    const ordered = live.get(id) ?? 0;
    if (ordered > row.received) say('units in live orders', `at most ${row.received}, which were received`, ordered);
  }
  for (const [id, units] of [...reserved, ...live]) {
    if (!stock.has(id))
      violations.push({
        where: `variant ${id} in products`,
        field: 'stock',
        expected: `a row, for ${units} units are held`,
        found: null,
      });
  }
  return violations;
}

function addUnits(sums: Map<string, number>, lines: Parameters<typeof unitsOf>[0]): void {
  for (const [id, units] of unitsOf(lines)) sums.set(id, (sums.get(id) ?? 0) + units);
}
