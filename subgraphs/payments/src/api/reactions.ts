import { CONSUMER_GROUPS, type Reaction } from '@ebuy/events';
import { cancelPayment } from '../commands/cancel-payment.ts';
import { capturePayment } from '../commands/capture-payment.ts';
import type { Payments } from '../commands/payments.ts';
import { requestPayment } from '../commands/request-payment.ts';

/** What payments does when orders moves. */
export function settlePayments(payments: Payments): Reaction {
  return {
    group: CONSUMER_GROUPS.settlePayments,
    on: {
      'order.paymentRequested': (event, delivery) => requestPayment(payments, event, delivery),
      'order.cancelled': (event, delivery) => cancelPayment(payments, event, delivery),
      'order.shipped': (event, delivery) => capturePayment(payments, event, delivery),
    },
  };
}
