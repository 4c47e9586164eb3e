import type { RequestContext } from '@ebuy/runtime';
import { checkNote } from '../domain/checks.ts';
import { type ChangedOrder, type ChangeOrderNeeds, changeOrder } from './change-order.ts';

const MAX_CARRIER_CHARACTERS = 100;

export interface ShipOrderInput {
  readonly orderId: string;
  readonly carrier?: string | null | undefined;
  readonly trackingNumber?: string | null | undefined;
  readonly idempotencyKey: string;
  readonly expectedVersion?: number | null | undefined;
}

/** Payments captures and products consumes the reservation when they hear of it; from here on nothing is cancelled. */
export async function shipOrder(
  needs: ChangeOrderNeeds,
  context: RequestContext,
  input: ShipOrderInput,
): Promise<ChangedOrder> {
  const carrier = checkNote(input.carrier, MAX_CARRIER_CHARACTERS, 'carrier');
  const trackingNumber = checkNote(input.trackingNumber, MAX_CARRIER_CHARACTERS, 'trackingNumber');
  return changeOrder(needs, context, {
    ...input,
    operation: 'shipOrder',
    input: { carrier, trackingNumber },
    triggerFor: () => ({ name: 'shipOrder', carrier, trackingNumber }),
  });
}
