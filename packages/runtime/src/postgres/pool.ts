import { createHash } from 'node:crypto';

const CONNECTIONS = 10;
const CONNECT_TIMEOUT_MS = 3_000;
const STATEMENT_TIMEOUT_MS = 10_000;
const MAX_NAMED_STATEMENTS = 300;

/**
 * How a subgraph connects to its PostgreSQL: what `new PrismaPg(...)` takes, with a limit on everything that can wait.
 *
 * Statements are named by their text, so that PostgreSQL plans each once a connection; texts beyond a number (lists of varying
 * length make many) go without. A pooler between must support named statements, or be left out.
 *
 * @example new PrismaClient({ adapter: new PrismaPg(...postgresPool('orders', config.databaseUrl)) })
 */
export function postgresPool(subgraph: string, connectionString: string) {
  const names = new Map<string, string>();
  const nameStatement = ({ sql }: { readonly sql: string }): string => {
    let name = names.get(sql);
    if (name === undefined && names.size < MAX_NAMED_STATEMENTS) {
      name = createHash('sha256').update(sql).digest('hex').slice(0, 32);
      names.set(sql, name);
    }
    return name ?? '';
  };
  return [
    {
      connectionString,
      application_name: subgraph,
      max: CONNECTIONS,
      keepAlive: true,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      statement_timeout: STATEMENT_TIMEOUT_MS,
      query_timeout: STATEMENT_TIMEOUT_MS + 1_000,
      idle_in_transaction_session_timeout: STATEMENT_TIMEOUT_MS,
    },
    // An idle connection that breaks is replaced at the next use; that use reports it, if it still matters.
    { statementNameGenerator: nameStatement, onPoolError: () => undefined },
  ] as const;
}
