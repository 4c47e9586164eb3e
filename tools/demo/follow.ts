// Follows an order by asking again, and says when each change happened by the order's own history.
import { setTimeout as sleep } from 'node:timers/promises';
import { behind, prove } from './narrator.ts';
import type { Order } from './shapes.ts';
import type { Key, Shopper } from './shopper.ts';

const DEADLINE_MS = 30_000;
const PAUSE_MS = 25;

/** Asks until the order is as `isThere` wants it; a surprise with the order when it does not get there. */
export async function follow(
  shopper: Shopper,
  key: Key,
  told: string,
  isThere: (order: Order) => boolean,
): Promise<Order> {
  const deadline = performance.now() + DEADLINE_MS;
  for (;;) {
    const order = await shopper.order(key);
    if (order !== null && isThere(order)) return order;
    prove(performance.now() < deadline, `within ${DEADLINE_MS / 1_000} s ${told}`, order);
    await sleep(PAUSE_MS);
  }
}

const WHO_MOVED: Readonly<Record<string, string>> = {
  AWAITING_STOCK: 'orders wrote the order and its event in one transaction',
  AWAITING_PAYMENT: 'products reserved every line and said so; orders asked for the payment',
  CONFIRMED: 'payments had the amount authorized by the provider and said so',
  PAYMENT_DECLINED: 'the provider said no; payments told orders, which keeps the stock and waits',
  PAYMENT_RETRIED: 'orders asked payments to try the other card',
};

/** The order's history from an entry on, each with its time since the order was placed. */
export function tellHistory(order: Order, from = 0): string[] {
  const placedAt = Date.parse(order.placedAt);
  return order.history.slice(from).map(({ status, at, reason }) => {
    const after = `+${Date.parse(at) - placedAt} ms`.padStart(9);
    return behind(`${after}  ${(reason ?? status).padEnd(17)} ${WHO_MOVED[reason ?? status] ?? ''}`.trimEnd());
  });
}
