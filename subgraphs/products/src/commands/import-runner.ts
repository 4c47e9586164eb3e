import { setTimeout as delay } from 'node:timers/promises';
import { newId } from '@ebuy/kernel';
import type { Logger } from '@ebuy/runtime';
import { claimImport } from '../store/imports.ts';
import type { Database } from '../store/index.ts';
import { runImport } from './run-import.ts';

/** Imports at the same time in this process, so that a small one need not wait for a large one. */
const AT_ONCE = 2;
const LOOK_EVERY_MS = 1_500;

export interface ImportRunner {
  /** Looks for imports now, not at the next turn. */
  wake(): void;
  /** Stops between two products and gives back what is not done. */
  stop(): Promise<void>;
}

/** Looks for imports that nobody runs, here and on every other replica, and runs them. */
export function startImportRunner(database: Database, logger: Logger): ImportRunner {
  const stopping = new AbortController();
  const running = new Set<Promise<void>>();
  let waking = new AbortController();
  const look = async () => {
    while (running.size < AT_ONCE && !stopping.signal.aborted) {
      const claimed = await claimImport(database, newId());
      if (claimed === null) return;
      const run = runImport(database, claimed, { logger, signal: stopping.signal })
        .catch((error: unknown) => logger.error({ err: error, importId: claimed.id }, 'an import could not be ended'))
        .finally(() => {
          running.delete(run);
          waking.abort();
        });
      running.add(run);
    }
  };
  const loop = async () => {
    while (!stopping.signal.aborted) {
      waking = new AbortController();
      await look().catch((error: unknown) => logger.warn({ err: error }, 'imports could not be looked for'));
      const pause = LOOK_EVERY_MS * (0.9 + 0.2 * Math.random());
      await delay(pause, undefined, { signal: AbortSignal.any([waking.signal, stopping.signal]) }).catch(
        () => undefined,
      );
    }
  };
  const looping = loop();
  return {
    wake: () => waking.abort(),
    async stop() {
      stopping.abort();
      await looping;
      await Promise.all(running);
    },
  };
}
