import { testEngines, testNamespace } from '@ebuy/testing';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import pg from 'pg';
import { databaseName, prepareDatabases, type StoreAddresses, storeUrl } from '../shop/databases.ts';

const SERVICES = ['users', 'orders'] as const;
let addresses: StoreAddresses;

const onServer = async (...statements: string[]): Promise<void> => {
  const client = new pg.Client({ connectionString: testEngines().postgresql });
  await client.connect();
  for (const statement of statements) await client.query(statement);
  await client.end();
};

const ask = async (url: string, sql: string): Promise<pg.QueryResult> => {
  const client = new pg.Client({ connectionString: url });
  try {
    await client.connect();
    return await client.query(sql);
  } finally {
    await client.end().catch(() => undefined);
  }
};

const urlOf = (service: (typeof SERVICES)[number]): URL => new URL(storeUrl(service, addresses) ?? '');

beforeAll(async () => {
  const { postgresql, mongodb } = testEngines();
  addresses = {
    postgresql,
    mongodb,
    namespace: `${testNamespace()}.`,
    passwordOf: (service) => `secret-of-${service}`,
  };
  await prepareDatabases(addresses, SERVICES);
});

afterAll(async () => {
  const names = SERVICES.map((service) => databaseName(service, addresses.namespace));
  await onServer(...names.flatMap((name) => [`DROP DATABASE ${name} WITH (FORCE)`, `DROP ROLE ${name}`]));
});

test('a service reads its own database', async () => {
  const { rows } = await ask(urlOf('orders').href, 'SELECT count(*)::int AS orders FROM orders');
  expect(rows).toEqual([{ orders: 0 }]);
});

test("a service cannot connect to another's database, nor make one or a role", async () => {
  const other = urlOf('users');
  other.pathname = urlOf('orders').pathname;
  await expect(ask(other.href, 'SELECT 1')).rejects.toThrow(/permission denied/);
  await expect(ask(urlOf('users').href, 'CREATE DATABASE mine')).rejects.toThrow(/permission denied/);
  await expect(ask(urlOf('users').href, 'CREATE ROLE mine SUPERUSER')).rejects.toThrow(/permission denied|must be/);
});

test('preparing again changes nothing', async () => {
  expect(await prepareDatabases(addresses, SERVICES)).toEqual([]);
});
