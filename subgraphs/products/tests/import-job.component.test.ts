import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { newId } from '@ebuy/kernel';
import { ANONYMOUS, IDENTITY_HEADER, SIGNED_PURPOSES, signIdentity, startService } from '@ebuy/runtime';
import { eventually, shopper, staff } from '@ebuy/testing';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createApp } from '../src/app.ts';
import { receiveUpload } from '../src/commands/receive-upload.ts';
import { insertImport, pruneImports } from '../src/store/imports.ts';
import { type Database, inTransaction, openDatabase } from '../src/store/index.ts';
import { pruneUploads } from '../src/store/uploads.ts';
import { codes, merchandiser, type Products, startProducts } from './fixture.ts';
import { classicCsv, lamp } from './import-file.ts';
import { askImport, closeGate, ended, importById, importCsv } from './importing.ts';

/** Three replicas on one database. */
let products: Products;
let database: Database;

beforeAll(async () => {
  products = await startProducts({ replicas: 3 });
  database = openDatabase(products.database.url);
});

afterAll(async () => {
  await database?.$disconnect();
  await products?.stop();
});

const word = () => newId().slice(-12);
/** A file of this many products, none of which the shop has. */
const many = (count: number, prefix = word()) =>
  classicCsv(
    Array.from({ length: count }, (_, nth) =>
      lamp({ Handle: `${prefix}-${nth}`, 'Variant SKU': `${prefix}-${nth}`, 'Variant Inventory Qty': 3 }),
    ),
  );
const count = async (sql: string, values: unknown[] = []) =>
  (await products.database.query<{ count: number }>(`SELECT count(*)::int AS count FROM ${sql}`, values))[0]?.count ??
  0;

async function keep(text: string, db = database) {
  const { uploadId } = await receiveUpload(db, [Buffer.from(text)], { who: 'user:staff', maxBytes: 10_000_000 });
  return uploadId;
}

describe('importProducts', () => {
  test('is run by one of the replicas, once', async () => {
    const prefix = word();
    const done = await importCsv(products, many(60, prefix));
    expect(done).toMatchObject({ status: 'COMPLETED', productsCreated: 60, productsUpdated: 0, productsUnchanged: 0 });
    expect(await count('product WHERE slug LIKE $1', [`${prefix}-%`])).toBe(60);
    expect(await count('product_import WHERE id = $1 AND attempts = 1', [done.id])).toBe(1);
    expect(await count('import_outcome')).toBe(0);
  });

  test('of one file three times at the same moment makes each product once', async () => {
    const csv = many(40);
    const all = await Promise.all([1, 2, 3].map(() => importCsv(products, csv)));
    const sum = (field: 'productsCreated' | 'productsUpdated' | 'productsUnchanged') =>
      all.reduce((total, one) => total + one[field], 0);
    expect(all.flatMap(({ problems }) => problems)).toEqual([]);
    expect([sum('productsCreated'), sum('productsUpdated'), sum('productsUnchanged')]).toEqual([40, 0, 80]);
  });

  test('takes an upload, more than once, and nothing that is no whole one', async () => {
    const uploadId = await keep(many(3));
    const ids = [
      await askImport(products, { uploadId, currency: 'EUR' }),
      await askImport(products, { uploadId, currency: 'EUR' }),
    ];
    const [first, second] = await Promise.all(ids.map(({ import: begun }) => ended(products, begun?.id ?? '')));
    expect((first?.productsCreated ?? 0) + (second?.productsCreated ?? 0)).toBe(3);
    await database.$executeRaw`UPDATE import_upload SET sha256 = NULL WHERE id = ${uploadId}::uuid`;
    for (const bad of [uploadId, newId(), 'nothing']) {
      expect(codes(await askImport(products, { uploadId: bad, currency: 'EUR' }))).toEqual(['UPLOAD_NOT_FOUND']);
    }
  });

  test('refuses neither and both, a currency that is none, and more than 1 MB of text, counted in bytes', async () => {
    const csv = many(1);
    expect(codes(await askImport(products, { currency: 'EUR' }))).toEqual(['INVALID_IMPORT']);
    expect(codes(await askImport(products, { csv, uploadId: newId(), currency: 'EUR' }))).toEqual(['INVALID_IMPORT']);
    await expect(askImport(products, { csv, currency: 'XXX' })).rejects.toThrow('BAD_USER_INPUT');
    expect(codes(await askImport(products, { csv: 'é'.repeat(600_000), currency: 'EUR' }))).toEqual(['CSV_TOO_LARGE']);
  });

  test('is FAILED for what is no file of products, and says why', async () => {
    expect(await importCsv(products, 'a;b;c\n1;2;3\n')).toMatchObject({
      status: 'FAILED',
      problems: [{ line: 1, column: null, message: expect.stringMatching(/semicolons/) }],
      problemCount: 1,
    });
  });

  test('names a thousand problems and counts all', async () => {
    const rows = Array.from({ length: 1_200 }, (_, nth) =>
      lamp({ Handle: `bad-${nth}`, 'Variant SKU': `${nth}`, 'Variant Price': 'x' }),
    );
    const { problems, problemCount } = await importCsv(products, classicCsv(rows));
    expect([problems.length, problemCount, problems[0]?.line, problems.at(-1)?.line]).toEqual([1_000, 1_200, 2, 1_001]);
  });

  test('waits no longer than twenty imports', async () => {
    const uploadId = await keep(many(1));
    await database.$executeRaw`INSERT INTO product_import (id, upload_id, status, who, correlation_id, currency, publish, lease_until)
      SELECT gen_random_uuid(), ${uploadId}::uuid, 'RUNNING', 'test', 'test', 'EUR', false, now() + interval '1 hour' FROM generate_series(1, 20)`;
    expect(codes(await askImport(products, { csv: many(1), currency: 'EUR' }))).toEqual(['TOO_MANY_IMPORTS']);
    await database.$executeRaw`DELETE FROM product_import WHERE who = 'test'`;
    expect(await importCsv(products, many(1))).toMatchObject({ productsCreated: 1 });
  });

  test('is for who may write products and stock; who reads them may look', async () => {
    const input = { csv: many(1), currency: 'EUR' };
    await expect(askImport(products, input, staff(['catalog:write']))).rejects.toThrow('FORBIDDEN');
    await expect(askImport(products, input, shopper('s'))).rejects.toThrow('FORBIDDEN');
    await expect(askImport(products, input, ANONYMOUS)).rejects.toThrow('UNAUTHENTICATED');
    const { id } = await importCsv(products, input.csv);
    expect(await importById(products, id, staff(['catalog:read-staff']))).toMatchObject({ id, status: 'COMPLETED' });
    await expect(importById(products, id, shopper('s'))).rejects.toThrow('FORBIDDEN');
    expect(await importById(products, newId())).toBeNull();
    expect(await importById(products, 'nothing')).toBeNull();
  });
});

