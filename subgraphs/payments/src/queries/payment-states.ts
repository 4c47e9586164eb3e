import { isId, Refusal } from '@ebuy/kernel';
import type { PaymentStatus } from '../domain/payment.ts';
import type { Store } from '../store/index.ts';

const MAX_AT_ONCE = 100;

/** What orders must know of a payment to see whether it followed. */
export interface PaymentState {
  readonly orderId: string;
  /** Null: only its order's cancellation is known. */
  readonly status: PaymentStatus | null;
  readonly attemptId: string | null;
  readonly cancelled: boolean;
  readonly captureRequested: boolean;
  readonly taken: boolean;
}

/** Orders that were never heard of are left out. */
export async function paymentStates(store: Store, orderIds: readonly string[]): Promise<PaymentState[]> {
  if (orderIds.length > MAX_AT_ONCE) throw new Refusal('TOO_MANY_IDS', `At most ${MAX_AT_ONCE} at a time.`);
  const asked = [...new Set(orderIds.filter(isId).map((id) => id.toLowerCase()))];
  return store.$queryRaw<PaymentState[]>`
    SELECT order_id AS "orderId", status, attempt_id AS "attemptId", cancelled_at IS NOT NULL AS cancelled,
           capture_requested_at IS NOT NULL AS "captureRequested", captured_minor > refunded_minor AS taken
      FROM payment WHERE order_id = ANY(${asked}::uuid[])
    UNION ALL
    SELECT order_id, NULL, NULL, true, false, false FROM cancelled_order
     WHERE order_id = ANY(${asked}::uuid[]) AND NOT EXISTS (SELECT FROM payment WHERE payment.order_id = cancelled_order.order_id)`;
}
