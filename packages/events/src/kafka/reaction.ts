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
}

export function consumerName(group: ConsumerGroup): string {
  return `${group.subgraph}.${group.reaction}`;
}
