import { createHash } from 'node:crypto';
import { PrismaPg } from '@prisma/adapter-pg';
import { Prisma, PrismaClient } from '../generated/prisma/client.ts';

export { Prisma };
export type Store = PrismaClient;
export type Transaction = Prisma.TransactionClient;

const MAX_CONNECTIONS = 10;

export function openStore(databaseUrl: string): Store {
  const adapter = new PrismaPg(
    {
      connectionString: databaseUrl,
      max: MAX_CONNECTIONS,
      application_name: 'payments',
      connectionTimeoutMillis: 5_000,
      statement_timeout: 10_000,
      idle_in_transaction_session_timeout: 20_000,
    },
    { statementNameGenerator: nameStatement, onPoolError: () => undefined },
  );
  return new PrismaClient({ adapter });
}

/** Within one transaction. None is ever held while the provider is asked. */
export function inTransaction<Result>(store: Store, work: (tx: Transaction) => Promise<Result>): Promise<Result> {
  return store.$transaction(work, { maxWait: 5_000, timeout: 10_000 });
}

const names = new Map<string, string>();

/** Statements of one text are planned once a connection. Their number is that of the texts in this folder, and Prisma's few. */
function nameStatement({ sql }: { readonly sql: string }): string {
  let name = names.get(sql);
  if (name === undefined) {
    name = names.size < 500 ? createHash('sha256').update(sql).digest('base64url').slice(0, 20) : '';
    names.set(sql, name);
  }
  return name;
}
