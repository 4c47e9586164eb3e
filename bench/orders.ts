// `npm run bench [-- --running] [--seconds N]`: orders confirmed a second, how long they take, what they cost and where. See README.md.
import { cpus } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { signIn, visit } from '@ebuy/tools/demo/visitor.ts';
import { ACCOUNTS } from '@ebuy/tools/shop/accounts.ts';
import { cpuBetween, readCpu, readMemory } from './cpu.ts';
import { type Level, runLevel } from './level.ts';
import { makeOffer } from './offer.ts';
import { measure, measureRouter, measureUpdate } from './peers.ts';
import { reportCpu, reportMemory, reportOrders, reportPeers } from './report.ts';
import { type MeasuredShop, runBench, say } from './shop.ts';
import { FOLLOW_ORDER, goShopping } from './shoppers.ts';

const SHOPPERS = [1, 8, 64] as const;
const WARM_UP = { shoppers: 16, durationMs: 15_000 };
const PEER_MS = 4_000;
const IDLE_MS = 5_000;

const { values } = parseArgs({
  options: { running: { type: 'boolean', default: false }, seconds: { type: 'string', default: '16' } },
});
const levelMs = Number(values.seconds) * 1_000;

async function bench({ file }: MeasuredShop): Promise<boolean> {
  const guest = visit(file.urls.graph);
  const staff = visit(file.urls.graph, await signIn(file.urls.keycloak, ACCOUNTS.merchandiser));
  const offer = await makeOffer(staff, guest);
  const postgresql = file.engines.find(({ name }) => name === 'postgresql');
  if (postgresql === undefined) throw new Error('This shop names no PostgreSQL');

  say('warming up');
  const { failures } = await goShopping(guest, offer, WARM_UP.shoppers, WARM_UP.durationMs);
  if (failures.length > 0) say(`${failures.length} failed while warming up: ${failures[0]}`);
  say('the shop at rest');
  await sleep(1_000);
  const before = readCpu(file.pid);
  await sleep(IDLE_MS);
  const idle = new Map([...cpuBetween(before, readCpu(file.pid))].map(([name, ms]) => [name, (ms / IDLE_MS) * 1_000]));
  say('the peers');
  const router = await measureRouter(guest, file.pid, PEER_MS);
  const update = await measureUpdate(postgresql.url, file.pid, PEER_MS);

  const levels: Level[] = [];
  for (const shoppers of SHOPPERS) {
    say(`${shoppers} at a time`);
    levels.push(await runLevel(guest, offer, file.pid, { shoppers, durationMs: levelMs }));
  }
  const last = levels.at(-1)?.lastPurchase;
  if (last === undefined) throw new Error(`No order was confirmed: ${levels.at(-1)?.failures[0]}`);
  const key = { id: last.orderId, accessToken: last.accessToken };
  const poll = await measure(() => guest.get(FOLLOW_ORDER, key), file.pid, PEER_MS);

  const peers = { router, update, poll, idle };
  console.log(
    `\n${cpus().length} × ${cpus()[0]?.model ?? 'CPU'}, Node ${process.versions.node}, loopback, one process a service`,
  );
  reportPeers(peers);
  reportOrders(levels, peers);
  reportCpu(levels, peers);
  reportMemory(readMemory(file.pid));
  const failed = levels.flatMap((level) => level.failures);
  for (const failure of failed.slice(0, 5)) console.error(`failed: ${failure.slice(0, 500)}`);
  return failed.length === 0;
}

await runBench(bench, values);
