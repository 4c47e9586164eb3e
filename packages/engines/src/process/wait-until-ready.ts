import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Supervised } from './supervise.ts';

const PROBE_INTERVAL_MS = 50;

/** Why an engine did not come up: it ended by itself (perhaps its port was taken meanwhile), or it never answered. */
export class EngineDidNotStart extends Error {
  readonly exitCode: number | null;

  constructor(message: string, exitCode: number | null) {
    super(message);
    this.name = 'EngineDidNotStart';
    this.exitCode = exitCode;
  }
}

/**
 * Asks until the engine answers in its own protocol. The process must be alive after the answer as well:
 * otherwise somebody else answered on that port, and we do not adopt strangers.
 */
export const waitUntilReady = async (
  engine: {
    readonly title: string;
    readonly process: Supervised;
    readonly logFile: string;
    readonly deadlineMs: number;
  },
  isReady: () => Promise<boolean>,
): Promise<void> => {
  const deadline = performance.now() + engine.deadlineMs;
  while (performance.now() < deadline) {
    const answered = await isReady().catch(() => false);
    if (engine.process.hasExited()) {
      const code = await engine.process.exited;
      throw new EngineDidNotStart(
        `${engine.title} ended while starting (exit code ${code}).\n${await tail(engine.logFile)}`,
        code,
      );
    }
    if (answered) return;
    await sleep(PROBE_INTERVAL_MS);
  }
  const log = await tail(engine.logFile);
  await engine.process.stop();
  throw new EngineDidNotStart(`${engine.title} did not answer within ${engine.deadlineMs} ms.\n${log}`, null);
};

const tail = async (file: string): Promise<string> => {
  const text = await readFile(file, 'utf8').catch(() => '');
  return `Its log, ${file}, ends with:\n${text.trimEnd().split('\n').slice(-12).join('\n')}`;
};
