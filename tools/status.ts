// `npm run status [-- --data DIR]`: what runs, where, and how much memory it takes. Exit code 1 when something is down.
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { STATE_DIR } from './repo/paths.ts';
import { isReady } from './shop/service-process.ts';
import { readShopFile } from './shop/shop-file.ts';
import { bold, dim, green, red } from './terminal/progress.ts';

const { values } = parseArgs({ options: { data: { type: 'string', default: STATE_DIR } } });
const shop = await readShopFile(resolve(values.data));
if (shop === null) {
  console.log('No shop runs here. Start one: npm start');
  process.exit(1);
}

interface Row {
  readonly name: string;
  readonly isUp: boolean;
  readonly url: string;
  readonly pid: number | null;
  readonly memoryMb: number;
  readonly remark: string;
}

/** Linux knows what a process shares with others and divides it among them; elsewhere the resident size has to do. */
const proportionalKilobytes = async (pid: number): Promise<number | null> => {
  const text = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch(() => '');
  const found = /^Pss:\s+(\d+) kB/m.exec(text)?.[1];
  return found === undefined ? null : Number(found);
};

/** Memory of a process and its children (PostgreSQL has one a connection), in megabytes. */
const readMemory = async (): Promise<(pid: number | null) => Promise<number>> => {
  const { stdout } = await promisify(execFile)('ps', ['-A', '-o', 'pid=,ppid=,rss=']).catch(() => ({ stdout: '' }));
  const processes = stdout
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number) as [number, number, number]);
  return async (pid) => {
    const family = processes.filter(([id, parent]) => id === pid || parent === pid);
    const kilobytes = await Promise.all(family.map(async ([id, , rss]) => (await proportionalKilobytes(id)) ?? rss));
    return Math.round(kilobytes.reduce((sum, one) => sum + one, 0) / 1024);
  };
};

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
};

const memoryOf = await readMemory();
const services = shop.services.map(async ({ name, url, adminUrl, pid }): Promise<Row> => {
  const isUp = await isReady(adminUrl);
  return { name, isUp, url, pid, memoryMb: await memoryOf(pid), remark: isUp ? '' : `${adminUrl}/readyz says no` };
});
const engines = shop.engines.map(
  async ({ name, url, pid, how }): Promise<Row> => ({
    name,
    isUp: pid === null || isAlive(pid),
    url,
    pid,
    memoryMb: await memoryOf(pid),
    remark: how,
  }),
);
const rows = await Promise.all([...services, ...engines]);
const launcherMb = await memoryOf(shop.pid);

console.log(`${bold('eBuy')} ${dim(`started ${shop.startedAt} by process ${shop.pid}`)}`);
console.log(
  dim(`  ${'name'.padEnd(12)}${'state'.padEnd(7)}${'address'.padEnd(46)}${'pid'.padStart(8)}${'memory'.padStart(10)}`),
);
for (const { name, isUp, url, pid, memoryMb, remark } of rows) {
  const state = isUp ? green('up'.padEnd(7)) : red('down'.padEnd(7));
  const memory = pid === null ? '-' : `${memoryMb} MB`;
  console.log(
    `  ${name.padEnd(12)}${state}${url.padEnd(46)}${String(pid ?? '-').padStart(8)}${memory.padStart(10)}  ${dim(remark)}`,
  );
}
const total = rows.reduce((sum, row) => sum + row.memoryMb, launcherMb);
console.log(dim(`  together ${total} MB, ${launcherMb} MB of them the launcher; graph ${shop.urls.graph}`));
process.exit(rows.every((row) => row.isUp) ? 0 : 1);
