/**
 * Dead letters: records that a consumer group could not apply, kept with the reason while the partition moves on.
 *
 * A letter is the record as it came (key, value) with headers that say why. Replaying puts it back on its topic and partition, addressed
 * to its group alone: the others pass it over. It comes under a key of its own, for a compacted topic keeps the last record of each key: an
 * old state that is replayed must not take the newest one's place. The letter stays; the inbox makes a second replay harmless.
 */
import type { Admin, Consumer, Kafka, KafkaMessage, Producer } from 'kafkajs';
import { CONSUMER_GROUPS, type ConsumerGroup, deadLetterTopicName, groupId, topicName } from '../topology.ts';
import { createKafka, createProducer, type KafkaSettings } from './client.ts';
import { consumerName } from './reaction.ts';

/** Names the only group that a replayed record is meant for. */
export const REPLAY_FOR = 'ebuy-replay-for';

export interface DeadLetter {
  /** Position in the group's dead letters: what `replay` takes. */
  readonly offset: string;
  readonly group: ConsumerGroup;
  readonly key: string | null;
  readonly value: string | null;
  /** `MALFORMED`, `UNKNOWN_TYPE`, `NEWER_VERSION`, `INVALID_PAYLOAD`, or `REACTION_FAILED`. */
  readonly code: string;
  readonly reason: string;
  /** Where it came from: `topic/partition/offset`. */
  readonly origin: string;
  /** ISO 8601: when it was put aside. */
  readonly at: string;
}

/** Puts a record aside. Resolves once Kafka has it: only then may the offset move on. */
export async function buryRecord(
  producer: Producer,
  namespace: string,
  group: ConsumerGroup,
  record: { message: KafkaMessage; topic: string; partition: number },
  why: { code: string; reason: string },
): Promise<void> {
  await producer.send({
    topic: deadLetterTopicName(namespace, group),
    acks: -1,
    timeout: 10_000,
    messages: [
      {
        key: record.message.key,
        value: record.message.value,
        headers: {
          'ebuy-code': why.code,
          'ebuy-reason': why.reason.slice(0, 2_000),
          'ebuy-origin': `${record.topic}/${record.partition}/${record.message.offset}`,
          'ebuy-at': new Date().toISOString(),
        },
      },
    ],
  });
}

/** Reads a group's letters, oldest first, at most `limit`. */
export async function listDeadLetters(
  settings: KafkaSettings,
  group: ConsumerGroup,
  limit = 100,
): Promise<DeadLetter[]> {
  const kafka = createKafka(settings);
  const topic = deadLetterTopicName(settings.namespace, group);
  const admin = kafka.admin();
  await admin.connect();
  const reader = `${groupId(settings.namespace, group)}.reader-${process.pid}-${Date.now()}`;
  const consumer = kafka.consumer({ groupId: reader, maxWaitTimeInMs: 200, retry: { retries: 3 } });
  try {
    const end = await endOf(admin, topic);
    if (end.high <= end.low) return [];
    await consumer.connect();
    return await readUntil(consumer, topic, end.high, limit, group);
  } finally {
    await consumer.disconnect();
    await admin.deleteGroups([reader]).catch(() => undefined);
    await admin.disconnect();
  }
}

async function endOf(admin: Admin, topic: string): Promise<{ low: number; high: number }> {
  const [offsets] = await admin.fetchTopicOffsets(topic);
  return { low: Number(offsets?.low ?? 0), high: Number(offsets?.high ?? 0) };
}

async function readUntil(
  consumer: Consumer,
  topic: string,
  high: number,
  limit: number,
  group: ConsumerGroup,
): Promise<DeadLetter[]> {
  const letters: DeadLetter[] = [];
  await consumer.subscribe({ topic, fromBeginning: true });
  await new Promise<void>((resolve, reject) => {
    const deadline = setTimeout(() => reject(new Error(`No answer from Kafka for ${topic} within 15 s`)), 15_000);
    const finish = () => {
      clearTimeout(deadline);
      resolve();
    };
    consumer
      .run({
        autoCommit: false,
        eachMessage: async ({ message }) => {
          if (letters.length < limit) letters.push(toLetter(group, message));
          if (letters.length >= limit || Number(message.offset) >= high - 1) finish();
        },
      })
      .catch(reject);
  });
  return letters;
}

function toLetter(group: ConsumerGroup, message: KafkaMessage): DeadLetter {
  const header = (name: string) => message.headers?.[name]?.toString() ?? '';
  return {
    offset: message.offset,
    group,
    key: message.key?.toString() ?? null,
    value: message.value?.toString() ?? null,
    code: header('ebuy-code'),
    reason: header('ebuy-reason'),
    origin: header('ebuy-origin'),
    at: header('ebuy-at'),
  };
}

/** Puts letters back on their topic for their group alone, in the given order. Returns how many. */
export async function replayDeadLetters(settings: KafkaSettings, letters: readonly DeadLetter[]): Promise<number> {
  const kafka: Kafka = createKafka(settings);
  const producer = createProducer(kafka);
  await producer.connect();
  try {
    for (const letter of letters) {
      await producer.send({
        topic: topicName(settings.namespace, letter.group.topic),
        acks: -1,
        timeout: 10_000,
        messages: [replayOf(letter)],
      });
    }
    return letters.length;
  } finally {
    await producer.disconnect();
  }
}

function replayOf({ group, key, value, origin }: DeadLetter) {
  const consumer = consumerName(group);
  const own = `replay/${consumer}/`;
  const partition = Number(origin.split('/').at(-2));
  return {
    // A replay that was put aside again comes under the same key.
    key: key?.startsWith(own) ? key : `${own}${key ?? ''}`,
    value,
    ...(Number.isInteger(partition) ? { partition } : {}),
    headers: { [REPLAY_FOR]: consumer },
  };
}

/** The group with a given name, `<subgraph>.<reaction>`. */
export function findConsumerGroup(name: string): ConsumerGroup | undefined {
  return Object.values(CONSUMER_GROUPS).find((group) => `${group.subgraph}.${group.reaction}` === name);
}
