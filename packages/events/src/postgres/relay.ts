/**
 * The relay: carries committed events from the outbox to Kafka, in order, at least once.
 *
 * - It selects unpublished rows, never beyond a high-water mark: transactions commit out of the order of their positions.
 * - One relay is active per database, by a session advisory lock; the others stand by and take over when its session ends.
 * - It is woken by LISTEN, and looks by itself once a second in case a notification was missed.
 * - Lock and LISTEN live in the session, so the connection must be direct: a transaction pooler breaks both.
 * - A crash between the publish and its mark publishes again: consumers apply an event once.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Producer } from 'kafkajs';
import pg from 'pg';
import { failpoint } from '../failpoint.ts';
import { createKafka, createProducer, type KafkaSettings } from '../kafka/client.ts';
import type { Logger } from '../logger.ts';

const ADVISORY_LOCK = 0x6f75_7462;
const BATCH_ROWS = 500;
/** Of values. All may be of one partition, where a broker takes 1 MiB at once by default: a larger batch would never get through. */
const BATCH_BYTES = 512 * 1_024;
const POLL_MS = 1_000;
const STAND_BY_MS = 1_000;
const MAX_BACKOFF_MS = 5_000;

export interface RelayOptions {
  /** Of the owning subgraph, direct: not through a pooler. */
  readonly databaseUrl: string;
  readonly kafka: KafkaSettings;
  readonly logger: Logger;
  /** Failpoint for tests: awaited after the events are in Kafka and before they are marked. */
  readonly afterPublish?: () => Promise<void>;
}

export interface Relay {
  /** Publishes what is left, then gives up the lock. */
  stop(): Promise<void>;
}

interface OutboxRow {
  readonly id: string;
  readonly topic: string;
  readonly key: string;
  readonly value: string;
  /** How many wait, counted up to {@link BATCH_ROWS}. */
  readonly waiting: number;
}

/** Starts to relay; reconnects by itself for as long as it runs. */
export function startRelay(options: RelayOptions): Relay {
  const stopping = new AbortController();
  const done = keepRelaying(options, stopping.signal);
  return {
    async stop() {
      stopping.abort();
      await done;
    },
  };
}

async function keepRelaying(options: RelayOptions, stop: AbortSignal): Promise<void> {
  const kafka = createKafka(options.kafka);
  let failures = 0;
  while (!stop.aborted) {
    // A producer of its own each time: an idempotent one that met a fatal error never sends again.
    const producer = createProducer(kafka);
    try {
      await producer.connect();
      await relayInOneSession(options, producer, stop, () => {
        failures = 0;
      });
    } catch (error) {
      failures += 1;
      if (failures === 1) options.logger.warn({ err: error }, 'the relay lost an engine; events wait in the outbox');
      await pause(Math.min(100 * 2 ** failures, MAX_BACKOFF_MS), stop);
    } finally {
      await producer.disconnect().catch(() => undefined);
    }
  }
}

async function relayInOneSession(
  options: RelayOptions,
  producer: Producer,
  stop: AbortSignal,
  onProgress: () => void,
): Promise<void> {
  const session = new pg.Client({
    connectionString: options.databaseUrl,
    application_name: 'outbox-relay',
    keepAlive: true,
    connectionTimeoutMillis: 5_000,
    query_timeout: 10_000,
  });
  const wake = new Signal();
  const lost = new AbortController();
  session.on('error', (error) => lost.abort(error));
  session.on('end', () => lost.abort(new Error('the session ended')));
  session.on('notification', () => wake.raise());
  const ended = new AbortController();
  await session.connect();
  try {
    stop.addEventListener('abort', () => wake.raise(), { once: true, signal: ended.signal });
    while (!(await tryLock(session))) {
      await pause(STAND_BY_MS, stop);
      if (stop.aborted) return;
    }
    await session.query('LISTEN outbox');
    onProgress();
    for (;;) {
      lost.signal.throwIfAborted();
      const { published, more } = await publishBatch(options, producer, session);
      if (published > 0) onProgress();
      if (more) continue;
      if (stop.aborted) return;
      await wake.wait(POLL_MS);
    }
  } finally {
    ended.abort();
    await session.end().catch(() => undefined);
  }
}

async function tryLock(session: pg.Client): Promise<boolean> {
  const { rows } = await session.query<{ locked: boolean }>('SELECT pg_try_advisory_lock($1) AS locked', [
    ADVISORY_LOCK,
  ]);
  return rows[0]?.locked === true;
}

/** The oldest rows that fit into a batch, and always the first. */
const NEXT_BATCH = `
  SELECT id, topic, key, value, waiting FROM (
    SELECT *, count(*) OVER ()::int AS waiting, sum(octet_length(value)) OVER (ORDER BY position) AS bytes,
           row_number() OVER (ORDER BY position) AS nth
      FROM (SELECT id, topic, key, value, position FROM outbox WHERE published_at IS NULL ORDER BY position LIMIT ${BATCH_ROWS}) oldest
  ) counted WHERE bytes <= ${BATCH_BYTES} OR nth = 1 ORDER BY position`;

async function publishBatch(
  options: RelayOptions,
  producer: Producer,
  session: pg.Client,
): Promise<{ published: number; more: boolean }> {
  const { rows } = await session.query<OutboxRow>(NEXT_BATCH);
  const [first] = rows;
  if (first === undefined) return { published: 0, more: false };
  const byTopic = Map.groupBy(rows, (row) => `${options.kafka.namespace}${row.topic}`);
  await producer.sendBatch({
    acks: -1,
    timeout: 10_000,
    topicMessages: [...byTopic].map(([topic, messages]) => ({
      topic,
      messages: messages.map(({ key, value }) => ({ key, value })),
    })),
  });
  failpoint('relay-after-publish');
  await options.afterPublish?.();
  await session.query('UPDATE outbox SET published_at = now() WHERE id = ANY($1::uuid[])', [rows.map((row) => row.id)]);
  return { published: rows.length, more: rows.length < first.waiting || first.waiting === BATCH_ROWS };
}

/** Remembers that it was raised while nobody waited, so that no notification falls between two looks. */
class Signal {
  #raised = false;
  #resolve: (() => void) | undefined;

  raise(): void {
    this.#raised = true;
    this.#resolve?.();
  }

  async wait(timeoutMs: number): Promise<void> {
    if (!this.#raised) {
      let timer: NodeJS.Timeout | undefined;
      await new Promise<void>((resolve) => {
        this.#resolve = resolve;
        timer = setTimeout(resolve, timeoutMs);
      });
      clearTimeout(timer);
      this.#resolve = undefined;
    }
    this.#raised = false;
  }
}

async function pause(ms: number, stop: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal: stop }).catch(() => undefined);
}
