import type { RequestContext } from '@ebuy/runtime';
import { type ChangedOrder, type ChangeOrderNeeds, changeOrder } from './change-order.ts';

export interface DeliverOrderInput {
  readonly orderId: string;
  readonly idempotencyKey: string;
  readonly expectedVersion?: number | null | undefined;
}

export function deliverOrder(
  needs: ChangeOrderNeeds,
  context: RequestContext,
  input: DeliverOrderInput,
): Promise<ChangedOrder> {
  return changeOrder(needs, context, {
    ...input,
    operation: 'deliverOrder',
    input: {},
    triggerFor: () => ({ name: 'deliverOrder' }),
  });
}
