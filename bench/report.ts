// The bench's tables.
import { sumOf } from './cpu.ts';
import type { Level } from './level.ts';
import type { Peer } from './peers.ts';

export interface Peers {
  /** `{ __typename }` through the router. */
  readonly router: Peer;
  /** A transaction that changes one row. */
  readonly update: Peer;
  /** One question about a confirmed order: what following it costs each time. */
  readonly poll: Peer;
  /** CPU milliseconds a second of the whole shop when nobody shops. */
  readonly idle: ReadonlyMap<string, number>;
}

const number = (value: number, digits = 1) => value.toFixed(digits);
const cell = (text: string) => text.padStart(12);

function table(head: readonly string[], rows: readonly (readonly string[])[]): void {
  for (const [first, ...rest] of [head, ...rows])
    console.log(`  ${(first ?? '').padEnd(34)}${rest.map(cell).join('')}`);
}

const shoppersOf = ({ shoppers }: Level) => (shoppers === 1 ? '1 shopper' : `${shoppers} shoppers`);

export function reportOrders(levels: readonly Level[], { router, update }: Peers): void {
  const row = (name: string, of: (level: Level) => string) => [name, ...levels.map(of)];
  console.log('\nOrders confirmed');
  table(
    ['', ...levels.map(shoppersOf)],
    [
      row('orders a second', (level) => number(level.ordersASecond)),
      row('  ÷ one-row transactions a second', (level) => number(level.ordersASecond / update.aSecond, 3)),
      row('seen confirmed after, p50 ms', (level) => number(level.seenP50Ms, 0)),
      row('  p99 ms', (level) => number(level.seenP99Ms, 0)),
      row('placed to confirmed, p50 ms', (level) => number(level.settledP50Ms, 0)),
      row('  p99 ms', (level) => number(level.settledP99Ms, 0)),
      row('  p50 ÷ { __typename }', (level) => `${number(level.settledP50Ms / router.medianMs, 0)} ×`),
      row('orders', (level) => String(level.orders)),
      row('failed', (level) => String(level.failures.length)),
    ],
  );
}

export function reportCpu(levels: readonly Level[], peers: Peers): void {
  const totals = levels.map(({ cpuMs }) => sumOf(cpuMs));
  const names = [...new Set(levels.flatMap(({ cpuMs }) => [...cpuMs.keys()]))];
  const last = levels.at(-1);
  const cost = (name: string) => last?.cpuMs.get(name) ?? 0;
  names.sort((a, b) => cost(b) - cost(a));
  console.log('\nCPU a confirmed order, all processes, ms (share)');
  table(
    ['', ...levels.map(shoppersOf), 'idle, 1 s'],
    [
      ...names.map((name) => [
        name,
        ...levels.map(({ cpuMs }, index) => {
          const ms = cpuMs.get(name) ?? 0;
          return `${number(ms)} ${number((ms / (totals[index] ?? 1)) * 100, 0).padStart(3)}%`;
        }),
        number(peers.idle.get(name) ?? 0),
      ]),
      ['together', ...totals.map((ms) => number(ms)), number(sumOf(peers.idle))],
      ['  ÷ one-row transaction', ...totals.map((ms) => `${number(ms / peers.update.cpuMs, 0)} ×`)],
      ['  ÷ { __typename }', ...totals.map((ms) => `${number(ms / peers.router.cpuMs, 0)} ×`)],
      ['of it, to follow the order', ...levels.map(({ pollsAnOrder }) => number(pollsAnOrder * peers.poll.cpuMs))],
      ['  questions an order', ...levels.map(({ pollsAnOrder }) => number(pollsAnOrder))],
      ['of it, spent when idle, too', ...levels.map(({ ordersASecond }) => number(sumOf(peers.idle) / ordersASecond))],
      ['beside it, the bench itself', ...levels.map(({ clientCpuMs }) => number(clientCpuMs))],
    ],
  );
}

export function reportPeers({ router, update, poll, idle }: Peers): void {
  console.log('\nCompared with, in this run');
  table(
    ['', 'a second', 'CPU ms', 'p50 ms'],
    [
      [
        '{ __typename } through the router',
        number(router.aSecond, 0),
        number(router.cpuMs, 2),
        number(router.medianMs, 2),
      ],
      [
        'a one-row PostgreSQL transaction',
        number(update.aSecond, 0),
        number(update.cpuMs, 2),
        number(update.medianMs, 2),
      ],
      ['a question about an order', number(poll.aSecond, 0), number(poll.cpuMs, 2), number(poll.medianMs, 2)],
      ['the shop when nobody shops, 1 s', '', number(sumOf(idle), 1), ''],
    ],
  );
}

export function reportMemory(memory: ReadonlyMap<string, number>): void {
  const total = sumOf(memory);
  console.log('\nMemory after the load, MB');
  table(
    ['', 'MB', 'share'],
    [
      ...[...memory]
        .sort(([, a], [, b]) => b - a)
        .map(([name, mb]) => [name, number(mb, 0), `${number((mb / total) * 100, 0)}%`]),
      ['together', number(total, 0), ''],
    ],
  );
}