const PRODUCTS = 200;

describe('a process that is killed in the middle', () => {
  test('is replaced within seconds, and every product is in, once, and counted', async () => {
    const shop = await startProducts({ replicas: 0 });
    const db = openDatabase(shop.database.url);
    const victim = spawn(process.execPath, [join(import.meta.dirname, '..', 'src', 'main.ts')], {
      env: { ...process.env, NODE_OPTIONS: '', ...shop.environment, LOG_LEVEL: 'silent' },
      stdio: 'ignore',
    });
    const done = async () => {
      const [row] = await shop.database.query<{ done: number }>('SELECT count(*)::int AS done FROM import_outcome', []);
      return row?.done ?? 0;
    };
    try {
      const id = newId();
      const uploadId = await keep(many(PRODUCTS), db);
      const wanted = { id, uploadId, who: 'user:staff', correlationId: 'test', currency: 'EUR', publish: true };
      const gate = await closeGate(shop.database);
      await inTransaction(db, (tx) => insertImport(tx, wanted, 20));
      await eventually(async () => expect(await gate.isReached()).toBe(true), { timeoutMs: 60_000 });
      victim.kill('SIGKILL');
      const [lease] = await shop.database.query<{ seconds: number }>(
        'SELECT extract(epoch FROM lease_until - now())::int AS seconds FROM product_import',
        [],
      );
      expect(lease?.seconds).toBeLessThanOrEqual(5);
      expect(await done()).toBeGreaterThan(0);
      await gate.open();
      expect(await done()).toBeLessThan(PRODUCTS);
      const successor = await startService('products', shop.config, createApp);
      try {
        await eventually(
          async () => {
            const [row] = await shop.database.query('SELECT status FROM product_import WHERE id = $1', [id]);
            expect(row).toEqual({ status: 'COMPLETED' });
          },
          { timeoutMs: 90_000 },
        );
        const [row] = await shop.database.query(
          'SELECT products_created, products_updated, products_unchanged, lines_read, attempts FROM product_import WHERE id = $1',
          [id],
        );
        expect(row).toEqual({
          products_created: PRODUCTS,
          products_updated: 0,
          products_unchanged: 0,
          lines_read: PRODUCTS + 1,
          attempts: 2,
        });
        const [events] = await shop.database.query(
          `SELECT count(*)::int AS all, count(DISTINCT key)::int AS products FROM outbox WHERE topic = 'ebuy.products.product.v1'`,
          [],
        );
        expect(events).toEqual({ all: PRODUCTS, products: PRODUCTS });
      } finally {
        await successor.stop();
      }
    } finally {
      victim.kill('SIGKILL');
      await db.$disconnect();
      await shop.stop();
    }
  }, 240_000);
});

