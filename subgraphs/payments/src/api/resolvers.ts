import { type Money, Refusal } from '@ebuy/kernel';
import { auditorOf, hasScope, payloadOf, perRequest, type RequestContext } from '@ebuy/runtime';
import DataLoader from 'dataloader';
import type { Payments } from '../commands/payments.ts';
import { type RefundAnswer, refundOrder } from '../commands/refund-order.ts';
import type { Payment } from '../domain/payment.ts';
import type { PaymentErrorCode, Resolvers } from '../generated/graphql.ts';
import { paymentStates } from '../queries/payment-states.ts';
import { paymentById, paymentsOfOrders } from '../queries/payments.ts';

export function createResolvers(payments: Payments): Resolvers {
  const paymentOf = perRequest(
    () => new DataLoader<string, Payment | null>((ids) => paymentsOfOrders(payments.store, ids), { maxBatchSize: 500 }),
  );
  return {
    // An order is only reached through the router's plans, which come from orders: whose it is was checked there.
    Order: {
      __resolveReference: ({ id }, context) => (context.service === 'router' ? { id } : null),
      payment: ({ id }, _arguments, context) => paymentOf(context).load(id),
    },
    Payment: {
      __resolveReference: async ({ id }: { id: string }, context: RequestContext) =>
        hasScope(context.caller, 'orders:read') ? paymentById(payments.store, id) : null,
      authorizedAmount: (payment) => inCurrency(payment, payment.authorizedMinor),
      capturedAmount: (payment) => inCurrency(payment, payment.capturedMinor),
      refundedAmount: (payment) => inCurrency(payment, payment.refundedMinor),
      nextAction: ({ nextActionUrl: url }) => (url === null ? null : { url }),
    },
    Refund: {
      amount: ({ refund, currency }) => ({ amountMinor: refund.amountMinor, currency }),
      failure: ({ refund }) => refund.failure,
      id: ({ refund }) => refund.id,
      reason: ({ refund }) => refund.reason,
      requestedAt: ({ refund }) => refund.createdAt.toISOString(),
      status: ({ refund }) => refund.status,
    },
    Query: {
      paymentsOfOrders: (_, { orderIds }, { service }) => {
        if (service === 'router') throw new Refusal('FORBIDDEN', 'Only services of the shop may ask this.');
        return paymentStates(payments.store, orderIds);
      },
    },
    Mutation: {
      async refundOrder(_parent, { input }, context) {
        const { answer, userErrors } = await payloadOf<'answer', RefundAnswer | { id: string }, PaymentErrorCode>(
          'answer',
          () =>
            refundOrder(payments, {
              orderId: input.orderId,
              amount: input.amount ?? null,
              reason: input.reason,
              idempotencyKey: input.idempotencyKey,
              expectedVersion: input.expectedVersion ?? null,
              principal: `${context.caller.kind}:${context.caller.id}`,
              correlationId: context.correlationId,
              audit: auditorOf(context, { asStaff: true }),
            }),
        );
        const refunded = answer !== null && 'refund' in answer ? answer : null;
        return {
          order: userErrors.length === 0 ? { id: input.orderId } : (answer as { id: string } | null),
          refund: refunded,
          replayed: refunded?.replayed ?? false,
          userErrors,
        };
      },
    },
  };
}

function inCurrency({ amount: { currency } }: Payment, amountMinor: number): Money {
  return { amountMinor, currency };
}
