// I8: a reservation lives as long as its order does.
import { type OrderRow, readOrders, unitsOf } from '../books/orders.ts';
import { type ReservationRow, readReservations } from '../books/stock.ts';
import type { Check, Violation } from '../contract.ts';
import type { Stores } from '../stores.ts';

/** What the reservation of an order in this status may be; `none`: products has not heard of it yet. */
const BESIDE: Readonly<Record<string, readonly string[]>> = {
  AWAITING_STOCK: ['none'],
  AWAITING_PAYMENT: ['MADE'],
  CONFIRMED: ['MADE'],
  SHIPPED: ['CONSUMED'],
  DELIVERED: ['CONSUMED'],
  CANCELLED: ['RELEASED', 'REFUSED', 'CANCELLED_BEFORE'],
};
/** Of these the lines say what was held. */
const HELD = new Set(['MADE', 'CONSUMED', 'RELEASED']);

export function reservationsFollowOrders(stores: Stores): Check {
  return {
    invariant: 'I8',
    claim: 'every reservation stands and ends with its order, for exactly its units',
    counted: 'orders',
    run: async (look) => {
      const orders = await look.at(readOrders, stores);
      const reservations = await look.at(readReservations, stores);
      return { compared: orders.size, violations: judgeReservations(orders, reservations) };
    },
  };
}

export function judgeReservations(
  orders: ReadonlyMap<string, OrderRow>,
  reservations: ReadonlyMap<string, ReservationRow>,
): Violation[] {
  const violations: Violation[] = [];
  for (const order of orders.values()) violations.push(...judgeOne(order, reservations.get(order.id)));
  for (const { orderId, status } of reservations.values()) {
    if (!orders.has(orderId))
      violations.push({
        where: `reservation ${orderId} in products`,
        field: 'order',
        expected: 'an order',
        found: `none, and it is ${status}`,
      });
  }
  return violations;
}

function judgeOne(order: OrderRow, reservation: ReservationRow | undefined): Violation[] {
  const where = `order ${order.id} in products`;
  const found = reservation?.status ?? 'none';
  const allowed = BESIDE[order.status] ?? [];
  if (!allowed.includes(found)) {
    return [
      {
        where,
        field: 'reservation.status',
        expected: `${allowed.join(' or ')}, for the order is ${order.status}`,
        found,
      },
    ];
  }
  if (!agreesWithRefusal(order, found)) {
    const reason = order.history.at(-1)?.reason ?? 'no reason';
    return [{ where, field: 'reservation.status', expected: `what led to ${order.status} (${reason})`, found }];
  }
  if (reservation === undefined || !HELD.has(found)) return [];
  return [
    ...sameUnits(where, 'reservation_line', unitsOf(order.lines), unitsOf(reservation.lines)),
    ...sameUnits(
      where,
      'stock_movement',
      found === 'CONSUMED' ? unitsOf(order.lines) : new Map(),
      unitsOf(reservation.moved),
    ),
  ];
}

/** Refused stock ends an order, unless a cancellation crossed the refusal: then the order never had its stock either. */
function agreesWithRefusal({ history }: OrderRow, found: string): boolean {
  if (history.at(-1)?.reason === 'OUT_OF_STOCK') return found === 'REFUSED';
  return found !== 'REFUSED' || !history.some(({ status }) => status === 'AWAITING_PAYMENT');
}

function sameUnits(
  where: string,
  what: string,
  expected: ReadonlyMap<string, number>,
  found: ReadonlyMap<string, number>,
): Violation[] {
  return [...new Set([...expected.keys(), ...found.keys()])].flatMap((variantId) => {
    const [wanted, units] = [expected.get(variantId) ?? 0, found.get(variantId) ?? 0];
    return wanted === units
      ? []
      : [{ where, field: `${what} of variant ${variantId}`, expected: wanted, found: units }];
  });
}
