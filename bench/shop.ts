// The shop that is measured: one of the bench's own, started as `npm start` starts it, with its data thrown away before.
import { type ChildProcess, spawn } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { onEnd } from '@ebuy/tools/repo/parent.ts';
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

export const say = (text: string) =>
  console.log(`${String(Math.round(performance.now() / 1_000)).padStart(4)} s  ${text}`);

/** A bench from its shop to its exit code: 1 when it says that something failed, or could not go on. Its own shop ends with it. */
export async function runBench(
  bench: (shop: MeasuredShop) => Promise<boolean>,
  { running, seeded = false }: { readonly running: boolean; readonly seeded?: boolean },
): Promise<never> {
  let shop: MeasuredShop | null = null;
  onEnd(() => void (shop?.stop() ?? Promise.resolve()).then(() => process.exit(130)));
  try {
    say(running ? 'visiting the running shop' : 'starting a shop of its own');
    shop = await (running ? useRunningShop() : startOwnShop({ seeded }));
    process.exitCode = (await bench(shop)) ? 0 : 1;
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  } finally {
    await shop?.stop();
  }
  process.exit();
}

/** A process of its own, so that the bench's CPU is not counted as the shop's; it ends with the bench, however that goes. */
async function startOwnShop({ seeded = false } = {}): Promise<MeasuredShop> {
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
