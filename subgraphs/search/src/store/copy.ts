import { setTimeout as sleep } from 'node:timers/promises';
import { Fault } from '@ebuy/kernel';
import type { Logger } from '@ebuy/runtime';
import type { Engine } from './engine.ts';

const SLOW_MS = 15_000;
const LOOK_MS = 250;
/** While the engine is away the copy may go on or be lost: so long it is asked again. */
const MAX_AWAY_MS = 60_000;

interface TaskAnswer {
  readonly completed: boolean;
  readonly task: { readonly status?: { readonly total: number; readonly created: number } };
  readonly error?: { readonly type: string; readonly reason: string };
  readonly response?: {
    readonly failures: readonly object[];
    readonly created: number;
    readonly version_conflicts: number;
  };
}

/** Copies every document with its version inside the engine; one that is newer there already stays. */
export async function copyDocuments(engine: Engine, from: string, to: string, logger: Logger): Promise<void> {
  // What was written is only copied once it is visible.
  await engine.ask({ method: 'POST', path: `/${from}/_refresh`, deadlineMs: SLOW_MS });
  const { task } = await engine.ask<{ task: string }>({
    method: 'POST',
    path: '/_reindex',
    query: { wait_for_completion: false },
    body: { conflicts: 'proceed', source: { index: from, size: 500 }, dest: { index: to, version_type: 'external' } },
    deadlineMs: SLOW_MS,
  });
  for (let away = 0; ; ) {
    await sleep(LOOK_MS);
    try {
      const { completed, response, error } = await engine.ask<TaskAnswer>({ method: 'GET', path: `/_tasks/${task}` });
      away = 0;
      if (error) throw new Error(`The copy failed: ${error.type}, ${error.reason}`);
      if (!completed) continue;
      if (response?.failures.length) {
        throw new Error(`The copy failed: ${JSON.stringify(response.failures.slice(0, 3))}`);
      }
      logger.info({ from, to, created: response?.created, newer: response?.version_conflicts }, 'copied');
      return;
    } catch (error) {
      away += LOOK_MS;
      if (!(error instanceof Fault) || away > MAX_AWAY_MS) throw error;
    }
  }
}
