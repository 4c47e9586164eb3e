/**
 * Reads a state topic once from its beginning to where it ends now, beside its consumer groups and without touching their offsets: what a
 * read model that was lost is rebuilt from.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { newId } from '@ebuy/kernel';
import type { Admin, Consumer, EachBatchPayload } from 'kafkajs';
import type { Topic } from '../catalogue.ts';
import { type DomainEvent, decodeEvent } from '../envelope.ts';
import { type ConsumerGroup, groupId, topicName } from '../topology.ts';
import { createKafka, type KafkaSettings } from './client.ts';
import { MAX_EVENTS_AT_ONCE } from './reaction.ts';

/** A topic that yields nothing more for so long before its end is not read to its end. */
const STALLED_MS = 60_000;
const LEADER_TRIES = 50;
const LEADER_CHECK_MS = 100;

type SeekEntries = Awaited<ReturnType<Admin['fetchTopicOffsets']>>;

export interface TopicRead {
  readonly events: number;
  /** Records that are no event of ours: passed over here, in the dead letters of whoever consumes the topic. */
  readonly unreadable: number;
}

/**
 * Hands over all events, in the order of each partition, at most 200 at once; partitions one after another or mixed. `apply` must bear to see
 * an event that it has applied already. Rejects with what `apply` or Kafka rejects with, or when `signal` is aborted.
 */
export async function readTopic(
  settings: KafkaSettings,
  topic: Topic,
  apply: (events: readonly DomainEvent[]) => Promise<void>,
  signal?: AbortSignal,
): Promise<TopicRead> {
  const kafka = createKafka(settings);
  const admin = kafka.admin();
  await admin.connect();
  const reader = `${settings.namespace}reader-${newId()}`;
  const consumer = kafka.consumer({
    groupId: reader,
    maxWaitTimeInMs: 200,
    allowAutoTopicCreation: false,
    retry: { retries: 5, restartOnFailure: async () => false },
  });
  try {
    const name = topicName(settings.namespace, topic);
    const offsets = await offsetsOf(admin, name);
    const ahead = new Map(
      offsets.filter(({ low, high }) => Number(high) > Number(low)).map((one) => [one.partition, Number(one.high)]),
    );
    if (ahead.size === 0) return { events: 0, unreadable: 0 };
    await consumer.connect();
    await consumer.subscribe({ topic: name, fromBeginning: true });
    return await readUntil(consumer, ahead, apply, signal);
  } finally {
    await consumer.disconnect().catch(() => undefined);
    await admin.deleteGroups([reader]).catch(() => undefined);
    await admin.disconnect();
  }
}

/** kafkajs gives up at the first broker that has not heard yet that it leads a new partition. */
export async function offsetsOf(admin: Admin, topic: string): Promise<SeekEntries> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await admin.fetchTopicOffsets(topic);
    } catch (error) {
      if (tries === LEADER_TRIES || !(error as { retriable?: boolean }).retriable) throw error;
      await sleep(LEADER_CHECK_MS);
    }
  }
}

/** Whether a group has ever committed an offset on its topic: what came before, it will not be given again. */
export async function hasReadBefore(settings: KafkaSettings, group: ConsumerGroup): Promise<boolean> {
  const admin = createKafka(settings).admin();
  await admin.connect();
  try {
    const topic = topicName(settings.namespace, group.topic);
    const known = await admin.fetchOffsets({ groupId: groupId(settings.namespace, group), topics: [topic] });
    return known.some(({ partitions }) => partitions.some(({ offset }) => Number(offset) >= 0));
  } finally {
    await admin.disconnect();
  }
}

/** `ahead`: each partition's first offset that is not read any more. */
async function readUntil(
  consumer: Consumer,
  ahead: Map<number, number>,
  apply: (events: readonly DomainEvent[]) => Promise<void>,
  signal: AbortSignal | undefined,
): Promise<TopicRead> {
  const read = { events: 0, unreadable: 0 };
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let stalled: NodeJS.Timeout | undefined;
  const goOn = () => {
    clearTimeout(stalled);
    stalled = setTimeout(() => reject(new Error(`Kafka gave no more of the topic for ${STALLED_MS} ms`)), STALLED_MS);
  };
  const stop = () => reject(signal?.reason);
  signal?.addEventListener('abort', stop);
  const eachBatch = async ({ batch, heartbeat }: EachBatchPayload) => {
    goOn();
    const end = ahead.get(batch.partition);
    if (end === undefined || signal?.aborted) return;
    for (let from = 0; from < batch.messages.length; from += MAX_EVENTS_AT_ONCE) {
      const messages = batch.messages.slice(from, from + MAX_EVENTS_AT_ONCE);
      const events = messages.flatMap(({ value }) => eventIn(value));
      read.unreadable += messages.filter(({ value }) => value !== null).length - events.length;
      await apply(events);
      read.events += events.length;
      await heartbeat();
    }
    // The last records of a compacted topic may be gone; the batch that would have held them says how far it reaches.
    if (Number(batch.lastOffset()) >= end - 1) ahead.delete(batch.partition);
    if (ahead.size === 0) resolve();
  };
  consumer.on(consumer.events.CRASH, ({ payload }) => reject(payload.error));
  try {
    signal?.throwIfAborted();
    goOn();
    consumer
      .run({
        autoCommit: false,
        partitionsConsumedConcurrently: 3,
        eachBatch: (payload) =>
          eachBatch(payload).catch((error) => {
            reject(error);
            throw error;
          }),
      })
      .catch(reject);
    await promise;
    return read;
  } finally {
    clearTimeout(stalled);
    signal?.removeEventListener('abort', stop);
  }
}

function eventIn(value: Buffer | null): DomainEvent[] {
  if (value === null) return [];
  try {
    return [decodeEvent(value.toString())];
  } catch {
    return [];
  }
}
