import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { commandOf, waitUntilGone } from './processes.ts';

const LEFTOVER_DEADLINE_MS = 20_000;

interface LockFile {
  /** The process that started the engines. */
  readonly pid: number;
  /** The engines' own processes. */
  readonly engines: readonly number[];
}

/** Says who uses a data directory, for as long as engines run in it. */
export interface DataDirLock {
  add(pid: number): Promise<void>;
  /** When the last user of this process has released it, the directory is free. */
  release(): Promise<void>;
}

/** Locks that this process holds, by directory: two calls of startEngines may share one. */
const held = new Map<string, { users: number; readonly engines: number[]; readonly opening: Promise<void> }>();

/**
 * One process a data directory: two brokers on the same files would destroy them. Refuses while another process is alive that holds it.
 * When that one was killed, its engines are ending at this moment: waits for them, so that files and ports are free.
 */
export const lockDataDir = async (dataDir: string): Promise<DataDirLock> => {
  const file = join(dataDir, 'engines.lock');
  const lock = held.get(dataDir) ?? { users: 0, engines: [], opening: takeOver(file, dataDir) };
  held.set(dataDir, lock);
  lock.users += 1;
  try {
    await lock.opening;
    await write(file, lock.engines);
  } catch (error) {
    held.delete(dataDir);
    throw error;
  }
  return {
    add: async (pid) => {
      lock.engines.push(pid);
      await write(file, lock.engines);
    },
    release: async () => {
      lock.users -= 1;
      if (lock.users > 0) return;
      held.delete(dataDir);
      await rm(file, { force: true });
    },
  };
};

let writes = 0;
const write = async (file: string, engines: readonly number[]): Promise<void> => {
  writes += 1;
  const unfinished = `${file}.${process.pid}.${writes}`;
  await writeFile(unfinished, JSON.stringify({ pid: process.pid, engines } satisfies LockFile));
  await rename(unfinished, file);
};

const takeOver = async (file: string, dataDir: string): Promise<void> => {
  const before = await readFile(file, 'utf8')
    .then((text) => JSON.parse(text) as LockFile)
    .catch(() => null);
  if (before === null) return;
  if (before.pid !== process.pid && (await commandOf(before.pid))?.includes('node') === true) {
    throw new Error(
      `The engines in ${dataDir} already run, under process ${before.pid}. Use those, end them, or take another data directory.`,
    );
  }
  const left = await waitUntilGone(before.engines, dataDir, LEFTOVER_DEADLINE_MS);
  if (left.length > 0) {
    throw new Error(
      `Engines of an earlier run do not end: processes ${left.join(', ')} still use ${dataDir}. End them.`,
    );
  }
};
