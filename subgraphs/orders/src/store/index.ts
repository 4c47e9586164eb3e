import { createHash } from 'node:crypto';
import { PrismaPg } from '@prisma/adapter-pg';
import { PrismaClient } from '../generated/prisma/client.ts';

export type Store = PrismaClient;
export type Transaction = Parameters<Parameters<PrismaClient['$transaction']>[0]>[0];

const CONNECTIONS = 10;
const CONNECT_TIMEOUT_MS = 5_000;
const STATEMENT_TIMEOUT_MS = 10_000;
const MAX_NAMED_STATEMENTS = 200;

export function openStore(databaseUrl: string): Store {
  const adapter = new PrismaPg(
    {
      connectionString: databaseUrl,
      application_name: 'orders',
      max: CONNECTIONS,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      statement_timeout: STATEMENT_TIMEOUT_MS,
      idle_in_transaction_session_timeout: STATEMENT_TIMEOUT_MS,
    },
    // An idle connection that breaks is replaced at the next use; that use reports it, if it still matters.
    { statementNameGenerator: nameStatement, onPoolError: () => undefined },
  );
  return new PrismaClient({ adapter });
}

/** Everything or nothing, within a deadline. */
export function inTransaction<Result>(store: Store, work: (tx: Transaction) => Promise<Result>): Promise<Result> {
  return store.$transaction(work, { maxWait: 5_000, timeout: 10_000 });
}

const names = new Map<string, string>();

/** A named statement is planned once a connection. Lists of varying length make many texts: beyond a number they go without. */
function nameStatement({ sql }: { readonly sql: string }): string {
  let name = names.get(sql);
  if (name === undefined && names.size < MAX_NAMED_STATEMENTS) {
    name = createHash('sha256').update(sql).digest('hex').slice(0, 32);
    names.set(sql, name);
  }
  return name ?? '';
}
