import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { openTestMongo, type TestMongo } from '@ebuy/testing';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { mongo } from 'mongoose';
import {
  AUDIT_COLLECTION,
  type AuditEntry,
  type AuditedDocument,
  auditorOfService,
  createAuditIndexes,
  judgeChain,
  MongoAuditSealer,
  pushPendingAudit,
  readMongoChain,
  readMongoUnsealed,
  withPendingAudit,
} from '../src/index.ts';

/** A process of its own takes its time on a busy machine. */
const PATIENCE_MS = 180_000;
const DYING_SEALER = fileURLToPath(new URL('./fixtures/dying-sealer.ts', import.meta.url));
const COLLECTIONS = ['things'];
const audit = auditorOfService('reviews', { correlationId: 'c-1', causationId: null });
const entry = (id: string): AuditEntry =>
  audit({ action: 'moderateReview', aggregate: { type: 'Review', id }, version: 2, detail: { status: 'PUBLISHED' } });

let store: TestMongo;
let database: mongo.Db;
let things: mongo.Collection<AuditedDocument>;
beforeEach(async () => {
  store = await openTestMongo('audit');
  database = store.connection.db as mongo.Db;
  things = database.collection<AuditedDocument>('things');
  await createAuditIndexes(database, COLLECTIONS);
});
afterEach(() => store.drop());

const sealer = () => new MongoAuditSealer({ database, chain: 'reviews', collections: COLLECTIONS });
const judge = () => judgeChain('reviews', readMongoChain(database));
const breaks = async () => (await judge()).breaks.map(({ seal }) => seal);
const sealed = async () =>
  (await database.collection(AUDIT_COLLECTION).find({}).sort({ _id: 1 }).toArray()) as unknown as {
    entry: AuditEntry;
  }[];
const write = async (id: string): Promise<AuditEntry> => {
  const written = entry(id);
  await things.insertOne({ _id: id, ...withPendingAudit([written], new Date()) });
  return written;
};

test('entries wait in their document, and leave it once they are in the chain', async () => {
  const first = await write('one');
  const second = entry('one');
  const { push, min } = pushPendingAudit([second], new Date());
  await things.updateOne({ _id: 'one' }, { $push: push, $min: min });
  const third = await write('two');
  expect((await readMongoUnsealed(database, COLLECTIONS)).map(({ id }) => id)).toEqual([first.id, second.id, third.id]);
  const one = sealer();
  expect(await one.seal()).toMatchObject({ chain: 'reviews', seal: 3 });
  expect(await one.seal()).toBeNull();
  expect((await sealed()).map((row) => row.entry)).toEqual([first, second, third]);
  expect(await things.find({}).toArray()).toEqual([{ _id: 'one' }, { _id: 'two' }]);
  expect(await judge()).toMatchObject({ head: { seal: 3 }, breaks: [] });
});

test('what is pushed while the sealer takes out stays, and is sealed with the next round', async () => {
  await write('one');
  const late = entry('one');
  const pushing = new MongoAuditSealer({
    database,
    chain: 'reviews',
    collections: COLLECTIONS,
    async afterSeal() {
      const { push, min } = pushPendingAudit([late], new Date());
      if ((await things.countDocuments({ 'pendingAudit.id': late.id })) === 0) {
        await things.updateOne({ _id: 'one' }, { $push: push, $min: min });
      }
    },
  });
  await pushing.seal();
  expect((await readMongoUnsealed(database, COLLECTIONS)).map(({ id }) => id)).toEqual([late.id]);
  expect(await sealer().seal()).toMatchObject({ seal: 2 });
  expect(await readMongoUnsealed(database, COLLECTIONS)).toEqual([]);
});

test('a changed row, a deleted one and a forged one are found', async () => {
  for (const id of ['one', 'two', 'three', 'four', 'five']) await write(id);
  await sealer().seal();
  const chain = database.collection<{ _id: number }>(AUDIT_COLLECTION);
  expect(await breaks()).toEqual([]);
  await chain.updateOne({ _id: 2 }, { $set: { 'entry.detail.status': 'REJECTED' } });
  expect(await breaks()).toEqual([2]);
  await chain.deleteOne({ _id: 4 });
  expect(await breaks()).toEqual([2, 5]);
  await chain.insertOne({ _id: 4, entry: entry('forged'), hash: 'f'.repeat(64) } as never);
  expect(await breaks()).toEqual([2, 4, 5]);
});

test('two sealers at once make one chain, each entry in it once', async () => {
  const entries = await Promise.all(Array.from({ length: 60 }, (_, index) => write(`thing-${index}`)));
  const [one, other] = [sealer(), sealer()];
  await Promise.all([one.seal(), other.seal(), one.seal().then(() => other.seal())]);
  expect(await judge()).toMatchObject({ head: { seal: 60 }, breaks: [] });
  const ids = (await sealed()).map((row) => row.entry.id);
  expect(ids.toSorted()).toEqual(entries.map(({ id }) => id).toSorted());
  expect(await things.countDocuments({ pendingAuditSince: { $exists: true } })).toBe(0);
  // Neither trusts what it remembers of the chain's end.
  await write('later');
  await one.seal();
  await write('later still');
  expect(await other.seal()).toMatchObject({ seal: 62 });
});

test(
  'a sealer that is killed between the chain and the document is followed by one that only takes out',
  async () => {
    await write('one');
    await write('two');
    const args = [DYING_SEALER, store.url, 'reviews', 'things'];
    const dying = spawn(process.execPath, args, { stdio: 'inherit', env: { ...process.env, NODE_OPTIONS: '' } });
    expect((await once(dying, 'exit'))[1]).toBe('SIGKILL');
    expect([(await sealed()).length, (await readMongoUnsealed(database, COLLECTIONS)).length]).toEqual([1, 2]);
    expect(await sealer().seal()).toMatchObject({ seal: 2 });
    expect((await sealed()).map((row) => row.entry.aggregate.id)).toEqual(['one', 'two']);
    expect(await readMongoUnsealed(database, COLLECTIONS)).toEqual([]);
    expect(await breaks()).toEqual([]);
  },
  PATIENCE_MS,
);
