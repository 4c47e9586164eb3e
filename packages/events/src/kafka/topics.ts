/** Creates the topics of the catalogue, and each consumer group's dead letters. Topics that exist are left as they are. */
import type { ITopicConfig } from 'kafkajs';
import { TOPICS, type Topic } from '../catalogue.ts';
import { CONSUMER_GROUPS, deadLetterTopicName, topicName } from '../topology.ts';
import { createKafka, type KafkaSettings } from './client.ts';

const DAY_MS = 86_400_000;
const SAGA_RETENTION_MS = 30 * DAY_MS;
const DEAD_LETTER_RETENTION_MS = 90 * DAY_MS;

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
  const own = Object.values(TOPICS).map((topic) => ({
    topic: topicName(namespace, topic),
    numPartitions: partitions,
    replicationFactor,
    configEntries: retention(topic),
  }));
  const dead = Object.values(CONSUMER_GROUPS).map((group) => ({
    topic: deadLetterTopicName(namespace, group),
    numPartitions: 1,
    replicationFactor,
    configEntries: [{ name: 'retention.ms', value: String(DEAD_LETTER_RETENTION_MS) }],
  }));
  return [...own, ...dead];
}

function retention(topic: Topic): { name: string; value: string }[] {
  return topic.retention === 'state'
    ? [{ name: 'cleanup.policy', value: 'compact' }]
    : [{ name: 'retention.ms', value: String(SAGA_RETENTION_MS) }];
}
