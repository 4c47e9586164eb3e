// Everything that the stores say of one order, and every event that names it, in order: what an operator wants to see next.
import { readAnswers, readOrders } from './books/orders.ts';
import { readLedger, readPayments } from './books/payments.ts';
import { readCharges } from './books/provider.ts';
import { readReservations } from './books/stock.ts';
import { readTopics } from './books/topic-log.ts';
import { Look } from './look.ts';
import type { Stores } from './stores.ts';

export interface DossierSection {
  /** Which store says it. */
  readonly place: string;
  readonly lines: readonly string[];
}

/** Null: nobody has ever heard of this order. */
export async function dossierOf(stores: Stores, orderId: string): Promise<DossierSection[] | null> {
  const look = new Look();
  const sections: DossierSection[] = [
    { place: 'orders', lines: await inOrders(stores, look, orderId) },
    { place: 'products', lines: await inProducts(stores, look, orderId) },
    { place: 'payments', lines: await inPayments(stores, look, orderId) },
    { place: 'the provider', lines: await atTheProvider(stores, look, orderId) },
    { place: 'reviews', lines: await inReviews(stores, orderId) },
    { place: 'the topics', lines: await inTopics(stores, look, orderId) },
  ];
  return sections.every(({ lines }) => lines.length === 0) ? null : sections;
}

async function inOrders(stores: Stores, look: Look, orderId: string): Promise<string[]> {
  const order = (await look.at(readOrders, stores)).get(orderId);
  if (order === undefined) return [];
  const { currency, totalMinor, lines, history } = order;
  const answers = (await look.at(readAnswers, stores)).filter((answer) => answer.orderId === orderId);
  return [
    `${order.status}, version ${order.version}, ${totalMinor} ${currency} (minor units), cart ${order.cartId}`,
    ...(order.deadlineAt === null ? [] : [`waits until ${order.deadlineAt.toISOString()}`]),
    ...(order.authorizationEndsAt === null ? [] : [`its hold ends ${order.authorizationEndsAt.toISOString()}`]),
    ...lines.map(
      ({ quantity, variantId, unitPriceMinor }) => `${quantity} of variant ${variantId} at ${unitPriceMinor}`,
    ),
    ...history.map(
      ({ version, status, at, reason }) =>
        `${new Date(at).toISOString()}  ${version}  ${status}${reason === null ? '' : `  ${reason}`}`,
    ),
    ...answers.map(({ operation, principal, key }) => `${operation} answered to ${principal}, key ${key}`),
  ];
}

async function inProducts(stores: Stores, look: Look, orderId: string): Promise<string[]> {
  const reservation = (await look.at(readReservations, stores)).get(orderId);
  if (reservation === undefined) return [];
  return [
    `reservation ${reservation.status}`,
    ...reservation.lines.map(({ quantity, variantId }) => `${quantity} of variant ${variantId}`),
    ...reservation.moved.map(({ quantity, variantId }) => `${quantity} of variant ${variantId} left the warehouse`),
  ];
}

async function inPayments(stores: Stores, look: Look, orderId: string): Promise<string[]> {
  const payment = (await look.at(readPayments, stores)).get(orderId);
  if (payment === undefined) return [];
  const ledger = (await look.at(readLedger, stores)).filter((sum) => sum.orderId === orderId);
  return [
    `payment ${payment.id} ${payment.status}, version ${payment.version}, ${payment.amountMinor} ${payment.currency}: captured ${payment.capturedMinor}, refunded ${payment.refundedMinor}`,
    ...payment.attempts.map(
      ({ id, status, providerId }) => `attempt ${id} ${status}, ${providerId ?? 'not answered yet'}`,
    ),
    ...payment.refunds.map(({ id, status, amountMinor }) => `refund ${id} ${status}, ${amountMinor}`),
    ...payment.openCalls.map(({ kind, subjectId, overdueSeconds }) =>
      overdueSeconds > 0
        ? `${kind} of ${subjectId} waits, due for ${Math.round(overdueSeconds)} s`
        : `${kind} of ${subjectId} waits, due in ${Math.round(-overdueSeconds)} s`,
    ),
    ...ledger.flatMap(({ currency, accounts }) =>
      Object.entries(accounts).map(([account, amount]) => `ledger ${account}: ${amount} ${currency}`),
    ),
  ];
}

async function atTheProvider(stores: Stores, look: Look, orderId: string): Promise<string[]> {
  const charges = (await look.at(readCharges, stores)).get(orderId) ?? [];
  return charges.flatMap(({ id, reference, status, amountMinor, capturedMinor, refundedMinor, refunds }) => [
    `${id} of attempt ${reference} ${status}, ${amountMinor}: captured ${capturedMinor}, refunded ${refundedMinor}`,
    ...refunds.map((refund) => `${refund.id} of refund ${refund.reference} ${refund.status}, ${refund.amountMinor}`),
  ]);
}

async function inReviews({ reviews }: Stores, orderId: string): Promise<string[]> {
  const purchase = await reviews
    .collection<{ _id: string; recordedAt?: Date; cancelledAt?: Date }>('purchases')
    .findOne({ _id: orderId });
  if (purchase === null) return [];
  const said = (what: string, at: Date | undefined) => (at === undefined ? [] : [`${what} ${at.toISOString()}`]);
  return [...said('purchase recorded', purchase.recordedAt), ...said('purchase cancelled', purchase.cancelledAt)];
}

async function inTopics(stores: Stores, look: Look, orderId: string): Promise<string[]> {
  const { events } = await look.at(readTopics, stores);
  return [...events.values()]
    .flatMap((sent) => sent.filter(({ data }) => data.orderId === orderId))
    .sort((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : a.id < b.id ? -1 : 1))
    .map(
      ({ id, type, time, causationId }) =>
        `${time}  ${type}  ${id}${causationId === null ? '' : `  by ${causationId}`}`,
    );
}
