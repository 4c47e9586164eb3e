/** Reading orders. Lists page by id: ids are UUIDv7, so the newest come first, and a page never shifts. */
import type { HistoryEntry, Order, OrderLine, OrderStatus } from '../domain/order.ts';
import type { Prisma } from '../generated/prisma/client.ts';
import type { Store, Transaction } from './index.ts';
import { toEntry, toLine, toOrder } from './rows.ts';

export async function findOrder(store: Store | Transaction, id: string): Promise<Order | null> {
  const row = await store.order.findUnique({ where: { id } });
  return row === null ? null : toOrder(row);
}

/** In the order of the ids; null for those that are not there. */
export async function findOrders(store: Store, ids: readonly string[]): Promise<(Order | null)[]> {
  const rows = await store.order.findMany({ where: { id: { in: [...ids] } } });
  const byId = new Map(rows.map((row) => [row.id, toOrder(row)]));
  return ids.map((id) => byId.get(id) ?? null);
}

export async function findLines(store: Store, orders: readonly Order[]): Promise<OrderLine[][]> {
  const rows = await store.orderLine.findMany({
    where: { orderId: { in: orders.map((order) => order.id) } },
    orderBy: [{ orderId: 'asc' }, { position: 'asc' }],
  });
  const byOrder = Map.groupBy(rows, (row) => row.orderId);
  return orders.map((order) => (byOrder.get(order.id) ?? []).map((row) => toLine(row, order.currency)));
}

export async function findHistory(store: Store, orderIds: readonly string[]): Promise<HistoryEntry[][]> {
  const rows = await store.orderHistory.findMany({
    where: { orderId: { in: [...orderIds] } },
    orderBy: [{ orderId: 'asc' }, { version: 'asc' }],
  });
  const byOrder = Map.groupBy(rows, (row) => row.orderId);
  return orderIds.map((id) => (byOrder.get(id) ?? []).map(toEntry));
}

/** Which orders a list is of. All that is given must hold. */
export interface OrderFilter {
  readonly userId?: string;
  readonly status?: OrderStatus;
  readonly id?: string;
  readonly number?: number;
  readonly emailPrefix?: string;
  /** Confirmed, and the authorization ended before this moment. */
  readonly authorizationEndedBefore?: Date;
}

export interface OrderPage {
  readonly orders: readonly Order[];
  readonly hasNextPage: boolean;
}

export async function findPage(
  store: Store,
  filter: OrderFilter,
  page: { readonly first: number; readonly afterId: string | null },
): Promise<OrderPage> {
  const after: Prisma.OrderWhereInput = page.afterId === null ? {} : { id: { lt: page.afterId } };
  const rows = await store.order.findMany({
    where: { AND: [whereOf(filter), after] },
    orderBy: { id: 'desc' },
    take: page.first + 1,
  });
  return { orders: rows.slice(0, page.first).map(toOrder), hasNextPage: rows.length > page.first };
}

export function countOrders(store: Store, filter: OrderFilter): Promise<number> {
  return store.order.count({ where: whereOf(filter) });
}

function whereOf(filter: OrderFilter): Prisma.OrderWhereInput {
  return {
    ...(filter.userId === undefined ? {} : { userId: filter.userId }),
    ...(filter.status === undefined ? {} : { status: filter.status }),
    ...(filter.id === undefined ? {} : { id: filter.id }),
    ...(filter.number === undefined ? {} : { number: filter.number }),
    ...(filter.emailPrefix === undefined
      ? {}
      : { emailLower: { startsWith: literally(filter.emailPrefix.toLowerCase()) } }),
    ...(filter.authorizationEndedBefore === undefined
      ? {}
      : { AND: [{ status: 'CONFIRMED' }, { authorizationEndsAt: { lte: filter.authorizationEndedBefore } }] }),
  };
}

/** Prisma hands wildcards through to LIKE. */
function literally(prefix: string): string {
  return prefix.replace(/[\\%_]/g, '\\$&');
}
