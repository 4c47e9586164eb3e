/**
 * Compares a state topic with the store that it tells of: what every read model is filled from must end, for each key, with the owner's
 * newest version. An event may have been lost (an outbox row, a disk of Kafka's), and a relay that was frozen between its look at the
 * lock and its send may have put an older state behind a newer one, where compaction keeps it.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Topic } from '../catalogue.ts';
import type { DomainEvent } from '../envelope.ts';
import type { KafkaSettings } from './client.ts';
import { readTopic } from './topic-reader.ts';

export interface StateVersion {
  readonly key: string;
  readonly version: number;
  /** Whether an event of it is still to be sent, seen at the same moment as the version. */
  readonly waiting: boolean;
}

/** The owner's store, as this comparison needs it. */
export interface TopicTruth {
  readonly topic: Topic;
  /** Every key that has ever been told of, once, in batches. A key and a number are all that is kept of each. */
  versions(): AsyncIterable<readonly StateVersion[]>;
  /** The versions that these keys have by now; those that are not kept are missing. */
  versionsOf(keys: readonly string[]): Promise<ReadonlyMap<string, number>>;
  /**
   * Tells the whole state of these keys again, as an event like any other that waits to be sent: as they are now, in their order with
   * other changes. Returns how many.
   */
  announce(keys: readonly string[]): Promise<number>;
  /** Whether an event is the last of its key: the owner may have let it go since. None by default. */
  readonly isFarewell?: (event: DomainEvent) => boolean;
}

export interface TopicComparison {
  readonly compared: number;
  /** Keys that the topic did not have, or had in an older version; told again. */
  readonly missing: number;
  readonly older: number;
  /** Keys whose newest record claims a version that the store does not have: whoever follows the topic waits for later ones. */
  readonly ahead: readonly string[];
  /** Keys that the store does not have. */
  readonly strangers: readonly string[];
  /** Records that are no event. */
  readonly unreadable: number;
}

/** So many are told again in one write, with a pause between: the relay and who follows have other work, too. */
const BATCH = 100;
const PAUSE_MS = 50;
/** The most that are listed of what is ahead or strange. */
const MOST_LISTED = 1_000;

/**
 * Reads the store first and the topic after it: whatever the store had and had sent by then is in the topic by now, unless it is lost.
 * Keys whose events were still waiting are left to the next comparison.
 */
export async function compareTopic(
  settings: KafkaSettings,
  truth: TopicTruth,
  signal?: AbortSignal,
): Promise<TopicComparison> {
  const stored = new Map<string, number>();
  const waiting = new Set<string>();
  for await (const batch of truth.versions()) {
    for (const state of batch) {
      if (state.waiting) waiting.add(state.key);
      else stored.set(state.key, state.version);
    }
  }
  const told = new Map<string, number>();
  const gone = new Set<string>();
  const { unreadable } = await readTopic(
    settings,
    truth.topic,
    async (events) => {
      for (const event of events) {
        told.set(event.subject, (event.payload as { version: number }).version);
        if (truth.isFarewell?.(event)) gone.add(event.subject);
        else gone.delete(event.subject);
      }
    },
    signal,
  );
  const missing = [...stored.keys()].filter((key) => !told.has(key));
  const older = [...stored].filter(([key, version]) => (told.get(key) ?? version) < version).map(([key]) => key);
  const beyond = [...told].filter(
    ([key, version]) => !waiting.has(key) && version > (stored.get(key) ?? (gone.has(key) ? version : 0)),
  );
  const { ahead, strangers } = await judgeBeyond(truth, beyond);
  return {
    compared: stored.size,
    missing: await announceAll(truth, missing, signal),
    older: await announceAll(truth, older, signal),
    ahead,
    strangers,
    unreadable,
  };
}

/** What the store did not have when it was read it may have by now. */
async function judgeBeyond(
  truth: TopicTruth,
  beyond: readonly (readonly [key: string, version: number])[],
): Promise<{ ahead: string[]; strangers: string[] }> {
  const ahead: string[] = [];
  const strangers: string[] = [];
  for (let from = 0; from < beyond.length && ahead.length + strangers.length < MOST_LISTED; from += BATCH) {
    const some = beyond.slice(from, from + BATCH);
    const now = await truth.versionsOf(some.map(([key]) => key));
    for (const [key, version] of some) {
      const known = now.get(key);
      if (known === undefined) strangers.push(key);
      else if (known < version) ahead.push(key);
    }
  }
  return { ahead, strangers };
}

async function announceAll(truth: TopicTruth, keys: readonly string[], signal?: AbortSignal): Promise<number> {
  let announced = 0;
  for (let from = 0; from < keys.length; from += BATCH) {
    signal?.throwIfAborted();
    if (from > 0) await sleep(PAUSE_MS);
    announced += await truth.announce(keys.slice(from, from + BATCH));
  }
  return announced;
}
