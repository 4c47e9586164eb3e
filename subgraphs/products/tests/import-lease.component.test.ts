/** A runner that was frozen for longer than its lease, and goes on as if nothing had happened. */
import { newId } from '@ebuy/kernel';
import { createLogger } from '@ebuy/runtime';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { receiveUpload } from '../src/commands/receive-upload.ts';
import { runImport } from '../src/commands/run-import.ts';
import { type ClaimedImport, claimImport, insertImport } from '../src/store/imports.ts';
import { type Database, inTransaction, openDatabase } from '../src/store/index.ts';
import { readProductsBySlug } from '../src/store/products.ts';
import { type Products, startProducts } from './fixture.ts';
import { classicCsv, lamp } from './import-file.ts';

let products: Products;
let database: Database;
beforeAll(async () => {
  products = await startProducts({ replicas: 0 });
  database = openDatabase(products.database.url);
});
afterAll(async () => {
  await database?.$disconnect();
  await products?.stop();
});

const run = (claimed: ClaimedImport) =>
  runImport(database, claimed, { logger: createLogger('test', 'silent'), signal: new AbortController().signal });

async function claim(): Promise<ClaimedImport> {
  const claimed = await claimImport(database, newId());
  if (claimed === null) throw new Error('nothing to run');
  return claimed;
}

async function begin(rows: Parameters<typeof classicCsv>[0]): Promise<ClaimedImport> {
  const bytes = Buffer.from(classicCsv(rows));
  const { uploadId } = await receiveUpload(database, [bytes], { who: 'user:staff', maxBytes: 1_000_000 });
  const wanted = { id: newId(), uploadId, who: 'user:staff', correlationId: 'test', currency: 'EUR', publish: false };
  await inTransaction(database, (tx) => insertImport(tx, wanted, 20));
  return claim();
}

test('changes nothing that came after it', async () => {
  const [old, other] = [`old-${newId()}`, `other-${newId()}`];
  const row = (slug: string, units: number, price: number) =>
    lamp({ Handle: slug, 'Variant SKU': slug, 'Variant Inventory Qty': units, 'Variant Price': price });
  const frozen = await begin([row(old, 10, 5), row(other, 10, 5)]);
  await database.$executeRaw`UPDATE product_import SET lease_until = now() - interval '1 second'`;
  // What another replica has brought in by now.
  await run(await claim());
  await run(await begin([row(old, 20, 7)]));
  const before = await readProductsBySlug(database, [old, other]);
  expect(before.get(old)?.variants[0]).toMatchObject({ stock: { onHand: 20 }, priceMinor: 700 });
  await run(frozen);
  expect(await readProductsBySlug(database, [old, other])).toEqual(before);
});

test('makes no product any more', async () => {
  const slug = `late-${newId()}`;
  const frozen = await begin([lamp({ Handle: slug, 'Variant SKU': slug })]);
  await database.$executeRaw`UPDATE product_import SET lease_token = ${newId()}::uuid WHERE id = ${frozen.id}::uuid`;
  await run(frozen);
  expect(await readProductsBySlug(database, [slug])).toEqual(new Map());
  await database.$executeRaw`DELETE FROM product_import WHERE id = ${frozen.id}::uuid`;
});
