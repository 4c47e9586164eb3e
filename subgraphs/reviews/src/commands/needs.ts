import { setTimeout as sleep } from 'node:timers/promises';
import type { Trace } from '@ebuy/events';
import { Fault } from '@ebuy/kernel';
import type { Logger } from '@ebuy/runtime';
import type { Store } from '../store/index.ts';

/** What every command of this subgraph works with. */
export interface Needs {
  readonly store: Store;
  readonly now: () => Date;
  readonly logger: Logger;
}

/** Counts a product's stars anew, see `createRatingCounter`. */
export type CountRating = (productId: string, trace: Trace) => Promise<void>;

const MAX_TRIES = 60;
const MAX_PAUSE_MS = 30;

/**
 * Tries until `attempt` gives something: a write that lost its race gives undefined and is decided anew on what is there then. One of the
 * racers always wins, so a round is never wasted for all.
 */
export async function untilWon<Result>(what: string, attempt: () => Promise<Result | undefined>): Promise<Result> {
  for (let tries = 1; tries <= MAX_TRIES; tries += 1) {
    const result = await attempt();
    if (result !== undefined) return result;
    await sleep(Math.random() * Math.min(2 * tries, MAX_PAUSE_MS));
  }
  throw new Fault(`${what} changed faster than it could be changed`, { retryable: true });
}
