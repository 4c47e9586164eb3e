import { appendFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type AuditHead,
  appendAudit,
  auditorOfService,
  createAuditIndexes,
  MongoAuditSealer,
  sealPostgresAudit,
  withPendingAudit,
} from '@ebuy/runtime';
import { openTestMongo, openTestPostgres, type TestDatabase, type TestMongo } from '@ebuy/testing';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { chainsOf } from '../audit/chains.ts';
import { lineOf, momentOf, readTrail } from '../audit/trail.ts';
import { LogFiles } from '../verify/books/log-files.ts';
import { actionsAreOnRecord, auditIsWhole } from '../verify/checks/audit.ts';
import { Look } from '../verify/look.ts';
import type { Stores } from '../verify/stores.ts';

const PATIENCE_MS = 180_000;
const RELATIONAL = ['orders', 'payments', 'products'] as const;
const ORDER = '01981234-5678-7abc-8def-000000000001';
const opened: { close(): Promise<unknown> }[] = [];
let databases: Record<(typeof RELATIONAL)[number], TestDatabase>;
let documents: Record<'catalog' | 'reviews', TestMongo>;
let folder: string;
let stores: Stores;

const by = (service: string) => auditorOfService(service, { correlationId: 'c-1', causationId: null });
const entry = (service: string, action: string, id: string, detail = {}) =>
  by(service)({ action, aggregate: { type: 'Thing', id }, version: 1, detail });
const publish = (head: AuditHead | null) =>
  appendFile(join(folder, 'service.log'), `${JSON.stringify({ audit: head, msg: 'audit entries were sealed' })}\n`);
const violations = async () => {
  const { violations: found } = await auditIsWhole(stores).run(new Look());
  return found.map(({ where, field }) => `${where} ${field}`);
};
const forge = async (service: (typeof RELATIONAL)[number], sql: string) => {
  await databases[service].query('ALTER TABLE audit_entry DISABLE TRIGGER USER');
  await databases[service].query(sql);
  await databases[service].query('ALTER TABLE audit_entry ENABLE TRIGGER USER');
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ebuy-audit-'));
  const open = async (service: (typeof RELATIONAL)[number]) => {
    const database = await openTestPostgres(service);
    opened.push({ close: () => database.drop() });
    return database;
  };
  databases = { orders: await open('orders'), payments: await open('payments'), products: await open('products') };
  documents = { catalog: await openTestMongo('catalog'), reviews: await openTestMongo('reviews') };
  const pools = RELATIONAL.map((service) => {
    const pool = new pg.Pool({ connectionString: databases[service].url });
    // A connection may still be closing when its database is dropped.
    pool.on('error', () => undefined);
    opened.unshift({ close: () => pool.end() });
    return [service, pool] as const;
  });
  opened.push(...Object.values(documents).map((mongo) => ({ close: () => mongo.drop() })));
  stores = {
    ...Object.fromEntries(pools),
    catalog: documents.catalog.connection.db,
    reviews: documents.reviews.connection.db,
    logs: new LogFiles(folder, []),
  } as unknown as Stores;
  await fill();
}, PATIENCE_MS);
afterAll(async () => {
  for (const { close } of opened) await close();
  await rm(folder, { recursive: true, force: true });
});

async function fill(): Promise<void> {
  for (const service of RELATIONAL) {
    const { sql, transaction } = databases[service];
    const detail = service === 'payments' ? { orderId: ORDER } : {};
    for (let index = 0; index < 4; index += 1) {
      const id = service === 'orders' && index === 0 ? ORDER : `${service}-${index}`;
      await appendAudit(sql, entry(service, 'change', id, index === 0 ? detail : {}));
    }
    await publish(await sealPostgresAudit({ ...sql, $transaction: (work) => transaction(work) }, service));
  }
  for (const [service, collection] of [
    ['catalog', 'collections'],
    ['reviews', 'reviews'],
  ] as const) {
    const database = documents[service].connection.db!;
    await createAuditIndexes(database, [collection]);
    const pending = withPendingAudit([entry(service, 'change', 'one'), entry(service, 'change', 'two')], new Date());
    await database.collection<{ _id: string }>(collection).insertOne({ _id: 'one', ...pending });
    await publish(await new MongoAuditSealer({ database, chain: service, collections: [collection] }).seal());
  }
}

