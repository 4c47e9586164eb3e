// I5: how an order may have come to where it stands.
import { type HistoryEntry, type OrderRow, readOrders } from '../books/orders.ts';
import type { Check, Violation } from '../contract.ts';
import type { Stores } from '../stores.ts';

/** A deadline that passed this long ago is kept by nobody. */
const OVERDUE_MS = 60_000;
const BY_HAND = ['REQUESTED_BY_SHOPPER', 'REQUESTED_BY_STAFF'];

/** From where to where, and for what reason; `-`: without one. */
const MOVES: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  nothing: { AWAITING_STOCK: ['-'] },
  AWAITING_STOCK: { AWAITING_PAYMENT: ['-'], CANCELLED: ['OUT_OF_STOCK', 'STOCK_NOT_CONFIRMED', ...BY_HAND] },
  AWAITING_PAYMENT: {
    AWAITING_PAYMENT: ['PAYMENT_DECLINED', 'PAYMENT_ACTION_REQUIRED', 'PAYMENT_RETRIED'],
    CONFIRMED: ['-'],
    CANCELLED: ['PAYMENT_NOT_COMPLETED', ...BY_HAND],
  },
  CONFIRMED: { SHIPPED: ['-'], CANCELLED: BY_HAND },
  SHIPPED: { DELIVERED: ['-'] },
  DELIVERED: {},
  CANCELLED: {},
};

export function ordersKeepToTheTable(stores: Stores): Check {
  return {
    invariant: 'I5',
    claim: 'every order came by allowed steps to where it stands, and waits no longer than its deadline',
    counted: 'orders',
    run: async (look) => {
      const orders = await look.at(readOrders, stores);
      return {
        compared: orders.size,
        violations: [...orders.values()].flatMap((order) => judgeHistory(order, Date.now())),
      };
    },
  };
}

export function judgeHistory(order: OrderRow, now: number): Violation[] {
  const where = `order ${order.id} in orders`;
  return [...judgeSteps(where, order), ...judgeWait(where, order, now)];
}

function judgeSteps(where: string, { history, status, version }: OrderRow): Violation[] {
  const violations: Violation[] = [];
  let before: HistoryEntry | undefined;
  for (const entry of history) {
    const field = `history ${entry.version}`;
    const expected = (before?.version ?? 0) + 1;
    if (entry.version !== expected)
      violations.push({ where, field, expected: `version ${expected}`, found: entry.version });
    const from = before?.status ?? 'nothing';
    const reasons = MOVES[from]?.[entry.status];
    if (reasons === undefined)
      violations.push({
        where,
        field,
        expected: `after ${from}: ${Object.keys(MOVES[from] ?? {}).join(' or ') || 'nothing'}`,
        found: entry.status,
      });
    else if (!reasons.includes(entry.reason ?? '-'))
      violations.push({
        where,
        field,
        expected: `${from} to ${entry.status} for ${reasons.join(' or ')}`,
        found: entry.reason,
      });
    if (before !== undefined && entry.at < before.at)
      violations.push({
        where,
        field,
        expected: `no earlier than ${new Date(before.at).toISOString()}`,
        found: new Date(entry.at).toISOString(),
      });
    before = entry;
  }
  if (before?.status !== status)
    violations.push({
      where,
      field: 'status',
      expected: `${before?.status ?? 'nothing'}, by its history`,
      found: status,
    });
  if (before?.version !== version)
    violations.push({ where, field: 'version', expected: `${before?.version ?? 0}, by its history`, found: version });
  return violations;
}

function judgeWait(where: string, order: OrderRow, now: number): Violation[] {
  const isWaiting = order.status.startsWith('AWAITING_');
  const late = order.deadlineAt === null ? null : now - order.deadlineAt.getTime();
  if (isWaiting && late === null)
    return [{ where, field: 'deadline_at', expected: `a deadline, for it is ${order.status}`, found: null }];
  if (late !== null && late > OVERDUE_MS)
    return [
      {
        where,
        field: 'deadline_at',
        expected: 'an order that ended with its deadline',
        found: `${order.status}, ${Math.round(late / 1_000)} s later`,
      },
    ];
  const isHeld = order.status === 'CONFIRMED';
  if (isHeld && order.authorizationEndsAt === null)
    return [
      { where, field: 'authorization_ends_at', expected: 'when the hold ends, for it is CONFIRMED', found: null },
    ];
  return [];
}
