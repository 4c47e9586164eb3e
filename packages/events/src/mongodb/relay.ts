/**
 * The relay of a MongoDB subgraph: carries pending events from a collection's documents to Kafka, at least once, in order for each
 * document.
 *
 * - One relay is active per collection, by a {@link Lease}; the others stand by and take over when it is given up or runs out.
 * - It is woken with the ids of changed documents, and looks through the sparse index over `pendingSince` by itself now and then:
 *   for what other replicas wrote, and for what a crash left.
 * - Documents are published oldest first, each one's events in their order; the key is the aggregate, so they share a partition.
 * - Events leave their document only after Kafka has them. A crash in between publishes again: consumers apply an event once.
 * - A batch has a deadline well within the lease, so a holder that lost it has stopped sending by then.
 */
import type { mongo } from 'mongoose';
import { failpoint } from '../failpoint.ts';
import { createKafka, createProducer, type KafkaSettings } from '../kafka/client.ts';
import type { Logger } from '../logger.ts';
import type { Relay } from '../postgres/relay.ts';
import { Lease, type LeaseDocument, LeaseLost } from './lease.ts';
import type { PendingDocument, PendingEvent } from './pending.ts';
import { Wakeful } from './wakeful.ts';

const LEASES = 'relayLeases';
const LEASE_MS = 12_000;
const BATCH_DOCUMENTS = 200;
const EVENTS_A_DOCUMENT = 50;
const BATCH_BYTES = 512 * 1024;
const LOOK_EVERY_MS = 1_000;
const LOOK_AT_LEAST_EVERY_MS = 10_000;
/** Looking may take a twentieth of the time: an index makes it nothing, an engine without one reads every document. */
const LOOK_SHARE = 20;
const MAX_BACKOFF_MS = 5_000;

export interface MongoRelayOptions {
  /** Of the owning subgraph. The lease is kept there, in `relayLeases`. */
  readonly database: mongo.Db;
  /** Whose documents are {@link PendingDocument}s, with a sparse index over `pendingSince`. */
  readonly collection: string;
  readonly kafka: KafkaSettings;
  readonly logger: Logger;
  /** How long a wake is let wait for others, to be sent in one batch; not at all by default. For events that nobody is in a hurry for. */
  readonly lingerMs?: number;
  /** How often it looks by itself, in ms; each second by default. Less often where nobody is in a hurry for what a crash left. */
  readonly lookEveryMs?: number;
  /** How long a relay that died keeps the others waiting; 12 s by default. A batch must be in Kafka within half of it. */
  readonly leaseMs?: number;
  /** Failpoint for tests: awaited after the events are in Kafka and before they leave their documents. */
  readonly afterPublish?: () => Promise<void>;
}

export interface MongoRelay extends Relay {
  /** Says that a document has pending events. Never needed for delivery, only for haste. */
  wake(documentId: string): void;
}

/** Starts to relay; reconnects by itself for as long as it runs. `stop` publishes what is left, then gives up the lease. */
export function startMongoRelay(options: MongoRelayOptions): MongoRelay {
  const stopping = new AbortController();
  const wakeful = new Wakeful(BATCH_DOCUMENTS);
  stopping.signal.addEventListener('abort', () => wakeful.raise(), { once: true });
  const done = keepRelaying(options, wakeful, stopping.signal);
  return {
    wake: (documentId) => wakeful.wake(documentId),
    async stop() {
      stopping.abort();
      await done;
    },
  };
}

async function keepRelaying(options: MongoRelayOptions, wakeful: Wakeful, stop: AbortSignal): Promise<void> {
  const { database, collection, logger, leaseMs = LEASE_MS, lingerMs = 0, lookEveryMs = LOOK_EVERY_MS } = options;
  const kafka = createKafka(options.kafka);
  const lease = new Lease(database.collection<LeaseDocument>(LEASES), collection, leaseMs);
  let failures = 0;
  while (!stop.aborted) {
    // A producer of its own each time: an idempotent one that met a fatal error never sends again.
    const producer = createProducer(kafka);
    try {
      if (!(await lease.acquire(stop))) break;
      await withDeadline(producer.connect(), leaseMs / 2, stop);
      const round = new Round(options, producer, lease, leaseMs / 2);
      await relayWhileHeld(round, lease, wakeful, { lingerMs, lookEveryMs, stop }, () => {
        failures = 0;
      });
    } catch (error) {
      failures += 1;
      if (failures === 1)
        logger.warn({ err: error, collection }, 'the relay was interrupted; events wait in documents');
      await wakeful.pause(Math.min(100 * 2 ** failures, MAX_BACKOFF_MS), stop);
    } finally {
      await producer.disconnect().catch(() => undefined);
    }
  }
  await lease.release().catch(() => undefined);
}

async function relayWhileHeld(
  round: Round,
  lease: Lease,
  wakeful: Wakeful,
  {
    lingerMs,
    lookEveryMs,
    stop,
  }: { readonly lingerMs: number; readonly lookEveryMs: number; readonly stop: AbortSignal },
  onProgress: () => void,
): Promise<void> {
  let lookAt = 0;
  for (;;) {
    await lease.keep();
    const ids = wakeful.take();
    if (ids.length > 0) await round.publish({ _id: { $in: ids } });
    const from = performance.now();
    if (from >= lookAt || stop.aborted) {
      const more = await round.publish({});
      const tookMs = performance.now() - from;
      lookAt = more ? 0 : from + Math.min(Math.max(lookEveryMs, tookMs * LOOK_SHARE), LOOK_AT_LEAST_EVERY_MS);
      if (more) continue;
      onProgress();
      if (stop.aborted) return;
    }
    await wakeful.wait(Math.min(lookAt - performance.now(), LOOK_EVERY_MS));
    if (lingerMs > 0) await wakeful.pause(lingerMs, stop);
  }
}

