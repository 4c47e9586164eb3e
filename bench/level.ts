// One level of load: so many shoppers for so long, and what it took.
import type { Visitor } from '@ebuy/tools/demo/visitor.ts';
import { cpuBetween, readCpu } from './cpu.ts';
import { goShopping, type Offer, type Purchase } from './shoppers.ts';

export interface Level {
  readonly shoppers: number;
  readonly orders: number;
  readonly failures: readonly string[];
  readonly ordersASecond: number;
  readonly seenP50Ms: number;
  readonly seenP99Ms: number;
  readonly settledP50Ms: number;
  readonly settledP99Ms: number;
  readonly pollsAnOrder: number;
  /** CPU milliseconds a confirmed order, by process. */
  readonly cpuMs: ReadonlyMap<string, number>;
  /** The bench's own. */
  readonly clientCpuMs: number;
  readonly lastPurchase: Purchase | undefined;
}

export async function runLevel(
  visitor: Visitor,
  offer: Offer,
  launcherPid: number,
  { shoppers, durationMs }: { shoppers: number; durationMs: number },
): Promise<Level> {
  const cpuBefore = readCpu(launcherPid);
  const clientBefore = process.cpuUsage();
  const { purchases, startedAtMs, failures } = await goShopping(visitor, offer, shoppers, durationMs);
  const client = process.cpuUsage(clientBefore);
  const cpu = cpuBetween(cpuBefore, readCpu(launcherPid));
  const orders = purchases.length;
  const inTime = purchases.filter(({ endedAtMs }) => endedAtMs - startedAtMs <= durationMs).length;
  const seen = purchases.map(({ seenMs }) => seenMs);
  const settled = purchases.map(({ settledMs }) => settledMs);
  return {
    shoppers,
    orders,
    failures,
    ordersASecond: (inTime / durationMs) * 1_000,
    seenP50Ms: percentile(seen, 0.5),
    seenP99Ms: percentile(seen, 0.99),
    settledP50Ms: percentile(settled, 0.5),
    settledP99Ms: percentile(settled, 0.99),
    pollsAnOrder: purchases.reduce((sum, { polls }) => sum + polls, 0) / orders,
    cpuMs: new Map([...cpu].map(([name, ms]) => [name, ms / orders])),
    clientCpuMs: (client.user + client.system) / 1_000 / orders,
    lastPurchase: purchases.at(-1),
  };
}

export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
