import type { Logger } from '@ebuy/runtime';
import type { Deadlines } from '../domain/decide.ts';
import { inTransaction, type Store } from '../store/index.ts';
import { lockOverdueOrders } from '../store/orders.ts';
import { advanceOrder } from './advance-order.ts';

const ORDERS_A_TRANSACTION = 20;

/** Ends every wait whose deadline has passed: orders alone keeps the saga's deadlines. Returns how many orders it ended. */
export async function expireOrders(needs: {
  readonly store: Store;
  readonly deadlines: Deadlines;
  readonly now: () => Date;
  readonly logger: Logger;
}): Promise<number> {
  for (let ended = 0; ; ) {
    const expired = await inTransaction(needs.store, async (tx) => {
      const now = needs.now();
      const overdue = await lockOverdueOrders(tx, now, ORDERS_A_TRANSACTION);
      for (const locked of overdue) {
        const trace = { correlationId: locked.order.correlationId, causationId: null };
        const trigger = { name: 'deadline' } as const;
        await advanceOrder(tx, { locked, trigger, trace, now, deadlines: needs.deadlines });
      }
      return overdue.map(({ order }) => ({ orderId: order.id, waitedFor: order.status }));
    });
    for (const order of expired) needs.logger.info(order, 'an order was cancelled at its deadline');
    ended += expired.length;
    if (expired.length < ORDERS_A_TRANSACTION) return ended;
  }
}
