// I9: what is true was told. Every event that the state of an order, a reservation or a payment demands is in its topic, and no other.
import { type OrderRow, readOrders } from '../books/orders.ts';
import { type PaymentRow, readPayments } from '../books/payments.ts';
import { type ReservationRow, readReservations } from '../books/stock.ts';
import { readTopics, type SentEvent } from '../books/topic-log.ts';
import type { Check, Violation } from '../contract.ts';
import type { Stores } from '../stores.ts';

const DAY_MS = 86_400_000;
/** Saga topics keep 30 days: of what is older, not everything is there any more. */
const KEPT_MS = 29 * DAY_MS;

const OF_STATUS: Readonly<Record<string, string>> = {
  AWAITING_STOCK: 'order.placed',
  AWAITING_PAYMENT: 'order.paymentRequested',
  CONFIRMED: 'order.confirmed',
  SHIPPED: 'order.shipped',
  DELIVERED: 'order.delivered',
  CANCELLED: 'order.cancelled',
};
const OF_RESERVATION: Readonly<Record<string, readonly string[]>> = {
  MADE: ['reservation.made'],
  REFUSED: ['reservation.refused'],
  CONSUMED: ['reservation.made', 'reservation.consumed'],
  RELEASED: ['reservation.made', 'reservation.released'],
  CANCELLED_BEFORE: [],
};
/** Entries of a history that moved nothing and told nothing. */
const SILENT = new Set(['PAYMENT_DECLINED', 'PAYMENT_ACTION_REQUIRED']);

export function whatHappenedWasTold(stores: Stores): Check {
  return {
    invariant: 'I9',
    claim: 'every step of an order, a reservation and a payment was told in its topic, and nothing else',
    counted: 'orders',
    run: async (look) => {
      const { events } = await look.at(readTopics, stores);
      const orders = [...(await look.at(readOrders, stores)).values()];
      const reservations = await look.at(readReservations, stores);
      const payments = await look.at(readPayments, stores);
      const since = Date.now() - KEPT_MS;
      const young = orders.filter(({ placedAt }) => placedAt.getTime() > since);
      const [ofOrders, ofReservations, ofPayments] = [
        byOrder(events.get('order')),
        byOrder(events.get('reservation')),
        byOrder(events.get('payment')),
      ];
      const violations = young.flatMap((order) => [
        ...judgeTold(order.id, 'the order topic', toldByOrder(order), typesOf(withoutRepeats(ofOrders.get(order.id)))),
        ...judgeReservation(order.id, reservations.get(order.id), ofReservations.get(order.id)),
        ...judgePayment(order.id, payments.get(order.id), ofPayments.get(order.id) ?? []),
      ]);
      return { compared: young.length, violations };
    },
  };
}

export function byOrder(events: readonly SentEvent[] = []): Map<string, SentEvent[]> {
  return Map.groupBy(events, ({ data }) => data.orderId ?? '');
}

/**
 * What reconciliation said again is caused by what was said first, of the same type. Where that was lost the repetition stands for it: once.
 */
function withoutRepeats(events: readonly SentEvent[] = []): SentEvent[] {
  return events.filter(
    ({ type, causationId }, place) =>
      causationId === null ||
      !events.some(
        (other, earlier) =>
          other.type === type && (other.id === causationId || (earlier < place && other.causationId === causationId)),
      ),
  );
}

const typesOf = (events: readonly SentEvent[] = []) => events.map(({ type }) => type);

/** Events that an order's history demands, one an entry. */
export function toldByOrder({ history }: Pick<OrderRow, 'history'>): string[] {
  return history
    .filter(({ reason }) => reason === null || !SILENT.has(reason))
    .map(({ status }) => OF_STATUS[status] ?? status);
}

function judgeReservation(
  orderId: string,
  reservation: ReservationRow | undefined,
  events: readonly SentEvent[] | undefined,
): Violation[] {
  const expected = reservation === undefined ? [] : (OF_RESERVATION[reservation.status] ?? []);
  return judgeTold(orderId, 'the reservation topic', expected, typesOf(events));
}

/** Compares how often each type is told. */
export function judgeTold(
  orderId: string,
  place: string,
  expected: readonly string[],
  found: readonly string[],
): Violation[] {
  return [...new Set([...expected, ...found])].flatMap((type) => {
    const [wanted, told] = [expected, found].map((types) => types.filter((one) => one === type).length);
    return wanted === told
      ? []
      : [{ where: `order ${orderId} in ${place}`, field: type, expected: `${wanted} times`, found: `${told} times` }];
  });
}

/** Of some steps the state says exactly how often they were told; of others only that they were. */
function judgePayment(orderId: string, payment: PaymentRow | undefined, events: readonly SentEvent[]): Violation[] {
  const place = 'the payment topic';
  const isExact = (type: string) => EXACTLY.includes(type);
  const exactly = payment === undefined ? [] : toldByPayment(payment);
  const violations = judgeTold(orderId, place, exactly, typesOf(events).filter(isExact));
  if (payment === undefined && events.length > 0) return judgeTold(orderId, place, [], typesOf(events));
  const wanted = payment === undefined ? undefined : AT_LEAST[payment.status];
  if (wanted !== undefined && !events.some(({ type }) => type === wanted)) {
    violations.push({
      where: `order ${orderId} in ${place}`,
      field: wanted,
      expected: `told, for the payment is ${payment?.status}`,
      found: 'never',
    });
  }
  return violations;
}

const EXACTLY: readonly string[] = ['payment.captured', 'payment.refunded'];
const AT_LEAST: Readonly<Record<string, string>> = {
  REQUIRES_ACTION: 'payment.actionRequired',
  AUTHORIZED: 'payment.authorized',
  CAPTURED: 'payment.authorized',
  PARTIALLY_REFUNDED: 'payment.authorized',
  REFUNDED: 'payment.authorized',
  DECLINED: 'payment.declined',
};

function toldByPayment({ status, refunds }: PaymentRow): string[] {
  const isTaken = ['CAPTURED', 'PARTIALLY_REFUNDED', 'REFUNDED'].includes(status);
  const given = refunds.filter((refund) => refund.status === 'SUCCEEDED');
  return [...(isTaken ? ['payment.captured'] : []), ...given.map(() => 'payment.refunded')];
}
