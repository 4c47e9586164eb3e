import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { run } from './run.ts';

const CHECK_INTERVAL_MS = 50;

/** The command line of a process, null when there is none with that id. Process ids are used again: the command tells whose it is. */
export const commandOf = async (pid: number): Promise<string | null> => {
  const fromProc = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => null);
  if (fromProc !== null) return fromProc === '' ? null : fromProc.replaceAll('\0', ' ');
  if (process.platform === 'linux') return null;
  return run('ps', ['-o', 'args=', '-p', String(pid)], { timeoutMs: 5_000 }).catch(() => null);
};

/** Waits until none of these processes is alive any more whose command line contains `word`. Returns those that still are. */
export const waitUntilGone = async (pids: readonly number[], word: string, timeoutMs: number): Promise<number[]> => {
  const deadline = performance.now() + timeoutMs;
  for (let left = [...pids]; ; await sleep(CHECK_INTERVAL_MS)) {
    const commands = await Promise.all(left.map(commandOf));
    left = left.filter((_, index) => commands[index]?.includes(word) === true);
    if (left.length === 0 || performance.now() > deadline) return left;
  }
};
