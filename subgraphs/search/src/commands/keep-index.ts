/**
 * Sees to it that there is an index, and that it has what the topic has: made at the start, made again when somebody deleted it, filled from
 * the topic when the consumer group has read on (it would never be given those events again). That it is filled is noted in the index once it
 * is: one whose filling was cut off has documents, too.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { CONSUMER_GROUPS, hasReadBefore, type KafkaSettings, readTopic, TOPICS } from '@ebuy/events';
import type { Logger } from '@ebuy/runtime';
import type { IndexVersions } from '../store/versions.ts';
import { type IndexNeeds, indexProducts } from './index-products.ts';

const FIRST_WAIT_MS = 250;
const MAX_WAIT_MS = 5_000;

export interface KeepNeeds extends IndexNeeds {
  readonly versions: IndexVersions;
  readonly kafka: KafkaSettings;
  readonly logger: Logger;
  /** Once the index is there, before it is said to be ready for the first time. */
  readonly warmUp?: (signal: AbortSignal) => Promise<void>;
}

export interface IndexKeeper {
  /** Looks whether all is well, and makes it so in the background; never rejects. Asked again while at it, it looks once. */
  look(): void;
  /** Rejects until the index is there and filled. */
  ready(): Promise<void>;
  stop(): Promise<void>;
}

export function keepIndex(needs: KeepNeeds): IndexKeeper {
  const ending = new AbortController();
  let looking: Promise<void> | null = null;
  let isReady = false;
  let isWarm = false;

  async function untilWell(): Promise<void> {
    for (let waitMs = FIRST_WAIT_MS; !ending.signal.aborted; waitMs = Math.min(waitMs * 2, MAX_WAIT_MS)) {
      try {
        await makeWell(needs, ending.signal);
        if (!isWarm) await needs.warmUp?.(ending.signal);
        isWarm = true;
        isReady = true;
        return;
      } catch (error) {
        if (ending.signal.aborted) return;
        needs.logger.warn({ err: error }, 'the index is not there yet; trying again');
        await sleep(waitMs, undefined, { signal: ending.signal }).catch(() => undefined);
      }
    }
  }

  return {
    look() {
      isReady = isReady && looking !== null;
      looking ??= untilWell().finally(() => {
        looking = null;
      });
    },
    async ready() {
      if (!isReady) throw new Error('The index is not there, or being filled');
    },
    async stop() {
      ending.abort(new Error('The service stops'));
      await looking;
    },
  };
}

async function makeWell(needs: KeepNeeds, signal: AbortSignal): Promise<void> {
  const { versions, kafka, logger } = needs;
  const version = await versions.ensure();
  if (version.meta.fingerprint !== versions.meta.fingerprint) {
    await versions.addFields(version);
    logger.warn(
      { index: version.index },
      'the index was made by another version of this service: run `npm run reindex`',
    );
  }
  if (version.meta.filledAt !== undefined) return;
  if (await hasReadBefore(kafka, CONSUMER_GROUPS.indexProducts)) {
    logger.warn({ index: version.index }, 'events were read before this index was made: it is filled from the topic');
    const read = await readTopic(kafka, TOPICS.catalogProduct, (events) => indexProducts(needs, events), signal);
    // What is said to be ready finds all of it at once.
    await versions.refresh(version.index);
    logger.info({ index: version.index, ...read }, 'the index is filled');
  }
  await versions.note(version.index, { filledAt: new Date().toISOString() });
}
