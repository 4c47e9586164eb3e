import { createHash } from 'node:crypto';
import { PrismaPg } from '@prisma/adapter-pg';
import { Prisma, PrismaClient } from '../generated/prisma/client.ts';

export type Database = PrismaClient;
export type Transaction = Prisma.TransactionClient;
export { Prisma };

const CONNECTIONS = 10;
const STATEMENT_TIMEOUT_MS = 5_000;

/** Begins a statement that PostgreSQL shall plan once a connection: that of every account page. */
export const PREPARED = '/* prepared */';

export function openDatabase(url: string): Database {
  const adapter = new PrismaPg(
    {
      connectionString: url,
      application_name: 'users',
      max: CONNECTIONS,
      connectionTimeoutMillis: 3_000,
      statement_timeout: STATEMENT_TIMEOUT_MS,
      query_timeout: STATEMENT_TIMEOUT_MS + 1_000,
      keepAlive: true,
    },
    { statementNameGenerator: ({ sql }) => (sql.startsWith(PREPARED) ? nameOf(sql) : '') },
  );
  return new PrismaClient({ adapter });
}

const names = new Map<string, string>();

/** Few: only texts that begin with PREPARED, and those are constants. */
function nameOf(sql: string): string {
  let name = names.get(sql);
  if (name === undefined) {
    name = createHash('sha256').update(sql).digest('hex').slice(0, 32);
    names.set(sql, name);
  }
  return name;
}

export function inTransaction<Result>(database: Database, work: (tx: Transaction) => Promise<Result>): Promise<Result> {
  return database.$transaction(work, { maxWait: 4_000, timeout: 10_000 });
}
