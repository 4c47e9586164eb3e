/** Creates the topics of the catalogue, and each consumer group's dead letters. Topics that exist are left as they are. */
import type { ITopicConfig } from 'kafkajs';
import { TOPICS, type Topic } from '../catalogue.ts';
import { CONSUMER_GROUPS, deadLetterTopicName, topicName } from '../topology.ts';
import { createKafka, type KafkaSettings } from './client.ts';

const DAY_MS = 86_400_000;
const SAGA_RETENTION_MS = 30 * DAY_MS;
const DEAD_LETTER_RETENTION_MS = 90 * DAY_MS;
/** The largest record that a broker takes by default (1 MiB and a batch's header), and room for the headers that say why. */
const DEAD_LETTER_BYTES = 1_048_588 + 64 * 1_024;

export interface TopicOptions {
  /** 6 by default: the most replicas of a service that share a topic's work. */
  readonly partitions?: number;
  /** 1 by default; 3 in production. */
  readonly replicationFactor?: number;
}

/** Returns the names of those it created. */
export async function ensureTopics(settings: KafkaSettings, options: TopicOptions = {}): Promise<string[]> {
  const admin = createKafka(settings).admin();
  await admin.connect();
  try {
    const existing = new Set(await admin.listTopics());
    const missing = wanted(settings.namespace, options).filter(({ topic }) => !existing.has(topic));
    if (missing.length > 0) await admin.createTopics({ topics: missing, waitForLeaders: true, timeout: 15_000 });
    return missing.map(({ topic }) => topic);
  } finally {
    await admin.disconnect();
  }
}

function wanted(namespace: string, { partitions = 6, replicationFactor = 1 }: TopicOptions): ITopicConfig[] {
  // What was acknowledged is on two brokers at least: the outbox forgets it then.
  const durability = replicationFactor < 3 ? [] : [{ name: 'min.insync.replicas', value: '2' }];
  const own = Object.values(TOPICS).map((topic) => ({
    topic: topicName(namespace, topic),
    numPartitions: partitions,
    replicationFactor,
    configEntries: [...retention(topic), ...durability],
  }));
  const dead = Object.values(CONSUMER_GROUPS).map((group) => ({
    topic: deadLetterTopicName(namespace, group),
    numPartitions: 1,
    replicationFactor,
    configEntries: [
      { name: 'retention.ms', value: String(DEAD_LETTER_RETENTION_MS) },
      { name: 'max.message.bytes', value: String(DEAD_LETTER_BYTES) },
      ...durability,
    ],
  }));
  return [...own, ...dead];
}

function retention(topic: Topic): { name: string; value: string }[] {
  return topic.retention === 'state'
    ? [{ name: 'cleanup.policy', value: 'compact' }]
    : [{ name: 'retention.ms', value: String(SAGA_RETENTION_MS) }];
}
