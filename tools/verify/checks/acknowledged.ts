// I4: an order that anybody was told of is there. I6: and it is the only one of its key.
import { type GivenAnswer, type OrderRow, readAnswers, readOrders } from '../books/orders.ts';
import { readPayments } from '../books/payments.ts';
import { readCharges } from '../books/provider.ts';
import { readReservations } from '../books/stock.ts';
import { readTopics } from '../books/topic-log.ts';
import type { Check, Violation } from '../contract.ts';
import type { Stores } from '../stores.ts';

const HOUR_MS = 3_600_000;
/** Keys are kept 48 hours: an order of this age still has its own. */
const KEYS_KEPT_MS = 47 * HOUR_MS;

export function acknowledgedOrdersExist(stores: Stores): Check {
  return {
    invariant: 'I4',
    claim: 'every order that was acknowledged, told of, reserved, charged or remembered anywhere is there, whole',
    counted: 'orders named',
    run: async (look) => {
      const orders = await look.at(readOrders, stores);
      const { events } = await look.at(readTopics, stores);
      const answers = await look.at(readAnswers, stores);
      const purchases = await stores.reviews
        .collection<{ _id: string }>('purchases')
        .find({}, { projection: { _id: 1 } })
        .toArray();
      const { rows: told } = await stores.orders.query<{ id: string }>(
        'SELECT DISTINCT order_id AS id FROM order_story s WHERE NOT EXISTS (SELECT FROM orders o WHERE o.id = s.order_id)',
      );
      const named: Named[] = [
        { by: 'an answer to an idempotency key', ids: answers.flatMap(({ orderId }) => orderId ?? []) },
        { by: 'the order topic', ids: (events.get('order') ?? []).flatMap(({ data }) => data.orderId ?? []) },
        { by: 'the order stories', ids: told.map(({ id }) => id) },
        { by: 'a reservation of products', ids: (await look.at(readReservations, stores)).keys() },
        { by: 'a payment', ids: (await look.at(readPayments, stores)).keys() },
        { by: 'the provider', ids: (await look.at(readCharges, stores)).keys() },
        { by: 'a purchase of reviews', ids: purchases.map(({ _id }) => _id) },
      ];
      return judgeNamed(orders, named);
    },
  };
}

interface Named {
  readonly by: string;
  readonly ids: Iterable<string>;
}

export function judgeNamed(orders: ReadonlyMap<string, OrderRow>, named: readonly Named[]) {
  const witnesses = new Map<string, Set<string>>();
  for (const { by, ids } of named) {
    for (const id of ids) witnesses.set(id, (witnesses.get(id) ?? new Set()).add(by));
  }
  const violations: Violation[] = [];
  for (const [id, by] of witnesses) {
    const order = orders.get(id);
    const where = `order ${id} in orders`;
    if (order === undefined)
      violations.push({ where, field: '', expected: `to be there: it is named by ${[...by].join(', ')}`, found: null });
    else if (order.lines.length === 0) violations.push({ where, field: 'lines', expected: 'at least one', found: 0 });
    else if (order.history.length === 0)
      violations.push({ where, field: 'history', expected: 'at least one entry', found: 0 });
  }
  return { compared: witnesses.size, violations };
}

export function oneOrderPerKey(stores: Stores): Check {
  return {
    invariant: 'I6',
    claim: 'every order has exactly one idempotency key of its principal, and every key one order',
    counted: 'keys',
    run: async (look) => {
      const answers = (await look.at(readAnswers, stores)).filter(({ operation }) => operation === 'placeOrder');
      const orders = [...(await look.at(readOrders, stores)).values()];
      return { compared: answers.length, violations: judgeKeys(orders, answers, Date.now()) };
    },
  };
}

export function judgeKeys(orders: readonly OrderRow[], answers: readonly GivenAnswer[], now: number): Violation[] {
  const byOrder = Map.groupBy(answers, ({ orderId }) => orderId ?? 'none');
  const named = (byOrder.get('none') ?? []).map(({ principal, key }) => ({
    where: `idempotency key ${key} of ${principal} in orders`,
    field: 'answer',
    expected: 'an order',
    found: null,
  }));
  const ofOrders = orders.flatMap((order): Violation[] => {
    const keys = byOrder.get(order.id) ?? [];
    const where = `order ${order.id} in orders`;
    const isKept = now - order.placedAt.getTime() < KEYS_KEPT_MS;
    if (keys.length > 1 || (keys.length === 0 && isKept))
      return [
        {
          where,
          field: 'idempotency keys',
          expected: 'exactly 1',
          found: keys.map(({ principal, key }) => `${principal} ${key}`),
        },
      ];
    return keys
      .filter(({ principal }) => principal !== principalOf(order))
      .map(({ principal }) => ({
        where,
        field: 'principal of its key',
        expected: principalOf(order),
        found: principal,
      }));
  });
  return [...named, ...ofOrders];
}

function principalOf({ userId, clientId, cartId }: OrderRow): string {
  if (userId !== null) return `user:${userId}`;
  return clientId === null ? `cart:${cartId}` : `client:${clientId}`;
}
