import type { RequestContext } from '@ebuy/runtime';
import { checkNote } from '../domain/checks.ts';
import { type ChangedOrder, type ChangeOrderNeeds, changeOrder } from './change-order.ts';

const MAX_REASON_CHARACTERS = 500;

export interface CancelOrderInput {
  readonly orderId: string;
  readonly accessToken?: string | null | undefined;
  readonly reason?: string | null | undefined;
  readonly idempotencyKey: string;
  readonly expectedVersion?: number | null | undefined;
}

/** Until it is shipped. Products releases and payments voids when they hear of it. */
export async function cancelOrder(
  needs: ChangeOrderNeeds,
  context: RequestContext,
  input: CancelOrderInput,
): Promise<ChangedOrder> {
  const note = checkNote(input.reason, MAX_REASON_CHARACTERS, 'reason');
  return changeOrder(needs, context, {
    ...input,
    operation: 'cancelOrder',
    input: { note },
    triggerFor(access) {
      switch (access) {
        case 'owner':
        case 'tokenHolder':
          return { name: 'shopperCancels', note };
        case 'staff':
          return { name: 'staffCancels', note };
        case 'partner':
          return null;
      }
    },
  });
}
