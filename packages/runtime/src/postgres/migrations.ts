/**
 * Applies a folder of Prisma migrations with nothing but SQL, and keeps Prisma's own table of them: `prisma migrate deploy` may be
 * used on the same history anywhere its engine can be downloaded.
 */
import { createHash, randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';

/** The lock that Prisma takes, too: two runners at once wait for each other. */
const PRISMA_MIGRATE_LOCK = 72707369;

const TABLE = `CREATE TABLE IF NOT EXISTS _prisma_migrations (
  id varchar(36) PRIMARY KEY, checksum varchar(64) NOT NULL, finished_at timestamptz, migration_name varchar(255) NOT NULL,
  logs text, rolled_back_at timestamptz, started_at timestamptz NOT NULL DEFAULT now(), applied_steps_count integer NOT NULL DEFAULT 0)`;

/**
 * Applies what is missing, each migration in a transaction, in order of name. Returns the names it applied.
 * Throws when an applied migration's file has changed since, or when one fails: nothing of that one stays.
 */
export async function applyMigrations(options: {
  readonly url: string;
  readonly migrationsDir: string;
}): Promise<string[]> {
  const client = new pg.Client({ connectionString: options.url, connectionTimeoutMillis: 10_000 });
  await client.connect();
  try {
    await client.query('SELECT pg_advisory_lock($1)', [PRISMA_MIGRATE_LOCK]);
    await client.query(TABLE);
    const { rows } = await client.query<{ migration_name: string; checksum: string }>(
      'SELECT migration_name, checksum FROM _prisma_migrations WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL',
    );
    const applied = new Map(rows.map((row) => [row.migration_name, row.checksum]));
    const fresh: string[] = [];
    for (const { name, sql, checksum } of await readMigrations(options.migrationsDir)) {
      const before = applied.get(name);
      if (before === checksum) continue;
      if (before !== undefined) {
        throw new Error(
          `Migration ${name} was changed after it had been applied. Restore it, and put the change into a new one.`,
        );
      }
      await applyOne(client, name, sql, checksum);
      fresh.push(name);
    }
    return fresh;
  } finally {
    await client.end();
  }
}

async function readMigrations(dir: string) {
  const entries = await readdir(dir, { withFileTypes: true });
  const names = entries
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
  return Promise.all(
    names.map(async (name) => {
      const sql = await readFile(join(dir, name, 'migration.sql'), 'utf8');
      return { name, sql, checksum: createHash('sha256').update(sql).digest('hex') };
    }),
  );
}

async function applyOne(client: pg.Client, name: string, sql: string, checksum: string): Promise<void> {
  await client.query('BEGIN');
  try {
    await client.query(sql);
    await client.query(
      `INSERT INTO _prisma_migrations (id, checksum, migration_name, started_at, finished_at, applied_steps_count)
       VALUES ($1, $2, $3, now(), now(), 1)`,
      [randomUUID(), checksum, name],
    );
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK');
    throw new Error(`Migration ${name} failed: ${(error as Error).message}`, { cause: error });
  }
}
