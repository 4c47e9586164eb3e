/**
 * Runs a reaction: reads its topic, hands each event to its handler, moves on only once it is applied or put aside.
 *
 * - Within a partition strictly one after another; partitions side by side.
 * - A transient failure (an engine away) is retried without end, with backoff and heartbeats: order matters more than haste.
 * - Anything else is tried {@link MAX_TRIES} times and then goes to the dead letters, and the partition moves on.
 * - What cannot be read as an event of ours goes there at once.
 * - A consumer that kafkajs gives up is started again: it does so by itself for what it thinks will pass, and for nothing else.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { describeError, Fault } from '@ebuy/kernel';
import type { EachBatchPayload, KafkaMessage, Producer } from 'kafkajs';
import { type DomainEvent, decodeEvent, UnreadableEvent } from '../envelope.ts';
import { groupId, topicName } from '../topology.ts';
import { createKafka, createUnorderedProducer, type KafkaSettings } from './client.ts';
import { buryRecord, REPLAY_FOR } from './dead-letters.ts';
import { consumerName, type Reaction } from './reaction.ts';

const MAX_TRIES = 5;
const FIRST_BACKOFF_MS = 50;
const MAX_BACKOFF_MS = 5_000;
/** A replica that dies silently is missed after this long, and its partitions go to the others. */
const SESSION_TIMEOUT_MS = 12_000;
/** One that is started again in its place waits this long for the dead one to speak up. */
const REBALANCE_TIMEOUT_MS = 6_000;
const HEARTBEAT_MS = 2_000;
const RESTART_MS = 1_000;

export interface ConsumerOptions {
  readonly kafka: KafkaSettings;
  /** Whether an error of a handler may pass by itself, beyond retryable Faults: the store's connection errors. */
  readonly isTransient?: (error: unknown) => boolean;
  /** How many partitions at the same time; 6 by default. */
  readonly concurrency?: number;
  /** Told of every event that was applied or put aside, with the time since it was emitted: for metrics. */
  readonly onSettled?: (event: {
    consumer: string;
    type: string;
    outcome: 'applied' | 'buried';
    lagMs: number;
  }) => void;
}

export interface RunningConsumer {
  /** Finishes the event in hand, commits, leaves the group. */
  stop(): Promise<void>;
}

export async function runReaction(reaction: Reaction, options: ConsumerOptions): Promise<RunningConsumer> {
  const { namespace } = options.kafka;
  const kafka = createKafka(options.kafka);
  const consumer = kafka.consumer({
    groupId: groupId(namespace, reaction.group),
    sessionTimeout: SESSION_TIMEOUT_MS,
    rebalanceTimeout: REBALANCE_TIMEOUT_MS,
    heartbeatInterval: HEARTBEAT_MS,
    maxWaitTimeInMs: 1_000,
    allowAutoTopicCreation: false,
    retry: { initialRetryTime: 200, maxRetryTime: 3_000, retries: 10, restartOnFailure: async () => !worker.stopping },
  });
  const graveyard = createUnorderedProducer(kafka);
  const worker = new Worker(reaction, options, graveyard);
  const run = () =>
    consumer.run({
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: options.concurrency ?? 6,
      eachBatch: (batch) => worker.work(batch),
    });
  let restart: NodeJS.Timeout | undefined;
  const runAgain = (error: unknown) => {
    if (worker.stopping) return;
    const { logger } = options.kafka;
    logger.error({ consumer: consumerName(reaction.group), err: error }, 'a consumer was given up; it starts again');
    restart = setTimeout(() => run().catch(runAgain), RESTART_MS);
  };
  consumer.on(consumer.events.CRASH, ({ payload }) => {
    if (!payload.restart) runAgain(payload.error);
  });
  const stop = async () => {
    worker.stopping = true;
    clearTimeout(restart);
    await consumer.disconnect();
    await graveyard.disconnect();
  };
  try {
    await Promise.all([consumer.connect(), graveyard.connect()]);
    await consumer.subscribe({ topic: topicName(namespace, reaction.group.topic), fromBeginning: true });
    await run();
  } catch (error) {
    await stop().catch(() => undefined);
    throw error;
  }
  return { stop };
}

