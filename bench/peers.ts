// What the figures are compared with, measured in the same run on the same processes: an empty question to the router, and a bare
// transaction of PostgreSQL that changes one row.
import type { Visitor } from '@ebuy/tools/demo/visitor.ts';
import pg from 'pg';
import { cpuBetween, readCpu, sumOf } from './cpu.ts';

const DATABASE = 'ebuy_bench_peer';

export interface Peer {
  readonly aSecond: number;
  /** CPU of all the shop's processes, the one who asks not counted. */
  readonly cpuMs: number;
  /** The middle one of those that were sent one after the other. */
  readonly medianMs: number;
}

/** `{ __typename }` through the router: what a request costs that asks no subgraph. */
export function measureRouter(visitor: Visitor, launcherPid: number, forMs: number): Promise<Peer> {
  return measure(() => visitor.get('{ __typename }'), launcherPid, forMs);
}

/** `UPDATE one row` and commit, on the shop's PostgreSQL, one client. */
export async function measureUpdate(serverUrl: string, launcherPid: number, forMs: number): Promise<Peer> {
  await onDatabase(serverUrl, 'postgres', async (client) => {
    await client.query(`DROP DATABASE IF EXISTS ${DATABASE}`);
    await client.query(`CREATE DATABASE ${DATABASE}`);
  });
  try {
    return await onDatabase(serverUrl, DATABASE, async (client) => {
      await client.query('CREATE TABLE counter (id int PRIMARY KEY, value bigint NOT NULL)');
      await client.query('INSERT INTO counter VALUES (1, 0)');
      const update = { name: 'update', text: 'UPDATE counter SET value = value + 1 WHERE id = 1' };
      return measure(() => client.query(update), launcherPid, forMs);
    });
  } finally {
    await onDatabase(serverUrl, 'postgres', (client) => client.query(`DROP DATABASE IF EXISTS ${DATABASE}`));
  }
}

/** Does something again and again, one after the other. */
export async function measure(work: () => Promise<unknown>, launcherPid: number, forMs: number): Promise<Peer> {
  for (let warm = 0; warm < 50; warm += 1) await work();
  const durations: number[] = [];
  const before = readCpu(launcherPid);
  const startedAt = performance.now();
  while (performance.now() - startedAt < forMs) {
    const from = performance.now();
    await work();
    durations.push(performance.now() - from);
  }
  const elapsedMs = performance.now() - startedAt;
  const cpuMs = sumOf(cpuBetween(before, readCpu(launcherPid)));
  durations.sort((a, b) => a - b);
  return {
    aSecond: (durations.length / elapsedMs) * 1_000,
    cpuMs: cpuMs / durations.length,
    medianMs: durations[durations.length >> 1] ?? 0,
  };
}

export async function onDatabase<Result>(
  serverUrl: string,
  database: string,
  work: (client: pg.Client) => Promise<Result>,
): Promise<Result> {
  const url = new URL(serverUrl);
  url.pathname = `/${database}`;
  const client = new pg.Client({ connectionString: url.href });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
