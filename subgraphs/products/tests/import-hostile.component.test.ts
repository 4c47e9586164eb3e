import { newId } from '@ebuy/kernel';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { claimImport, insertImport } from '../src/store/imports.ts';
import { type Database, inTransaction, openDatabase } from '../src/store/index.ts';
import { codes, type Products, startProducts } from './fixture.ts';
import { classicCsv, lamp } from './import-file.ts';
import { askImport, importById, importCsv } from './importing.ts';

let products: Products;
let database: Database;

beforeAll(async () => {
  products = await startProducts();
  database = openDatabase(products.database.url);
});

afterAll(async () => {
  await database?.$disconnect();
  await products?.stop();
});

test.each([
  ['a null byte', 'a\u0000b'],
  ['half a character', `${'A'.repeat(39)}😀`],
])('an import whose problem quotes %s ends', async (_, handle) => {
  const done = await importCsv(products, `Handle,Title,Variant Price\n${handle},Lamp,1\n`);
  expect(done).toMatchObject({ status: 'COMPLETED', problems: [{ line: 2, column: 1 }] });
});

test('an import that ends its process each time is given up', async () => {
  const wanted = { id: newId(), uploadId: newId(), who: 'user:staff', correlationId: newId() };
  // At once as it would be after many lives: else the service's own runner might come first.
  await inTransaction(database, async (tx) => {
    await insertImport(tx, { ...wanted, currency: 'EUR', publish: false }, 20);
    await tx.$executeRaw`
      UPDATE product_import SET attempts = 20, lease_until = now() - interval '1 second' WHERE id = ${wanted.id}::uuid`;
  });
  expect(await claimImport(database, newId())).toBeNull();
  expect(await importById(products, wanted.id)).toMatchObject({
    status: 'FAILED',
    problems: [{ line: 1, message: expect.stringContaining('again and again') }],
  });
});

test('more files than there is room for are refused, and a refused import keeps none', async () => {
  const csv = classicCsv([lamp()]);
  const kept = () => products.database.query<{ id: string }>('SELECT id FROM import_upload', []);
  const before = await kept();
  await products.database.query(
    `INSERT INTO import_upload (id, who, bytes) VALUES ($1, 'x', 2147483647), ($2, 'x', 2)`,
    [newId(), newId()],
  );
  expect(codes(await askImport(products, { csv, currency: 'EUR' }))).toEqual(['TOO_MANY_IMPORTS']);
  await products.database.query(`DELETE FROM import_upload WHERE who = 'x'`, []);
  await products.database.query(
    `INSERT INTO product_import (id, upload_id, status, who, correlation_id, currency, publish, lease_token, lease_until)
     SELECT gen_random_uuid(), gen_random_uuid(), 'RUNNING', 'x', 'x', 'EUR', false, gen_random_uuid(), now() + interval '1 hour'
       FROM generate_series(1, 20)`,
    [],
  );
  expect(codes(await askImport(products, { csv, currency: 'EUR' }))).toEqual(['TOO_MANY_IMPORTS']);
  expect(await kept()).toEqual(before);
});
