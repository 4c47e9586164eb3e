import { isId } from '@ebuy/kernel';
import type { Payment } from '../domain/payment.ts';
import type { Store } from '../store/index.ts';
import { type PaymentRow, paymentOf } from '../store/rows.ts';

/** The payments of orders, in the orders' order; null for one that no payment was requested for. */
export async function paymentsOfOrders(store: Store, orderIds: readonly string[]): Promise<(Payment | null)[]> {
  const rows = await store.$queryRaw<
    PaymentRow[]
  >`SELECT * FROM payment WHERE order_id = ANY(${orderIds.filter(isId)}::uuid[])`;
  const found = new Map(rows.map((row) => [row.order_id, paymentOf(row)]));
  return orderIds.map((id) => found.get(id) ?? null);
}

export async function paymentById(store: Store, id: string): Promise<Payment | null> {
  if (!isId(id)) return null;
  const [row] = await store.$queryRaw<PaymentRow[]>`SELECT * FROM payment WHERE id = ${id}::uuid`;
  return row === undefined ? null : paymentOf(row);
}

/** Held amounts whose hold has ended, or ends within a day: an order that was confirmed and not shipped, or whose capture keeps failing. */
export async function countEndingHolds(store: Store, now: Date): Promise<{ ended: number; endWithinADay: number }> {
  const [ended, endWithinADay] = await Promise.all(
    [now, new Date(now.getTime() + 86_400_000)].map((before) =>
      store.payment.count({ where: { status: 'AUTHORIZED', authorizationEndsAt: { lt: before } } }),
    ),
  );
  return { ended: ended ?? 0, endWithinADay: (endWithinADay ?? 0) - (ended ?? 0) };
}
