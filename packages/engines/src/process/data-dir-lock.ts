import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { commandOf, waitUntilGone } from './processes.ts';

const LEFTOVER_DEADLINE_MS = 20_000;

interface LockFile {
  /** The process that started the engines. */
  readonly pid: number;
  /** The engines' own processes, by name. */
  readonly engines: Readonly<Record<string, number>>;
}

/** Says who uses a data directory, for as long as engines run in it. */
export interface DataDirLock {
  /** Notes an engine's process, so that a later run knows whom to wait for. */
  add(engine: string, pid: number): Promise<void>;
  release(): Promise<void>;
}

interface Held {
  /** Engines that this process runs in the directory, or is about to. */
  readonly names: Set<string>;
  readonly pids: Map<string, number>;
  readonly opening: Promise<void>;
}

/** What this process holds, by directory: several calls of startEngines may share one, each with engines of its own. */
const held = new Map<string, Held>();

/**
 * One process a data directory, one engine of a kind in it: two brokers on the same files would destroy them. Refuses while another
 * process is alive that holds it. When that one was killed, its engines are ending at this moment: waits for them, so that files and
 * ports are free.
 */
export const lockDataDir = async (dataDir: string, names: readonly string[]): Promise<DataDirLock> => {
  const file = join(dataDir, 'engines.lock');
  const lock = held.get(dataDir) ?? { names: new Set(), pids: new Map(), opening: takeOver(file, dataDir) };
  const twice = names.find((name) => lock.names.has(name));
  if (twice !== undefined) throw new Error(`${twice} already runs in ${dataDir}, under this very process.`);
  held.set(dataDir, lock);
  for (const name of names) lock.names.add(name);
  const release = async (): Promise<void> => {
    for (const name of names) {
      lock.names.delete(name);
      lock.pids.delete(name);
    }
    if (lock.names.size > 0) return;
    held.delete(dataDir);
    await rm(file, { force: true });
  };
  try {
    await lock.opening;
  } catch (error) {
    held.delete(dataDir);
    throw error;
  }
  await write(file, lock.pids);
  return {
    add: async (engine, pid) => {
      lock.pids.set(engine, pid);
      await write(file, lock.pids);
    },
    release,
  };
};

let writes = 0;
const write = async (file: string, pids: ReadonlyMap<string, number>): Promise<void> => {
  writes += 1;
  const unfinished = `${file}.${process.pid}.${writes}`;
  const content: LockFile = { pid: process.pid, engines: Object.fromEntries(pids) };
  await writeFile(unfinished, JSON.stringify(content));
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
  const left = await waitUntilGone(Object.values(before.engines), dataDir, LEFTOVER_DEADLINE_MS);
  if (left.length > 0) {
    throw new Error(
      `Engines of an earlier run do not end: processes ${left.join(', ')} still use ${dataDir}. End them.`,
    );
  }
};
