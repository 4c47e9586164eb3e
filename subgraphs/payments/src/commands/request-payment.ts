import { causedBy, claimEvent, type Delivery, type DomainEvent } from '@ebuy/events';
import { Fault, newId } from '@ebuy/kernel';
import { openPayment, type PaymentRequest, requestAgain } from '../domain/authorizing.ts';
import { change } from '../store/change.ts';
import { lockPaymentOf } from '../store/payments.ts';
import type { Payments } from './payments.ts';

/** The order wants to be paid: its first attempt, or another card. The provider is asked right after the commit. */
export async function requestPayment(
  { store, makeCalls }: Payments,
  event: DomainEvent<'order.paymentRequested'>,
  { consumer }: Delivery,
): Promise<void> {
  const { payload } = event;
  if (payload.amount.amountMinor < 0)
    throw new Fault('An order cannot come to less than nothing', { retryable: false });
  const request: PaymentRequest = { ...payload, trace: causedBy(event) };
  const now = new Date();
  const { calls } = await change(store, {
    claim: (tx) => claimEvent(tx, consumer, event),
    first: openPayment(newId(), request, now),
    lock: (tx) => lockPaymentOf(tx, payload.orderId),
    decide: ({ payment, attempt }) => requestAgain(payment, attempt, request, now),
    trace: request.trace,
  });
  void makeCalls(calls);
}