interface Taken {
  readonly documentId: string;
  readonly events: readonly PendingEvent[];
  /** Whether these are all that the document had. */
  readonly all: boolean;
}

/** Finds, sends and takes away one batch at a time. */
class Round {
  readonly #options: MongoRelayOptions;
  readonly #documents: mongo.Collection<PendingDocument>;
  readonly #producer: ReturnType<typeof createProducer>;
  readonly #lease: Lease;
  readonly #sendWithinMs: number;

  constructor(
    options: MongoRelayOptions,
    producer: ReturnType<typeof createProducer>,
    lease: Lease,
    sendWithinMs: number,
  ) {
    this.#options = options;
    this.#documents = options.database.collection<PendingDocument>(options.collection);
    this.#producer = producer;
    this.#lease = lease;
    this.#sendWithinMs = sendWithinMs;
  }

  /** True when more may be waiting. */
  async publish(which: mongo.Filter<PendingDocument>): Promise<boolean> {
    const found = await this.#documents
      .find(
        { ...which, pendingSince: { $exists: true } },
        { projection: { pendingEvents: { $slice: EVENTS_A_DOCUMENT }, pendingSince: 1 } },
      )
      .sort({ pendingSince: 1 })
      .limit(BATCH_DOCUMENTS)
      .toArray();
    const batch = within(BATCH_BYTES, found);
    if (batch.length === 0) return false;
    await this.#send(batch.flatMap(({ events }) => events));
    failpoint('relay-after-publish');
    await this.#options.afterPublish?.();
    await this.#documents.bulkWrite(batch.flatMap(withdrawal), { ordered: true });
    return found.length === BATCH_DOCUMENTS || batch.length < found.length || batch.some(({ all }) => !all);
  }

  async #send(events: readonly PendingEvent[]): Promise<void> {
    if (events.length === 0) return;
    if (this.#lease.remainingMs < this.#sendWithinMs) throw new LeaseLost('Too little of the lease is left to send');
    const byTopic = Map.groupBy(events, (event) => `${this.#options.kafka.namespace}${event.topic}`);
    const sent = this.#producer.sendBatch({
      acks: -1,
      timeout: this.#sendWithinMs,
      topicMessages: [...byTopic].map(([topic, messages]) => ({
        topic,
        messages: messages.map(({ key, value }) => ({ key, value })),
      })),
    });
    await withDeadline(sent, this.#sendWithinMs);
  }
}

/** As many of the oldest documents as fit; of one that does not fit, its first events; at least one event. */
function within(limitBytes: number, documents: readonly PendingDocument[]): Taken[] {
  const batch: Taken[] = [];
  let bytes = 0;
  for (const { _id, pendingEvents = [] } of documents) {
    let count = 0;
    for (const event of pendingEvents) {
      const size = event.value.length * 2;
      if (bytes + size > limitBytes && bytes > 0) break;
      bytes += size;
      count += 1;
    }
    const all = count === pendingEvents.length && count < EVENTS_A_DOCUMENT;
    if (count > 0 || all) batch.push({ documentId: _id, events: pendingEvents.slice(0, count), all });
    if (!all) break;
  }
  return batch;
}

/**
 * Takes what was sent out of a document, and only that. The first write matches while nothing was pushed since: then `pendingSince`
 * goes with the events. Otherwise the second does, and the document stays found.
 */
function withdrawal({ documentId, events, all }: Taken): mongo.AnyBulkWriteOperation<PendingDocument>[] {
  const clear = { $set: { pendingEvents: [] }, $unset: { pendingSince: '' as const } };
  const first = events[0];
  if (first === undefined) {
    return [{ updateOne: { filter: { _id: documentId, 'pendingEvents.0': { $exists: false } }, update: clear } }];
  }
  const ours = { _id: documentId, 'pendingEvents.0.id': first.id };
  const ids = events.map(({ id }) => id);
  return [
    ...(all ? [{ updateOne: { filter: { ...ours, pendingEvents: { $size: ids.length } }, update: clear } }] : []),
    { updateOne: { filter: ours, update: { $pull: { pendingEvents: { id: { $in: ids } } } } } },
  ];
}

/** Rejects when it takes too long, or when `stop` says that nobody waits any more. */
async function withDeadline(work: Promise<unknown>, withinMs: number, stop?: AbortSignal): Promise<void> {
  const signal = AbortSignal.any([AbortSignal.timeout(withinMs), ...(stop ? [stop] : [])]);
  const late = Promise.withResolvers<never>();
  const giveUp = () => late.reject(new Error(`Kafka did not answer within ${withinMs} ms`, { cause: signal.reason }));
  signal.addEventListener('abort', giveUp, { once: true });
  if (signal.aborted) giveUp();
  try {
    await Promise.race([work, late.promise]);
  } finally {
    signal.removeEventListener('abort', giveUp);
    work.catch(() => undefined);
  }
}
