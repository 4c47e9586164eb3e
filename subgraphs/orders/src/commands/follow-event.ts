import { causedBy, claimEvent, type Delivery, type DomainEvent } from '@ebuy/events';
import type { Logger } from '@ebuy/runtime';
import type { Deadlines, Trigger } from '../domain/decide.ts';
import { inTransaction, type Store } from '../store/index.ts';
import { lockOrder } from '../store/orders.ts';
import { advanceOrder } from './advance-order.ts';

export interface FollowEventNeeds {
  readonly store: Store;
  readonly deadlines: Deadlines;
  readonly now: () => Date;
  readonly logger: Logger;
}

/** Moves an order by what another service said, once, however often it is said. */
export async function followEvent(
  needs: FollowEventNeeds,
  event: DomainEvent,
  delivery: Delivery,
  { orderId, trigger }: { readonly orderId: string; readonly trigger: Trigger },
): Promise<void> {
  const about = { orderId, type: event.type, eventId: event.id, correlationId: event.correlationId };
  await inTransaction(needs.store, async (tx) => {
    if (!(await claimEvent(tx, delivery.consumer, event))) return;
    const locked = await lockOrder(tx, orderId);
    if (locked === null) {
      needs.logger.warn(about, 'an event names an order that is not here');
      return;
    }
    const decision = await advanceOrder(tx, {
      locked,
      trigger,
      trace: causedBy(event),
      now: needs.now(),
      deadlines: needs.deadlines,
    });
    if (decision.kind === 'ignored')
      needs.logger.info({ ...about, why: decision.why }, 'an event was ignored on purpose');
    if (decision.kind === 'refused') throw new Error(`an event cannot be refused: ${decision.code}`);
  });
}
