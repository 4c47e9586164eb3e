import { newId } from '@ebuy/kernel';
import type { RequestContext } from '@ebuy/runtime';
import { checkPaymentMethod } from '../domain/checks.ts';
import { type ChangedOrder, type ChangeOrderNeeds, changeOrder } from './change-order.ts';

export interface RetryPaymentInput {
  readonly orderId: string;
  readonly accessToken?: string | null | undefined;
  readonly paymentMethod: string;
  readonly idempotencyKey: string;
  readonly expectedVersion?: number | null | undefined;
}

/** Another card for the same order, after a decline or instead of a second step. Nobody but the shopper pays. */
export async function retryPayment(
  needs: ChangeOrderNeeds,
  context: RequestContext,
  input: RetryPaymentInput,
): Promise<ChangedOrder> {
  const paymentMethod = checkPaymentMethod(input.paymentMethod);
  return changeOrder(needs, context, {
    ...input,
    operation: 'retryPayment',
    input: { paymentMethod },
    triggerFor: (access) =>
      access === 'owner' || access === 'tokenHolder'
        ? { name: 'retryPayment', newAttemptId: newId(), paymentMethod }
        : null,
  });
}
