export {
  CANCELLATION_REASONS,
  type EventDefinition,
  type EventPayload,
  type EventType,
  eventDefinition,
  eventDefinitions,
  type Retention,
  TOPICS,
  type Topic,
} from './catalogue.ts';
export {
  causedBy,
  type DomainEvent,
  decodeEvent,
  encodeEvent,
  newEvent,
  type Trace,
  UnreadableEvent,
} from './envelope.ts';
export { committing, FAILPOINT_CHANNEL, FAILPOINTS, type Failpoint, failpoint } from './failpoint.ts';
export { createKafka, createProducer, type KafkaSettings } from './kafka/client.ts';
export {
  compareTopic,
  type StateVersion,
  type TopicComparison,
  type TopicTruth,
} from './kafka/compare-topic.ts';
export { type RunningConsumer, runReaction } from './kafka/consumer.ts';
export {
  type DeadLetter,
  findConsumerGroup,
  listDeadLetters,
  REPLAY_FOR,
  replayDeadLetters,
} from './kafka/dead-letters.ts';
export { type PartitionLag, readLags } from './kafka/group-lag.ts';
export { type KafkaPresence, watchKafka } from './kafka/presence.ts';
export { consumerName, type Delivery, type Reaction } from './kafka/reaction.ts';
export {
  type PartitionRange,
  type PartitionRecord,
  readRecords,
} from './kafka/record-reader.ts';
export { hasReadBefore, readTopic } from './kafka/topic-reader.ts';
export { ensureTopics, type TopicOptions } from './kafka/topics.ts';
export type { ConsumerOptions } from './kafka/worker.ts';
export type { Logger } from './logger.ts';
export {
  MAX_PENDING_EVENTS,
  type PendingDocument,
  type PendingEvent,
  pushPendingEvents,
  roomForPendingEvents,
  withPendingEvents,
} from './mongodb/pending.ts';
export { type MongoRelay, type MongoRelayOptions, startMongoRelay } from './mongodb/relay.ts';
export { documentVersions, documentVersionsOf, tellAgain } from './mongodb/state-versions.ts';
export { isTransientMongoError } from './mongodb/transience.ts';
export { claimEvent } from './postgres/inbox.ts';
export { appendEvents, outboxColumns } from './postgres/outbox.ts';
export { deleteInRounds, pruneDelivered } from './postgres/prune.ts';
export { type Relay, type RelayOptions, startRelay } from './postgres/relay.ts';
export { type StateTable, tableVersions, tableVersionsOf } from './postgres/state-versions.ts';
export type { SqlTransaction } from './postgres/transaction.ts';
export { CONSUMER_GROUPS, type ConsumerGroup, deadLetterTopicName, groupId, topicName } from './topology.ts';
