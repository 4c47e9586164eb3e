/**
 * Records of several topics as they are, from where a reader stopped to where they end now: for whoever judges what was sent. It commits
 * nothing and disturbs no consumer group; the reader remembers its positions itself.
 */
import { newId } from '@ebuy/kernel';
import type { Admin, Consumer, EachBatchPayload, KafkaMessage } from 'kafkajs';
import { createKafka, type KafkaSettings } from './client.ts';
import { offsetsOf } from './topic-reader.ts';

/** Partitions that yield nothing more for so long before their end are not read to their end. */
const STALLED_MS = 30_000;

export interface PartitionRange {
  readonly topic: string;
  readonly partition: number;
  /** The oldest offset that is kept. */
  readonly low: number;
  /** The next that will be given. */
  readonly high: number;
}

export interface PartitionRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly message: KafkaMessage;
}

/** How far topics reach. Names are whole, with the namespace. Rejects when one does not exist. */
export async function readRanges(admin: Admin, topics: readonly string[]): Promise<PartitionRange[]> {
  const found = await Promise.all(topics.map((topic) => offsetsOf(admin, topic)));
  return found.flatMap((partitions, index) =>
    partitions.map(({ partition, low, high }) => ({
      topic: topics[index] ?? '',
      partition,
      low: Number(low),
      high: Number(high),
    })),
  );
}

/**
 * Hands over every record between `startAt` (of a range; at least its `low`) and its `high`, each partition in its order. Returns the ranges
 * that it read. Rejects with what `onRecord` or Kafka rejects with.
 */
export async function readRecords(
  settings: KafkaSettings,
  topics: readonly string[],
  startAt: (range: PartitionRange) => number,
  onRecord: (record: PartitionRecord) => void,
): Promise<PartitionRange[]> {
  const kafka = createKafka(settings);
  const admin = kafka.admin();
  await admin.connect();
  const reader = `${settings.namespace}records-${newId()}`;
  const consumer = kafka.consumer({
    groupId: reader,
    maxWaitTimeInMs: 100,
    allowAutoTopicCreation: false,
    retry: { retries: 5, restartOnFailure: async () => false },
  });
  try {
    const ranges = await readRanges(admin, topics);
    const next = new Map(ranges.map((range) => [placeOf(range), Math.max(range.low, startAt(range))]));
    const ahead = ranges.filter((range) => (next.get(placeOf(range)) ?? 0) < range.high);
    if (ahead.length > 0) {
      await consumer.connect();
      await consumer.subscribe({ topics: [...new Set(ahead.map(({ topic }) => topic))], fromBeginning: true });
      await readUntil(consumer, ahead, next, onRecord);
    }
    return ranges;
  } finally {
    await consumer.disconnect().catch(() => undefined);
    await admin.deleteGroups([reader]).catch(() => undefined);
    await admin.disconnect();
  }
}

const placeOf = ({ topic, partition }: { readonly topic: string; readonly partition: number }) =>
  `${topic}/${partition}`;

async function readUntil(
  consumer: Consumer,
  ranges: readonly PartitionRange[],
  next: Map<string, number>,
  onRecord: (record: PartitionRecord) => void,
): Promise<void> {
  const ends = new Map(ranges.map((range) => [placeOf(range), range.high]));
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let stalled: NodeJS.Timeout | undefined;
  const goOn = () => {
    clearTimeout(stalled);
    stalled = setTimeout(() => reject(new Error(`Kafka gave no more records for ${STALLED_MS} ms`)), STALLED_MS);
  };
  const eachBatch = async ({ batch }: EachBatchPayload) => {
    goOn();
    const { topic, partition, messages } = batch;
    const place = placeOf({ topic, partition });
    const end = ends.get(place);
    if (end === undefined) return;
    for (const message of messages) {
      const offset = Number(message.offset);
      // A rebalance begins again from the front: what was handed over is passed over.
      if (offset < (next.get(place) ?? 0) || offset >= end) continue;
      onRecord({ topic, partition, offset, message });
      next.set(place, offset + 1);
    }
    // The last records of a compacted topic may be gone; the batch that would have held them says how far it reaches.
    if (Number(batch.lastOffset()) >= end - 1) ends.delete(place);
    if (ends.size === 0) resolve();
  };
  consumer.on(consumer.events.CRASH, ({ payload }) => reject(payload.error));
  try {
    goOn();
    consumer
      .run({
        autoCommit: false,
        eachBatch: (payload) =>
          eachBatch(payload).catch((error) => {
            reject(error);
            throw error;
          }),
      })
      .catch(reject);
    for (const { topic, partition } of ranges) {
      consumer.seek({ topic, partition, offset: String(next.get(placeOf({ topic, partition }))) });
    }
    await promise;
  } finally {
    clearTimeout(stalled);
  }
}