describe('POST /uploads', () => {
  const address = () => `http://127.0.0.1:${products.services[0]?.port}/uploads`;
  const send = (
    body: string,
    { from = 'router', purpose = SIGNED_PURPOSES.uploads as string, caller = merchandiser, method = 'POST' } = {},
  ) => {
    const identity = signIdentity(
      { from, to: 'products', body: purpose, caller, correlationId: 'test' },
      { products: products.keys[from as keyof typeof products.keys] ?? '' },
    );
    return fetch(address(), {
      method,
      headers: { [IDENTITY_HEADER]: identity },
      ...(method === 'POST' ? { body } : {}),
    });
  };

  test('keeps a file in pieces, which an import then reads', async () => {
    const csv = many(400).replaceAll(',Lamp,', `,Lamp,<p>${'A lamp to read by. '.repeat(40)}</p>`);
    expect(csv.length).toBeGreaterThan(262_144);
    const response = await send(csv);
    expect(response.status).toBe(201);
    const { uploadId, bytes } = (await response.json()) as { uploadId: string; bytes: number };
    expect(bytes).toBe(Buffer.byteLength(csv));
    expect(await count('import_chunk WHERE upload_id = $1', [uploadId])).toBe(Math.ceil(bytes / 262_144));
    const { import: begun } = await askImport(products, { uploadId, currency: 'EUR' });
    expect(begun?.status).toBe('RUNNING');
    expect(await ended(products, begun?.id ?? '')).toMatchObject({ productsCreated: 400, linesRead: 401 });
  });

  test('is the router’s alone, for merchandisers, and for nothing that was signed for something else', async () => {
    const before = await count('import_upload');
    expect((await send('x', { purpose: 'x' })).status).toBe(401);
    expect((await send('x', { purpose: SIGNED_PURPOSES.subscriptions })).status).toBe(401);
    expect((await send('x', { from: 'cart' })).status).toBe(401);
    expect((await send('x', { method: 'GET' })).status).toBe(401);
    expect((await fetch(address(), { method: 'POST', body: 'x' })).status).toBe(401);
    expect((await send('x', { caller: shopper('s') })).status).toBe(403);
    expect((await send('x', { caller: staff(['stock:write']) })).status).toBe(403);
    expect(await count('import_upload')).toBe(before);
  });

  test('what was signed for it opens nothing else', async () => {
    const identity = signIdentity(
      { from: 'router', to: 'products', body: SIGNED_PURPOSES.uploads, caller: merchandiser, correlationId: 'test' },
      { products: products.keys.router },
    );
    const response = await fetch(address().replace('uploads', 'graphql'), {
      method: 'POST',
      headers: { 'content-type': 'application/json', [IDENTITY_HEADER]: identity },
      body: JSON.stringify({ query: '{ __typename }' }),
    });
    expect(response.status).toBe(401);
  });

  test('of a file that breaks off leaves nothing', async () => {
    const before = await count('import_upload');
    async function* broken() {
      yield Buffer.alloc(300_000);
      await eventually(async () => expect(await count('import_upload')).toBe(before + 1));
      throw new Error('gone');
    }
    await expect(receiveUpload(database, broken(), { who: 'user:staff', maxBytes: 1_000_000 })).rejects.toThrow('gone');
    expect(await count('import_upload')).toBe(before);
    await expect(
      receiveUpload(database, [Buffer.alloc(1_001)], { who: 'user:staff', maxBytes: 1_000 }),
    ).rejects.toThrow();
    expect(await count('import_upload')).toBe(before);
  });
});

test('files go after a day, broken ones after an hour, imports after thirty days; what is being read stays', async () => {
  const [fresh, old, broken, read] = [await keep('a'), await keep('b'), await keep('c'), await keep('d')];
  await database.$executeRaw`UPDATE import_upload SET created_at = now() - interval '25 hours' WHERE id::text IN (${old}, ${read})`;
  await database.$executeRaw`UPDATE import_upload SET sha256 = NULL, created_at = now() - interval '61 minutes' WHERE id = ${broken}::uuid`;
  await database.$executeRaw`INSERT INTO product_import (id, upload_id, status, who, correlation_id, currency, publish, lease_until, created_at)
    VALUES (gen_random_uuid(), ${read}::uuid, 'RUNNING', 'prune', 'test', 'EUR', false, now() + interval '1 hour', now() - interval '40 days'),
           (gen_random_uuid(), ${old}::uuid, 'COMPLETED', 'prune', 'test', 'EUR', false, NULL, now() - interval '31 days'),
           (gen_random_uuid(), ${fresh}::uuid, 'FAILED', 'prune', 'test', 'EUR', false, NULL, now() - interval '29 days')`;
  await pruneUploads(database);
  await pruneImports(database);
  expect(await count('import_upload WHERE id::text = ANY($1)', [[fresh, old, broken, read]])).toBe(2);
  expect(await count('import_chunk WHERE upload_id::text = ANY($1)', [[old, broken]])).toBe(0);
  expect(await count("product_import WHERE who = 'prune'")).toBe(2);
  await database.$executeRaw`DELETE FROM product_import WHERE who = 'prune'`;
});
