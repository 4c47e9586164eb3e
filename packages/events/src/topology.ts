/**
 * Who listens to what: every consumer group of the shop, in one place.
 * A group is named `<subgraph>.<reaction>`; within it Kafka shares the partitions among the replicas.
 */
import { TOPICS, type Topic } from './catalogue.ts';

export interface ConsumerGroup {
  readonly subgraph: string;
  /** What the reaction does. */
  readonly reaction: string;
  readonly topic: Topic;
}

export const CONSUMER_GROUPS = {
  keepReservations: { subgraph: 'products', reaction: 'keep-reservations', topic: TOPICS.order },
  settlePayments: { subgraph: 'payments', reaction: 'settle-payments', topic: TOPICS.order },
  followReservations: { subgraph: 'orders', reaction: 'follow-reservations', topic: TOPICS.reservation },
  followPayments: { subgraph: 'orders', reaction: 'follow-payments', topic: TOPICS.payment },
  emptyOrderedCart: { subgraph: 'cart', reaction: 'empty-ordered-cart', topic: TOPICS.order },
} as const satisfies Record<string, ConsumerGroup>;

export function groupId(namespace: string, group: ConsumerGroup): string {
  return `${namespace}${group.subgraph}.${group.reaction}`;
}

export function topicName(namespace: string, topic: Topic): string {
  return `${namespace}${topic.name}`;
}

/** Where a group puts what it cannot apply. */
export function deadLetterTopicName(namespace: string, group: ConsumerGroup): string {
  return `${namespace}${group.topic.name}.${group.subgraph}.${group.reaction}.dead`;
}
