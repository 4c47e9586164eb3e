// The shop that is measured: one of the bench's own, started as `npm start` starts it, with its data thrown away before.
import { type ChildProcess, spawn } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ROOT, STATE_DIR } from '@ebuy/tools/repo/paths.ts';
import { readShopFile, type ShopFile } from '@ebuy/tools/shop/shop-file.ts';

const DATA_DIR = join(STATE_DIR, 'bench');
const START_DEADLINE_MS = 240_000;
const STOP_DEADLINE_MS = 30_000;

export interface MeasuredShop {
  readonly file: ShopFile;
  stop(): Promise<void>;
}

/** The shop that runs in .ebuy, as it is. */
export async function useRunningShop(): Promise<MeasuredShop> {
  const file = await readShopFile(STATE_DIR);
  if (file === null) throw new Error('No shop runs here: npm start, or npm run bench without --running.');
  return { file, stop: async () => undefined };
}

/** A process of its own, so that the bench's CPU is not counted as the shop's; it ends with the bench, however that goes. */
export async function startOwnShop({ seeded = false } = {}): Promise<MeasuredShop> {
  for (const name of ['postgresql', 'mongodb', 'opensearch', 'kafka', 'redis', 'logs', 'shop.json']) {
    await rm(join(DATA_DIR, name), { recursive: true, force: true });
  }
  const start = join(ROOT, 'tools', 'start.ts');
  const child = spawn(process.execPath, [start, '--data', DATA_DIR, '--free', ...(seeded ? [] : ['--no-seed'])], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const stop = async () => {
    if (child.exitCode !== null) return;
    child.kill('SIGTERM');
    await Promise.race([exitOf(child), sleep(STOP_DEADLINE_MS, undefined, { ref: false })]);
  };
  const deadline = performance.now() + START_DEADLINE_MS;
  while (performance.now() < deadline && child.exitCode === null) {
    const file = await readShopFile(DATA_DIR);
    if (file !== null && file.pid === child.pid && (!seeded || output.includes('eBuy is up'))) return { file, stop };
    await sleep(100);
  }
  await stop();
  throw new Error(`The shop did not start:\n${output}`);
}

function exitOf(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => child.once('exit', () => resolve()));
}
