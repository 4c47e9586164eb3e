// `npm run bench:hot-sku [-- --running] [--seconds N]`: one thing that everybody wants, and what limits how fast it sells. See README.md.
import { cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { signIn, visit } from '@ebuy/tools/demo/visitor.ts';
import { ACCOUNTS } from '@ebuy/tools/shop/accounts.ts';
import { sumOf } from './cpu.ts';
import { measureBareUpdate, measureReserve, type Rate } from './hot-row.ts';
import { type Level, runLevel } from './level.ts';
import { makeOffer } from './offer.ts';
import { type MeasuredShop, runBench, say } from './shop.ts';
import { goShopping } from './shoppers.ts';
import { type Waits, watchWaits } from './waits.ts';

const BUYERS = [1, 16, 64] as const;
const WARM_UP = { shoppers: 16, durationMs: 12_000 };
const SHOWN_WAITS = 4;

const { values } = parseArgs({
  options: { running: { type: 'boolean', default: false }, seconds: { type: 'string', default: '12' } },
});
const levelMs = Number(values.seconds) * 1_000;
const rowMs = levelMs / 3;

interface Round {
  readonly buyers: number;
  readonly update: Rate;
  readonly reserve: Rate;
  readonly silent: Rate;
  readonly level: Level;
  readonly waits: Waits;
}

async function bench({ file }: MeasuredShop): Promise<boolean> {
  const guest = visit(file.urls.graph);
  const staff = visit(file.urls.graph, await signIn(file.urls.keycloak, ACCOUNTS.merchandiser));
  const postgresql = file.engines.find(({ name }) => name === 'postgresql');
  if (postgresql === undefined) throw new Error('This shop names no PostgreSQL');
  const { variantIds, ...terms } = await makeOffer(staff, guest);
  const offer = { ...terms, variantIds: variantIds.slice(0, 1) };
  say('warming up');
  await goShopping(guest, offer, WARM_UP.shoppers, WARM_UP.durationMs);
  const rounds: Round[] = [];
  for (const buyers of BUYERS) {
    say(`${buyers} at a time: the bare row`);
    const update = await measureBareUpdate(postgresql.url, buyers, rowMs);
    const reserve = await measureReserve(postgresql.url, buyers, rowMs, { notifies: true });
    const silent = await measureReserve(postgresql.url, buyers, rowMs, { notifies: false });
    say(`${buyers} at a time: orders`);
    const watch = await watchWaits(postgresql.url);
    const level = await runLevel(guest, offer, file.pid, { shoppers: buyers, durationMs: levelMs });
    rounds.push({ buyers, update, reserve, silent, level, waits: await watch.stop() });
  }
  console.log(
    `\n${cpus().length} × ${cpus()[0]?.model ?? 'CPU'}, Node ${process.versions.node}, loopback, one process a service; ${loadavg()[0]?.toFixed(1)} processes wanted to run at the end`,
  );
  report(rounds);
  const failed = rounds.flatMap(({ level }) => level.failures);
  for (const failure of failed.slice(0, 5)) console.error(`failed: ${failure.slice(0, 500)}`);
  return failed.length === 0;
}

function report(rounds: readonly Round[]): void {
  const row = (name: string, of: (round: Round) => string) => line(name, rounds.map(of));
  const ratio = (of: (round: Round) => number) => (round: Round) => (of(round) / round.update.aSecond).toFixed(3);
  console.log('\nOne hot row, a second');
  row('', ({ buyers }) => `${buyers} at a time`);
  row('bare UPDATE', ({ update }) => update.aSecond.toFixed(0));
  row('reservation alone', ({ reserve }) => reserve.aSecond.toFixed(0));
  row(
    '  ÷ bare UPDATE',
    ratio(({ reserve }) => reserve.aSecond),
  );
  row('  without NOTIFY', ({ silent }) => silent.aSecond.toFixed(0));
  row(
    '  ÷ bare UPDATE',
    ratio(({ silent }) => silent.aSecond),
  );
  row('orders confirmed', ({ level }) => level.ordersASecond.toFixed(1));
  row(
    '  ÷ bare UPDATE',
    ratio(({ level }) => level.ordersASecond),
  );
  row('  ÷ reservation alone', ({ level, reserve }) => (level.ordersASecond / reserve.aSecond).toFixed(3));
  row('  placed to confirmed, p50 ms', ({ level }) => level.settledP50Ms.toFixed(0));
  row('  failed', ({ level }) => String(level.failures.length));
  row("bench's own CPU: bare UPDATE", ({ update }) => `${(update.clientShare * 100).toFixed(0)}%`);
  row("bench's own CPU: reservation", ({ reserve }) => `${(reserve.clientShare * 100).toFixed(0)}%`);

  console.log('\nCPU a confirmed order, ms');
  const names = [...new Set(rounds.flatMap(({ level }) => [...level.cpuMs.keys()]))];
  const last = rounds.at(-1)?.level.cpuMs;
  names.sort((one, other) => (last?.get(other) ?? 0) - (last?.get(one) ?? 0));
  for (const name of names) row(name, ({ level }) => (level.cpuMs.get(name) ?? 0).toFixed(1));
  row('together', ({ level }) => sumOf(level.cpuMs).toFixed(1));
  row('  of all processors’ time', ({ level }) => {
    const shop = sumOf(level.cpuMs) + level.clientCpuMs;
    return `${((shop * level.ordersASecond) / 10 / cpus().length).toFixed(0)}%`;
  });

  console.log('\nBackends of PostgreSQL at work, on average, and what they wait for');
  for (const { buyers, update, reserve, silent, waits } of rounds) {
    tell(`bare UPDATE, ${buyers}`, update.waits);
    tell(`reservation, ${buyers}`, reserve.waits);
    tell(`without NOTIFY, ${buyers}`, silent.waits);
    tell(`orders, ${buyers}`, waits);
  }
}

function tell(name: string, waits: Waits): void {
  const most = [...waits].sort(([, one], [, other]) => other - one).slice(0, SHOWN_WAITS);
  console.log(
    `  ${name.padEnd(34)}${most.map(([wait, backends]) => `${wait} ${backends.toFixed(2)}`).join(', ') || 'none'}`,
  );
}

function line(name: string, cells: readonly string[]): void {
  console.log(`  ${name.padEnd(34)}${cells.map((cell) => cell.padStart(14)).join('')}`);
}

await runBench(bench, values);
