import { newId } from '@ebuy/kernel';
import { openTestPostgres, type TestDatabase } from '@ebuy/testing';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openStore, type Store } from '../src/store/index.ts';
import { pruneSettled } from '../src/store/prune.ts';

let database: TestDatabase;
let store: Store;
beforeAll(async () => {
  database = await openTestPostgres('payments');
  store = openStore(database.url);
});
afterAll(async () => {
  await store.$disconnect();
  await database.drop();
});

test('what is past its time goes, and nothing younger', async () => {
  const [old, young] = [newId(), newId()];
  await database.query(
    `INSERT INTO cancelled_order (order_id, cancelled_at) VALUES ($1, now() - interval '101 days'), ($2, now() - interval '99 days')`,
    [old, young],
  );
  expect(await pruneSettled(store)).toBe(1);
  expect(await database.query('SELECT order_id FROM cancelled_order')).toEqual([{ order_id: young }]);
  expect(await pruneSettled(store)).toBe(0);
});
