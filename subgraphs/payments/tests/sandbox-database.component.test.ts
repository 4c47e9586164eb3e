import { openEmptyPostgres, type TestDatabase } from '@ebuy/testing';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Database, inTransaction, openDatabase } from '../sandbox/database.ts';

let database: TestDatabase;
let pool: Database;
beforeAll(async () => {
  database = await openEmptyPostgres('sandbox');
  pool = await openDatabase(database.url);
});
afterAll(async () => {
  await pool?.end();
  await database?.drop();
});

test('a connection that breaks between two statements fails its transaction, and nothing else', async () => {
  const cut = inTransaction(pool, async (client) => {
    const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    const broken = new Promise((resolve) => client.once('error', resolve));
    await database.query('SELECT pg_terminate_backend($1)', [rows[0]?.pid]);
    await broken;
    // Without a listener of inTransaction's own, this one would have been the only one to hear of it.
    expect(client.listenerCount('error')).toBeGreaterThan(0);
    await client.query('SELECT 1');
  });
  await expect(cut).rejects.toThrow();
  const { rows } = await inTransaction(pool, (client) => client.query<{ one: number }>('SELECT 1 AS one'));
  expect(rows).toEqual([{ one: 1 }]);
});