test('the trail is of all services, in the order of time, and says whether the chains hold', async () => {
  const { entries, judgements } = await readTrail(chainsOf(stores), {}, (await stores.logs.read()).heads);
  expect(entries.map(({ chain }) => chain)).toEqual([
    ...RELATIONAL.flatMap((service) => Array.from({ length: 4 }, () => service)),
    ...['catalog', 'catalog', 'reviews', 'reviews'],
  ]);
  expect(judgements.map(({ head, breaks, unsealed }) => [head.chain, head.seal, breaks.length, unsealed])).toEqual([
    ...RELATIONAL.map((service) => [service, 4, 0, 0]),
    ...['catalog', 'reviews'].map((service) => [service, 2, 0, 0]),
  ]);
  const ofOrder = await readTrail(chainsOf(stores), { order: ORDER }, []);
  expect(ofOrder.entries.map(({ chain, seal }) => [chain, seal])).toEqual([
    ['orders', 1],
    ['payments', 1],
  ]);
  expect((await readTrail(chainsOf(stores), { actor: 'catalog' }, [])).entries).toHaveLength(2);
  expect((await readTrail(chainsOf(stores), { since: new Date(Date.now() + 60_000) }, [])).entries).toEqual([]);
  const [line] = ofOrder.entries.map(lineOf);
  expect(line).toContain(`orders #1  service orders  change  Thing ${ORDER} v1`);
});

describe('verify', () => {
  test('finds a changed row, one that is gone, a table without its guard and an entry that nobody seals', async () => {
    expect(await violations()).toEqual([]);
    const late = entry('orders', 'change', 'late');
    const old = { ...late, at: '2026-01-01T00:00:00.000Z' };
    await appendAudit(databases.orders.sql, old);
    expect(await violations()).toEqual([`audit entry ${late.id} in orders seal`]);
    await forge('orders', 'DELETE FROM audit_entry WHERE seal IS NULL');
    const { orders, payments } = databases;
    const [changed] = await orders.query<{ id: string }>('SELECT id FROM audit_entry WHERE seal = 2');
    await forge('orders', `UPDATE audit_entry SET entry = entry || '{"action": "nothing"}' WHERE seal = 2`);
    await forge('products', 'DELETE FROM audit_entry WHERE seal = 4');
    await payments.query('ALTER TABLE audit_entry DISABLE TRIGGER audit_entry_kept');
    await documents.reviews.connection.db!.collection<{ _id: number }>('audit').deleteOne({ _id: 1 });
    const [second] = await documents.reviews.connection.db!.collection('audit').find({}).toArray();
    expect(await violations()).toEqual([
      `audit entry ${changed?.id} in orders seal 2`,
      'audit entry that is gone in products seal 4',
      `audit entry ${second?.entry.id} in reviews seal 2`,
      'audit_entry in payments audit_entry_kept',
    ]);
  });

  test('finds an order that nobody is on record for', async () => {
    const check = async () => (await actionsAreOnRecord(stores).run(new Look())).violations;
    expect(await check()).toEqual([]);
    await databases.orders.query(
      `INSERT INTO orders (id, version, status, cart_id, email, shipping_address, shipping_option_code, currency, subtotal_minor,
         shipping_minor, tax_minor, total_minor, correlation_id, placed_at)
       VALUES ($1, 1, 'CANCELLED', $1, 'x', '{}', 'S', 'EUR', 0, 0, 0, 0, 'c', now())`,
      [ORDER],
    );
    expect(await check()).toMatchObject([{ where: `order ${ORDER} in orders`, field: 'audit placeOrder' }]);
  });
});

test.each([
  ['2026-11-23', '2026-11-23T00:00:00.000Z'],
  ['2026-11-23T12:00:00Z', '2026-11-23T12:00:00.000Z'],
  ['90m', '2026-11-23T10:30:00.000Z'],
  ['2d', '2026-11-21T12:00:00.000Z'],
  ['yesterday', undefined],
  ['2026-13-99', undefined],
])('--since %s', (text, expected) => {
  expect(momentOf(text, new Date('2026-11-23T12:00:00Z'))?.toISOString()).toBe(expected);
});
