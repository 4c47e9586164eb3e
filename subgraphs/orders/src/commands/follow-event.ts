import { causedBy, claimEvent, type Delivery, type DomainEvent } from '@ebuy/events';
import { Fault } from '@ebuy/kernel';
import type { Logger } from '@ebuy/runtime';
import { announcementOf } from '../domain/announce.ts';
import { type Deadlines, decide, type Trigger } from '../domain/decide.ts';
import type { ToldType } from '../domain/story.ts';
import type { Store } from '../store/index.ts';
import { readForEvent, saveIgnored, saveMoveByEvent } from '../store/orders.ts';
import { toEvent } from './advance-order.ts';

/** How often an order may be moved by others between the look and the write before the event waits. */
const MAX_LOOKS = 5;

export interface FollowEventNeeds {
  readonly store: Store;
  readonly deadlines: Deadlines;
  readonly now: () => Date;
  readonly logger: Logger;
}

/**
 * Moves an order by what another service said, once, however often it is said. A look and a write, without a lock between them: every
 * order passes here twice, and a round trip costs more than the rare second look.
 */
export async function followEvent(
  needs: FollowEventNeeds,
  event: DomainEvent<ToldType>,
  { consumer }: Delivery,
  { orderId, trigger }: { readonly orderId: string; readonly trigger: Trigger },
): Promise<void> {
  const { store, deadlines, logger } = needs;
  const about = { orderId, type: event.type, eventId: event.id, correlationId: event.correlationId };
  const marker = { consumer, eventId: event.id };
  for (let look = 0; look < MAX_LOOKS; look += 1) {
    const found = await readForEvent(store, orderId, marker);
    if (found?.applied) return;
    if (found === null) {
      if (await claimEvent(store, consumer, event)) logger.warn(about, 'an event names an order that is not here');
      return;
    }
    const now = needs.now();
    const decision = decide(found.order, trigger, now, deadlines);
    if (decision.kind === 'refused') throw new Error(`an event cannot be refused: ${decision.code}`);
    if (decision.kind === 'ignored') {
      const isFirst = await saveIgnored(store, orderId, marker, event);
      if (isFirst) logger.info({ ...about, why: decision.why }, 'an event was ignored on purpose');
      return;
    }
    const announcement = announcementOf(decision, found.lines);
    const events = announcement === null ? [] : [toEvent(announcement, causedBy(event), now)];
    const { order, entry } = decision;
    if (await saveMoveByEvent(store, { order, entry, marker, cause: event, events })) return;
  }
  throw new Fault('the order was moved by others all the while', { retryable: true });
}
