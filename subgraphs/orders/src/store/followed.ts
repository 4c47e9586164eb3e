/** What is read of orders to see whether others have followed them, and what was said of them. */
import { decodeEvent, type EventPayload, UnreadableEvent } from '@ebuy/events';
import type { ComparedOrder } from '../domain/followed.ts';
import type { HistoryReason } from '../domain/order.ts';
import type { Store, Transaction } from './index.ts';
import { type OrderRow, toOrder } from './rows.ts';

export interface SettledOrder extends ComparedOrder {
  readonly version: number;
}

/** Orders behind an id, in their order, a hundred at a time; `settled` are those among them whose last move is old enough. */
export async function readPage(
  store: Store,
  after: string,
  settledBefore: Date,
): Promise<{ readonly last: string | null; readonly settled: SettledOrder[] }> {
  const rows = await store.order.findMany({ where: { id: { gt: after } }, orderBy: { id: 'asc' }, take: PAGE });
  const last = rows.length < PAGE ? null : (rows.at(-1)?.id ?? null);
  return { last, settled: await settledOf(store, rows, settledBefore) };
}

const PAGE = 100;

/** At most a hundred. */
export async function readByIds(store: Store, ids: readonly string[], settledBefore: Date): Promise<SettledOrder[]> {
  return settledOf(store, await store.order.findMany({ where: { id: { in: [...ids] } } }), settledBefore);
}

async function settledOf(
  store: Store,
  rows: readonly (OrderRow & { id: string })[],
  settledBefore: Date,
): Promise<SettledOrder[]> {
  const moved = await store.orderHistory.groupBy({
    by: ['orderId'],
    where: { orderId: { in: rows.map(({ id }) => id) } },
    _max: { at: true },
  });
  const movedAt = new Map(moved.map(({ orderId, _max }) => [orderId, _max.at]));
  return rows
    .filter(({ id }) => (movedAt.get(id) ?? settledBefore) < settledBefore)
    .map(toOrder)
    .map(({ id, status, attempt, version }) => ({ id, status, attempt, version }));
}

/** Those of these ids that are orders' own. */
export async function knownOrders(store: Store, ids: readonly string[]): Promise<Set<string>> {
  const rows = await store.order.findMany({ where: { id: { in: [...ids] } }, select: { id: true } });
  return new Set(rows.map(({ id }) => id));
}

/** The event by which something was said last of an order: its id in the story; null when that does not go back so far. */
export async function lastSaid(tx: Transaction, orderId: string, type: string): Promise<string | null> {
  const row = await tx.orderStory.findFirst({ where: { orderId, type }, orderBy: { at: 'desc' } });
  return row?.eventId ?? null;
}

/** A payment's request as it was sent; the order itself has forgotten the method. Null: it was pruned, or lost. */
export async function requestAsSent(
  tx: Transaction,
  eventId: string,
): Promise<EventPayload<'order.paymentRequested'> | null> {
  const row = await tx.outbox.findUnique({ where: { id: eventId } });
  if (row === null) return null;
  try {
    const event = decodeEvent(row.value);
    return event.type === 'order.paymentRequested' ? (event.payload as EventPayload<'order.paymentRequested'>) : null;
  } catch (error) {
    if (error instanceof UnreadableEvent) return null;
    throw error;
  }
}

export async function lastReason(tx: Transaction, orderId: string): Promise<HistoryReason | null> {
  const entry = await tx.orderHistory.findFirst({ where: { orderId }, orderBy: { version: 'desc' } });
  return (entry?.reason ?? null) as HistoryReason | null;
}
