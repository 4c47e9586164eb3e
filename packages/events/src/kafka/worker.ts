/**
 * Applies the records of a partition.
 *
 * - A transient failure (an engine away) is retried without end, with backoff and heartbeats: order matters more than haste.
 * - Anything else is tried {@link MAX_TRIES} times and then goes to the dead letters, and the partition moves on.
 * - What cannot be read as an event of ours goes there at once.
 * - While a handler works Kafka hears from us: one that takes longer than a session would else be given its event again without end.
 * - Of many at once ({@link Reaction.onBatch}) one that is refused sends all of them one by one: what is sound is applied, the poison alone is put aside.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { describeError, Fault } from '@ebuy/kernel';
import type { EachBatchPayload, KafkaMessage, Producer } from 'kafkajs';
import { type DomainEvent, decodeEvent, UnreadableEvent } from '../envelope.ts';
import { failpoint } from '../failpoint.ts';
import type { KafkaSettings } from './client.ts';
import { buryRecord, REPLAY_FOR } from './dead-letters.ts';
import { consumerName, type Delivery, MAX_EVENTS_AT_ONCE, type Reaction } from './reaction.ts';

const MAX_TRIES = 5;
const FIRST_BACKOFF_MS = 50;
const MAX_BACKOFF_MS = 5_000;
const BEAT_EVERY_MS = 2_000;
/** A handler that takes longer hangs: Kafka hears no more of us, and another replica is given its event. */
const LONGEST_WORK_MS = 300_000;

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

interface Place {
  readonly topic: string;
  readonly partition: number;
  readonly heartbeat: () => Promise<void>;
}

interface Unreadable {
  readonly code: string;
  readonly reason: string;
}

/** A record, read: what to apply, why not, or null when it is not for this group. */
interface Arrival {
  readonly message: KafkaMessage;
  readonly found: DomainEvent | Unreadable | null;
}

const isEvent = (found: Arrival['found']): found is DomainEvent => found !== null && 'payload' in found;

async function beating(work: () => Promise<void>, heartbeat: () => Promise<void>): Promise<void> {
  const until = performance.now() + LONGEST_WORK_MS;
  // What Kafka answers (a rebalance) is heard again by the heartbeat that follows the work.
  const timer = setInterval(() => {
    if (performance.now() < until) heartbeat().catch(() => undefined);
  }, BEAT_EVERY_MS);
  try {
    await work();
  } finally {
    clearInterval(timer);
  }
}

export class Worker {
  stopping = false;
  readonly #reaction: Reaction;
  readonly #options: ConsumerOptions;
  readonly #graveyard: Producer;
  readonly #delivery: Delivery;
  #commit: (() => Promise<void>) | undefined;

  constructor(reaction: Reaction, options: ConsumerOptions, graveyard: Producer) {
    this.#reaction = reaction;
    this.#options = options;
    this.#graveyard = graveyard;
    this.#delivery = { consumer: consumerName(reaction.group) };
  }

  /**
   * Commits what was applied and is not committed yet, if it is time to. kafkajs commits after a batch and never again: when Kafka did not
   * take it, while its coordinator was loading, say, a quiet topic would look unread until its next record.
   */
  async commitWhatIsLeft(): Promise<void> {
    await this.#commit?.();
  }

