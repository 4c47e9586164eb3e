import { causedBy, claimEvent, type Delivery, type DomainEvent } from '@ebuy/events';
import { requestCapture } from '../domain/capturing.ts';
import { change } from '../store/change.ts';
import { lockPaymentOf } from '../store/payments.ts';
import type { Payments } from './payments.ts';

/** The order was shipped: takes what is held. */
export async function capturePayment(
  { store, logger, makeCalls }: Payments,
  event: DomainEvent<'order.shipped'>,
  { consumer }: Delivery,
): Promise<void> {
  const { orderId } = event.payload;
  const { calls, outcome } = await change(store, {
    claim: (tx) => claimEvent(tx, consumer, event),
    lock: (tx) => lockPaymentOf(tx, orderId),
    decide: ({ payment, attempt }) => requestCapture(payment, attempt, new Date()),
    trace: causedBy(event),
  });
  if (outcome === 'absent') logger.error({ orderId }, 'an order was shipped for which no payment is known');
  void makeCalls(calls);
}
