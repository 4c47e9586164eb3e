import type { EventType } from '../catalogue.ts';
import type { DomainEvent } from '../envelope.ts';
import type { ConsumerGroup } from '../topology.ts';

/** Told of each delivery. `consumer` names the reaction in the inbox: it has no namespace, for the store is the namespace. */
export interface Delivery {
  readonly consumer: string;
}

/**
 * What a subgraph does when events arrive: one consumer group, one handler an event type. A type of the catalogue without a
 * handler is passed over on purpose. A handler applies its event once, whatever the number of deliveries: it claims
 * the event in the inbox, or compares versions, in the same transaction as its effect.
 */
export interface Reaction {
  readonly group: ConsumerGroup;
  readonly on: { readonly [Type in EventType]?: (event: DomainEvent<Type>, delivery: Delivery) => Promise<void> };
  /**
   * Applies many events of one partition at once, for stores that take them together far cheaper: what came in one batch and has a
   * handler in `on`, in the partition's order, at most {@link MAX_EVENTS_AT_ONCE}. It returns once all are applied, and applies each once,
   * as a handler does. When it throws what passes by itself, all of them come again, without end; when it throws anything else, some
   * of them perhaps applied, each comes again alone to its handler, so that only the one at fault goes to the dead letters.
   */
  readonly onBatch?: (events: readonly DomainEvent[], delivery: Delivery) => Promise<void>;
}

/** Enough that one request of a store is shared by many, few enough that it is done well within a consumer's session. */
export const MAX_EVENTS_AT_ONCE = 200;

export function consumerName(group: ConsumerGroup): string {
  return `${group.subgraph}.${group.reaction}`;
}