  async work(payload: EachBatchPayload): Promise<void> {
    const { batch, resolveOffset, heartbeat, isRunning, isStale } = payload;
    this.#commit = () => payload.commitOffsetsIfNecessary();
    const place = { topic: batch.topic, partition: batch.partition, heartbeat };
    const size = this.#reaction.onBatch ? MAX_EVENTS_AT_ONCE : 1;
    for (let from = 0; from < batch.messages.length; from += size) {
      if (this.stopping || !isRunning() || isStale()) return;
      const arrivals = batch.messages.slice(from, from + size).map((message) => this.#read(message));
      const together = await this.#settleTogether(arrivals, heartbeat);
      if (together === 'stopped') return;
      for (const arrival of arrivals) {
        const settled = together === 'applied' && isEvent(arrival.found);
        if (!settled && !(await this.#settle(arrival, place))) return;
        if (arrival.found !== null) failpoint('consumer-before-offset');
        resolveOffset(arrival.message.offset);
        if (together !== 'applied') await heartbeat();
      }
      await heartbeat();
    }
  }

  #read(message: KafkaMessage): Arrival {
    const replayFor = message.headers?.[REPLAY_FOR]?.toString();
    if (replayFor !== undefined && replayFor !== this.#delivery.consumer) return { message, found: null };
    if (message.value === null) return { message, found: null };
    try {
      const event = decodeEvent(message.value.toString());
      return { message, found: this.#reaction.on[event.type] ? event : null };
    } catch (error) {
      const { message: reason } = describeError(error);
      return { message, found: { code: error instanceof UnreadableEvent ? error.code : 'MALFORMED', reason } };
    }
  }

  /** `no`: one by one, please. */
  async #settleTogether(
    arrivals: readonly Arrival[],
    heartbeat: () => Promise<void>,
  ): Promise<'applied' | 'stopped' | 'no'> {
    const { onBatch } = this.#reaction;
    const events = arrivals.map(({ found }) => found).filter(isEvent);
    if (!onBatch || events.length < 2) return 'no';
    const failure = await this.#untilDone(
      () => onBatch(events, this.#delivery),
      (error) => this.#isTransient(error),
      heartbeat,
      1,
    );
    if (failure === 'stopped') return 'stopped';
    if (failure) {
      this.#options.kafka.logger.warn(
        { ...this.#delivery, err: failure.error, events: events.length },
        'events that cannot be applied together are applied one by one',
      );
      return 'no';
    }
    for (const event of events) this.#tell(event, 'applied');
    return 'applied';
  }

  /** False: interrupted by a stop before the record was applied or put aside; it will come again. */
  async #settle({ message, found }: Arrival, place: Place): Promise<boolean> {
    if (found === null) return true;
    if (!isEvent(found)) return this.#bury(message, place, found);
    const handler = this.#reaction.on[found.type] as (event: DomainEvent, delivery: Delivery) => Promise<void>;
    const failure = await this.#untilDone(
      () => handler(found, this.#delivery),
      (error) => this.#isTransient(error),
      place.heartbeat,
    );
    if (failure === 'stopped') return false;
    if (failure) {
      const { type, message: reason } = describeError(failure.error);
      if (!(await this.#bury(message, place, { code: 'REACTION_FAILED', reason: `${type}: ${reason}` }))) return false;
    }
    this.#tell(found, failure ? 'buried' : 'applied');
    return true;
  }

  /** False: interrupted before Kafka had it. */
  async #bury(message: KafkaMessage, { topic, partition, heartbeat }: Place, why: Unreadable): Promise<boolean> {
    const { logger, namespace } = this.#options.kafka;
    logger.error({ ...this.#delivery, ...why, topic, partition, offset: message.offset }, 'event put aside');
    const failure = await this.#untilDone(
      () => buryRecord(this.#graveyard, namespace, this.#reaction.group, { message, topic, partition }, why),
      () => true,
      heartbeat,
    );
    return failure === undefined;
  }

  #tell(event: DomainEvent, outcome: 'applied' | 'buried'): void {
    const lagMs = Date.now() - Date.parse(event.time);
    this.#options.onSettled?.({ ...this.#delivery, type: event.type, outcome, lagMs });
  }

  /** Tries again until it is done: transient failures without end, others `maxTries` times. */
  async #untilDone(
    attempt: () => Promise<void>,
    isTransient: (error: unknown) => boolean,
    heartbeat: () => Promise<void>,
    maxTries = MAX_TRIES,
  ): Promise<undefined | 'stopped' | { error: unknown }> {
    for (let tries = 1; ; tries += 1) {
      try {
        await beating(attempt, heartbeat);
        return undefined;
      } catch (error) {
        const transient = isTransient(error);
        if (!transient && tries >= maxTries) return { error };
        this.#options.kafka.logger.warn(
          { ...this.#delivery, err: error, tries, transient },
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
