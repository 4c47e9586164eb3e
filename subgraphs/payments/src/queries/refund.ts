import type { Refund } from '../domain/payment.ts';
import type { Store } from '../store/index.ts';
import { type RefundRow, refundOf } from '../store/rows.ts';

/** A refund that is known to be there, as it is now. */
export async function readRefund(store: Store, id: string): Promise<{ refund: Refund; currency: string }> {
  const [row] = await store.$queryRaw<(RefundRow & { currency: string })[]>`
    SELECT refund.*, payment.currency FROM refund JOIN payment ON payment.id = refund.payment_id WHERE refund.id = ${id}::uuid`;
  if (row === undefined) throw new Error(`There is no refund ${id}`);
  return { refund: refundOf(row), currency: row.currency };
}
