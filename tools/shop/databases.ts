import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { applyMigrations } from '@ebuy/runtime';
import pg from 'pg';
import { ROOT } from '../repo/paths.ts';
import { SERVICE_NAMES, type ServiceName, TOPOLOGY } from './topology.ts';

export interface StoreAddresses {
  readonly postgresql: string;
  readonly mongodb: string;
  readonly namespace: string;
  readonly passwordOf: (service: ServiceName) => string;
}

/** `ebuy_orders`, behind the namespace where there is one: the name of a service's database and of its role. */
export const databaseName = (service: ServiceName, namespace: string): string =>
  `${namespace.replace(/[^a-z0-9]+/g, '_')}ebuy_${service}`;

/**
 * The database of a service; null for one that keeps none, or keeps it in OpenSearch, which knows only names of indexes. PostgreSQL: as a role
 * of its own, which owns this database and nothing else.
 */
export const storeUrl = (service: ServiceName, addresses: StoreAddresses): string | null => {
  const { store } = TOPOLOGY[service];
  if (store === null || store === 'opensearch') return null;
  const name = databaseName(service, addresses.namespace);
  const url = new URL(addresses[store]);
  url.pathname = `/${name}`;
  if (store === 'postgresql') {
    url.username = name;
    url.password = addresses.passwordOf(service);
  }
  return url.href;
};

/** Roles and databases first, then each service's migrations. What is there already is left as it is. Returns what was done. */
export const prepareDatabases = async (
  addresses: StoreAddresses,
  services: readonly ServiceName[] = SERVICE_NAMES,
): Promise<string[]> => {
  const relational = services.filter((service) => TOPOLOGY[service].store === 'postgresql');
  await createDatabases(relational, addresses);
  const applied = await Promise.all(relational.map((service) => migrate(service, addresses)));
  return applied.flat();
};

const createDatabases = async (services: readonly ServiceName[], addresses: StoreAddresses): Promise<void> => {
  const server = new URL(addresses.postgresql);
  server.pathname = '/postgres';
  const client = new pg.Client({ connectionString: server.href, connectionTimeoutMillis: 10_000 });
  await client.connect();
  try {
    for (const service of services) {
      const name = databaseName(service, addresses.namespace);
      const password = client.escapeLiteral(addresses.passwordOf(service));
      const { rows } = await client.query<{ role: boolean; database: boolean }>(
        `SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1) AS role, EXISTS (SELECT FROM pg_database WHERE datname = $1) AS database`,
        [name],
      );
      const verb = rows[0]?.role === true ? 'ALTER' : 'CREATE';
      await client.query(`${verb} ROLE ${client.escapeIdentifier(name)} LOGIN PASSWORD ${password}`);
      if (rows[0]?.database === true) continue;
      await client.query(`CREATE DATABASE ${client.escapeIdentifier(name)} OWNER ${client.escapeIdentifier(name)}`);
      await client.query(`REVOKE ALL ON DATABASE ${client.escapeIdentifier(name)} FROM PUBLIC`);
    }
  } finally {
    await client.end();
  }
};

const migrate = async (service: ServiceName, addresses: StoreAddresses): Promise<string[]> => {
  const { migrations } = TOPOLOGY[service];
  const url = storeUrl(service, addresses);
  if (migrations === undefined || url === null) return [];
  const migrationsDir = join(ROOT, migrations);
  if (!existsSync(migrationsDir)) return [];
  const names = await applyMigrations({ url, migrationsDir });
  return names.map((name) => `${service}: ${name}`);
};
