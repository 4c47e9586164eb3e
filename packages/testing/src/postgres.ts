import { fileURLToPath } from 'node:url';
import type { SqlTransaction } from '@ebuy/events';
import { applyMigrations } from '@ebuy/runtime';
import pg from 'pg';
import { testEngines } from './engines.ts';
import { testNamespace } from './namespace.ts';

export interface TestDatabase {
  readonly url: string;
  /** Runs SQL on it, for what a test has to see behind the service's back. */
  query<Row extends object>(sql: string, values?: unknown[]): Promise<Row[]>;
  /** Each statement by itself, in the shape that outbox, inbox and idempotency keys take. */
  readonly sql: SqlTransaction;
  /** Runs work in a transaction, in the shape that outbox, inbox and idempotency keys take. */
  transaction<Result>(work: (tx: SqlTransaction) => Promise<Result>): Promise<Result>;
  drop(): Promise<void>;
}

/** An empty database of its own, on the real server. */
export async function openEmptyPostgres(label: string): Promise<TestDatabase> {
  const name = `${label}_${testNamespace()}`;
  await onServer(testEngines().postgresql, `CREATE DATABASE ${name}`);
  const url = databaseUrl(testEngines().postgresql, name);
  const pool = new pg.Pool({ connectionString: url, max: 10 });
  pool.on('error', () => undefined);
  return {
    url,
    query: async <Row extends object>(sql: string, values: unknown[] = []) => (await pool.query<Row>(sql, values)).rows,
    sql: asSqlTransaction(pool),
    async transaction(work) {
      const client = await pool.connect();
      try {
        await client.query('BEGIN');
        const result = await work(asSqlTransaction(client));
        await client.query('COMMIT');
        return result;
      } catch (error) {
        await client.query('ROLLBACK');
        throw error;
      } finally {
        client.release();
      }
    },
    async drop() {
      await pool.end();
      await onServer(testEngines().postgresql, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
    },
  };
}

/** A subgraph's database with its migrations applied. */
export async function openTestPostgres(subgraph: string): Promise<TestDatabase> {
  const database = await openEmptyPostgres(subgraph);
  const migrationsDir = fileURLToPath(new URL(`../../../subgraphs/${subgraph}/prisma/migrations`, import.meta.url));
  await applyMigrations({ url: database.url, migrationsDir });
  return database;
}

async function onServer(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl(url, 'postgres') });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

function databaseUrl(server: string, database: string): string {
  const url = new URL(server);
  url.pathname = `/${database}`;
  return url.href;
}

function asSqlTransaction(client: pg.PoolClient | pg.Pool): SqlTransaction {
  return {
    $queryRawUnsafe: async <Rows>(sql: string, ...values: unknown[]) => (await client.query(sql, values)).rows as Rows,
    $executeRawUnsafe: async (sql, ...values) => (await client.query(sql, values)).rowCount ?? 0,
  };
}