class Worker {
  stopping = false;
  readonly #reaction: Reaction;
  readonly #options: ConsumerOptions;
  readonly #graveyard: Producer;
  readonly #name: string;

  constructor(reaction: Reaction, options: ConsumerOptions, graveyard: Producer) {
    this.#reaction = reaction;
    this.#options = options;
    this.#graveyard = graveyard;
    this.#name = consumerName(reaction.group);
  }

  async work({ batch, resolveOffset, heartbeat, isRunning, isStale }: EachBatchPayload): Promise<void> {
    for (const message of batch.messages) {
      if (this.stopping || !isRunning() || isStale()) return;
      const settled = await this.#settle(message, batch.topic, batch.partition, heartbeat);
      if (!settled) return;
      resolveOffset(message.offset);
      await heartbeat();
    }
  }

  /** False: interrupted by a stop before the record was applied or put aside; it will come again. */
  async #settle(
    message: KafkaMessage,
    topic: string,
    partition: number,
    heartbeat: () => Promise<void>,
  ): Promise<boolean> {
    const replayFor = message.headers?.[REPLAY_FOR]?.toString();
    if (replayFor !== undefined && replayFor !== this.#name) return true;
    if (message.value === null) return true;
    /** False: interrupted before Kafka had it. */
    const bury = async (code: string, reason: string): Promise<boolean> => {
      this.#options.kafka.logger.error(
        { consumer: this.#name, code, reason, topic, partition, offset: message.offset },
        'event put aside',
      );
      const failure = await this.#untilDone(
        () =>
          buryRecord(
            this.#graveyard,
            this.#options.kafka.namespace,
            this.#reaction.group,
            { message, topic, partition },
            { code, reason },
          ),
        () => true,
        heartbeat,
      );
      return failure === undefined;
    };
    let event: DomainEvent;
    try {
      event = decodeEvent(message.value.toString());
    } catch (error) {
      const { message: reason } = describeError(error);
      return bury(error instanceof UnreadableEvent ? error.code : 'MALFORMED', reason);
    }
    const handler = this.#reaction.on[event.type] as
      | ((event: DomainEvent, delivery: { consumer: string }) => Promise<void>)
      | undefined;
    if (!handler) return true;
    const failure = await this.#untilDone(
      () => handler(event, { consumer: this.#name }),
      (error) => this.#isTransient(error),
      heartbeat,
    );
    if (failure === 'stopped') return false;
    if (failure) {
      const { type, message: reason } = describeError(failure.error);
      if (!(await bury('REACTION_FAILED', `${type}: ${reason}`))) return false;
    }
    this.#options.onSettled?.({
      consumer: this.#name,
      type: event.type,
      outcome: failure ? 'buried' : 'applied',
      lagMs: Date.now() - Date.parse(event.time),
    });
    return true;
  }

  /** Tries again until it is done: transient failures without end, others {@link MAX_TRIES} times. */
  async #untilDone(
    attempt: () => Promise<void>,
    isTransient: (error: unknown) => boolean,
    heartbeat: () => Promise<void>,
  ): Promise<undefined | 'stopped' | { error: unknown }> {
    for (let tries = 1; ; tries += 1) {
      try {
        await attempt();
        return undefined;
      } catch (error) {
        const transient = isTransient(error);
        if (!transient && tries >= MAX_TRIES) return { error };
        this.#options.kafka.logger.warn(
          { consumer: this.#name, err: error, tries, transient },
          'an event waits to be tried again',
        );
      }
      if (this.stopping) return 'stopped';
      await sleep(Math.min(FIRST_BACKOFF_MS * 2 ** Math.min(tries, 10), MAX_BACKOFF_MS));
      await heartbeat();
    }
  }

  #isTransient(error: unknown): boolean {
    if (error instanceof Fault) return error.retryable;
    return this.#options.isTransient?.(error) ?? false;
  }
}
