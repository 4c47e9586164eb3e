import { causedBy, claimEvent, type Delivery, type DomainEvent } from '@ebuy/events';
import { cancelPayment as decideCancel } from '../domain/cancelling.ts';
import { change } from '../store/change.ts';
import { lockPaymentOf } from '../store/payments.ts';
import type { Payments } from './payments.ts';

/** The order was cancelled: gives back what is held, and whatever is still to come. */
export async function cancelPayment(
  { store, makeCalls }: Payments,
  event: DomainEvent<'order.cancelled'>,
  { consumer }: Delivery,
): Promise<void> {
  const { orderId } = event.payload;
  const { calls } = await change(store, {
    claim: (tx) => claimEvent(tx, consumer, event),
    lock: (tx) => lockPaymentOf(tx, orderId),
    decide: ({ payment, attempt }) => decideCancel(payment, attempt, new Date()),
    // A request may still come, from the dead letters: it is too late then.
    ifAbsent: async (tx) => {
      await tx.$executeRaw`INSERT INTO cancelled_order (order_id) VALUES (${orderId}::uuid) ON CONFLICT DO NOTHING`;
    },
    trace: causedBy(event),
  });
  void makeCalls(calls);
}
