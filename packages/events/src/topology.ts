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
  // The read side.
  followProducts: { subgraph: 'catalog', reaction: 'follow-products', topic: TOPICS.product },
  followStock: { subgraph: 'catalog', reaction: 'follow-stock', topic: TOPICS.stock },
  followRatings: { subgraph: 'catalog', reaction: 'follow-ratings', topic: TOPICS.rating },
  sortIntoCollections: { subgraph: 'catalog', reaction: 'sort-into-collections', topic: TOPICS.collection },
  indexProducts: { subgraph: 'search', reaction: 'index-products', topic: TOPICS.catalogProduct },
  recordPurchases: { subgraph: 'reviews', reaction: 'record-purchases', topic: TOPICS.order },
  knowProducts: { subgraph: 'reviews', reaction: 'know-products', topic: TOPICS.product },
  countRatings: { subgraph: 'reviews', reaction: 'count-ratings', topic: TOPICS.review },
  forgetAuthors: { subgraph: 'reviews', reaction: 'forget-authors', topic: TOPICS.user },
  // What orders tells of an order beyond its own events.
  noteEmptiedCarts: { subgraph: 'orders', reaction: 'note-emptied-carts', topic: TOPICS.cart },
  notePurchases: { subgraph: 'orders', reaction: 'note-purchases', topic: TOPICS.purchase },
  // To the live subscriptions, through Redis.
  announceProducts: { subgraph: 'catalog', reaction: 'announce-products', topic: TOPICS.catalogProduct },
  announceOrders: { subgraph: 'orders', reaction: 'announce-orders', topic: TOPICS.order },
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
