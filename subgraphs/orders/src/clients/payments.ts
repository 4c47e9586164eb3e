import { Fault } from '@ebuy/kernel';
import { ANONYMOUS, type GraphClient } from '@ebuy/runtime';
import type { PaymentOfOrder } from '../domain/followed.ts';

export interface PaymentsClient {
  /** At most 100; those that were never heard of are missing. Throws a retryable Fault when payments cannot say. */
  paymentsOfOrders(orderIds: readonly string[], correlationId: string): Promise<readonly PaymentOfOrder[]>;
}

const QUERY = `query PaymentsOfOrders($orderIds: [ID!]!) {
  paymentsOfOrders(orderIds: $orderIds) { orderId status attemptId cancelled captureRequested taken }
}`;

export function paymentsOf(graph: GraphClient): PaymentsClient {
  return {
    async paymentsOfOrders(orderIds, correlationId) {
      const { result, errors } = await graph.ask<{ paymentsOfOrders: readonly PaymentOfOrder[] | null }>({
        query: QUERY,
        variables: { orderIds },
        caller: ANONYMOUS,
        correlationId,
      });
      if (errors.length > 0 || !result?.paymentsOfOrders) {
        throw new Fault(`payments could not answer: ${errors[0]?.extensions?.code ?? 'no payments'}`, {
          retryable: true,
        });
      }
      return result.paymentsOfOrders;
    },
  };
}
