// One row that everybody wants, without a shop around it: PostgreSQL's bare update, and the statement that products reserves with. Both on
// the shop's own server, in databases of their own that are dropped afterwards.

import { join } from 'node:path';
import { type DomainEvent, newEvent } from '@ebuy/events';
import { newId } from '@ebuy/kernel';
import { reserveStock } from '@ebuy/products/src/commands/reserve-stock.ts';
import type { Database } from '@ebuy/products/src/store/index.ts';
import { applyMigrations } from '@ebuy/runtime';
import { ROOT } from '@ebuy/tools/repo/paths.ts';
import pg from 'pg';
import { onDatabase } from './peers.ts';
import { type Waits, watchWaits } from './waits.ts';

const UPDATE_DATABASE = 'ebuy_bench_hot_row';
const RESERVE_DATABASE = 'ebuy_bench_hot_stock';
const UNITS = 1_000_000_000;
const WARM_UP_MS = 500;

export interface Rate {
  readonly aSecond: number;
  readonly waits: Waits;
  /** The bench's own CPU, as a share of one processor: near 1 it is what limits, not the server. */
  readonly clientShare: number;
}

/** `UPDATE … SET n = n - 1 WHERE id = 1 AND n > 0`, each its own transaction, on so many connections. */
export function measureBareUpdate(serverUrl: string, connections: number, forMs: number): Promise<Rate> {
  return inDatabase(serverUrl, UPDATE_DATABASE, async (url) => {
    await onDatabase(serverUrl, UPDATE_DATABASE, async (client) => {
      await client.query('CREATE TABLE hot (id int PRIMARY KEY, n bigint NOT NULL)');
      await client.query(`INSERT INTO hot VALUES (1, ${UNITS})`);
    });
    const update = { name: 'update', text: 'UPDATE hot SET n = n - 1 WHERE id = 1 AND n > 0' };
    return measureRate(url, connections, forMs, (client) => client.query(update));
  });
}

/** What products does for `order.placed`, with its own migrations; nobody listens. Without the notification on demand. */
export function measureReserve(
  serverUrl: string,
  connections: number,
  forMs: number,
  { notifies }: { readonly notifies: boolean },
): Promise<Rate> {
  return inDatabase(serverUrl, RESERVE_DATABASE, async (url) => {
    await applyMigrations({ url, migrationsDir: join(ROOT, 'subgraphs/products/prisma/migrations') });
    const variantId = newId();
    await onDatabase(serverUrl, RESERVE_DATABASE, (client) => putOnSale(client, variantId, notifies));
    return measureRate(url, connections, forMs, (client) => reserveStock(asDatabase(client), placed(variantId)));
  });
}

/** The statement as products writes it, on a connection of ours: what Prisma costs is measured with the orders. */
function asDatabase(client: pg.Client): Database {
  const $queryRaw = async ({ text, values }: { text: string; values: unknown[] }) =>
    (await client.query({ name: 'reserve', text, values })).rows;
  return { $queryRaw } as unknown as Database;
}

function placed(variantId: string): DomainEvent<'order.placed'> {
  const orderId = newId();
  const line = { orderLineId: newId(), productId: newId(), variantId, sku: 'HOT', quantity: 1 };
  const total = { amountMinor: 1_999, currency: 'EUR' };
  const trace = { correlationId: orderId, causationId: null };
  return newEvent('order.placed', { orderId, cartId: newId(), total, lines: [line] }, trace);
}

async function putOnSale(client: pg.Client, variantId: string, notifies: boolean): Promise<void> {
  const productId = newId();
  await client.query(
    `INSERT INTO product (id, version, status, slug, title, description_html, tags, collections, currency, created_at, updated_at)
     VALUES ($1, 1, 'PUBLISHED', 'hot', 'Hot', '', '{}', '{}', 'EUR', now(), now())`,
    [productId],
  );
  await client.query(
    `INSERT INTO variant (id, product_id, position, sku, option_values, price_minor) VALUES ($1, $2, 0, 'HOT', '{}', 1999)`,
    [variantId, productId],
  );
  await client.query('INSERT INTO stock (variant_id, on_hand, reserved, version) VALUES ($1, $2, 0, 1)', [
    variantId,
    UNITS,
  ]);
  if (!notifies) await client.query('ALTER TABLE outbox DISABLE TRIGGER outbox_inserted');
}

async function inDatabase<Result>(
  serverUrl: string,
  name: string,
  work: (url: string) => Promise<Result>,
): Promise<Result> {
  const onServer = (text: string) => onDatabase(serverUrl, 'postgres', (client) => client.query(text));
  await onServer(`DROP DATABASE IF EXISTS ${name}`);
  await onServer(`CREATE DATABASE ${name}`);
  try {
    const url = new URL(serverUrl);
    url.pathname = `/${name}`;
    return await work(url.href);
  } finally {
    await onServer(`DROP DATABASE IF EXISTS ${name}`);
  }
}

/** Closed loops, one a connection. */
async function measureRate(
  url: string,
  connections: number,
  forMs: number,
  once: (client: pg.Client) => Promise<unknown>,
): Promise<Rate> {
  const clients = await Promise.all(
    Array.from({ length: connections }, async () => {
      const client = new pg.Client({ connectionString: url, statement_timeout: 10_000 });
      await client.connect();
      return client;
    }),
  );
  const waits = await watchWaits(url);
  let done = 0;
  let counts = false;
  let isOver = false;
  const loops = clients.map(async (client) => {
    while (!isOver) {
      await once(client);
      if (counts && !isOver) done += 1;
    }
  });
  try {
    await pause(WARM_UP_MS);
    const [cpu, from] = [process.cpuUsage(), performance.now()];
    counts = true;
    await pause(forMs);
    const { user, system } = process.cpuUsage(cpu);
    const elapsedMs = performance.now() - from;
    isOver = true;
    await Promise.all(loops);
    return {
      aSecond: (done / elapsedMs) * 1_000,
      waits: await waits.stop(),
      clientShare: (user + system) / 1_000 / elapsedMs,
    };
  } finally {
    isOver = true;
    await Promise.allSettled(loops);
    await waits.stop();
    await Promise.all(clients.map((client) => client.end()));
  }
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
