/** Creates the topics of the catalogue, and each consumer group's dead letters. Topics that exist are left as they are. */
import type { Admin, ITopicConfig } from 'kafkajs';
import { TOPICS, type Topic } from '../catalogue.ts';
import { CONSUMER_GROUPS, deadLetterTopicName, topicName } from '../topology.ts';
import { createKafka, type KafkaSettings } from './client.ts';

const DAY_MS = 86_400_000;
const CREATION_DEADLINE_MS = 15_000;
const LEADER_CHECK_MS = 50;
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
    const names = missing.map(({ topic }) => topic);
    if (names.length > 0) {
      await admin.createTopics({ topics: missing, waitForLeaders: false, timeout: CREATION_DEADLINE_MS });
      await waitForLeaders(admin, names);
    }
    return names;
  } finally {
    await admin.disconnect();
  }
}

/** kafkajs's own wait gives up at the first answer of a busy broker that has not heard of the topic it just made. */
async function waitForLeaders(admin: Admin, topics: string[]): Promise<void> {
  const deadline = Date.now() + CREATION_DEADLINE_MS;
  for (;;) {
    try {
      const metadata = await admin.fetchTopicMetadata({ topics });
      if (metadata.topics.every(({ partitions }) => partitions.every(({ leader }) => leader >= 0))) return;
    } catch (error) {
      if (Date.now() > deadline) throw error;
    }
    if (Date.now() > deadline) throw new Error(`Kafka has no leaders for new topics after ${CREATION_DEADLINE_MS} ms`);
    await new Promise((resolve) => setTimeout(resolve, LEADER_CHECK_MS));
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
