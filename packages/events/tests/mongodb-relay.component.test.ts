import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { newId } from '@ebuy/kernel';
import { eventually, openTestKafka, openTestMongo, type TestKafka, type TestMongo, testEngines } from '@ebuy/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { mongo } from 'mongoose';
import {
  type DomainEvent,
  MAX_PENDING_EVENTS,
  type MongoRelay,
  type MongoRelayOptions,
  newEvent,
  type PendingDocument,
  pushPendingEvents,
  roomForPendingEvents,
  startMongoRelay,
  TOPICS,
  withPendingEvents,
} from '../src/index.ts';

interface CartLike extends PendingDocument {
  version: number;
}

const trace = { correlationId: 'test', causationId: null };
const changed = (cartId: string, version: number) => newEvent('cart.changed', { cartId, version }, trace);

let mongoDb: TestMongo;
let kafka: TestKafka;
let carts: mongo.Collection<CartLike>;
let watched: { readonly events: readonly DomainEvent[] };

beforeAll(async () => {
  mongoDb = await openTestMongo('relay');
  kafka = await openTestKafka();
  const database = mongoDb.connection.db!;
  await database.createCollection('carts');
  carts = database.collection<CartLike>('carts');
  await carts.createIndex({ pendingSince: 1 }, { sparse: true });
  watched = await kafka.watch(TOPICS.cart);
});
afterAll(async () => {
  await kafka.close();
  await mongoDb.drop();
});
beforeEach(async () => {
  await carts.deleteMany({});
  await mongoDb.connection.db!.collection('relayLeases').deleteMany({});
});

/** With the lease that a shop has: one that ends while this process is held up would send again, rightly. */
const relay = (more: Partial<MongoRelayOptions> = {}): MongoRelay =>
  startMongoRelay({
    database: mongoDb.connection.db!,
    collection: 'carts',
    kafka: kafka.settings,
    logger: kafka.settings.logger,
    ...more,
  });

async function open(): Promise<string> {
  const id = newId();
  await carts.insertOne({ _id: id, version: 1, ...withPendingEvents([changed(id, 1)], new Date()) });
  return id;
}

/** One change: version and event in one write, again when another was faster. */
async function raise(id: string): Promise<void> {
  for (;;) {
    const now = await carts.findOne({ _id: id }, { projection: { version: 1 } });
    const version = now!.version;
    const done = await carts.updateOne(
      { _id: id, version },
      { $inc: { version: 1 }, ...pushPendingEvents([changed(id, version + 1)], new Date()) },
    );
    if (done.matchedCount === 1) return;
  }
}

/** Versions of a cart as they arrived: every arrival, and each one's first. */
function arrivals(id: string): { all: number[]; firsts: number[] } {
  const seen = new Set<string>();
  const all: number[] = [];
  const firsts: number[] = [];
  for (const event of watched.events) {
    if (event.subject !== id) continue;
    const { version } = event.payload as { version: number };
    all.push(version);
    if (!seen.has(event.id)) firsts.push(version);
    seen.add(event.id);
  }
  return { all, firsts };
}

const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1);
const waiting = () => carts.countDocuments({ pendingSince: { $exists: true } });

describe('the MongoDB relay', () => {
  test('carries each document’s events in their order while they are being written, once when nothing breaks', async () => {
    const running = relay();
    const ids = await Promise.all([open(), open(), open()]);
    await Promise.all(
      ids.flatMap((id) =>
        upTo(6).map(async (writer) => {
          for (let change = 0; change < 5; change += 1) {
            await raise(id);
            if (writer === 1) running.wake(id);
          }
        }),
      ),
    );
    await eventually(() => {
      for (const id of ids) expect(arrivals(id).all).toEqual(upTo(31));
    });
    await eventually(async () => expect(await waiting()).toBe(0));
    expect(await carts.countDocuments({ 'pendingEvents.0': { $exists: true } })).toBe(0);
    await running.stop();
  });

  test('is woken by a document’s id, long before it looks by itself', async () => {
    let looks = 0;
    const found = carts.find.bind(carts);
    const seen = Object.assign(Object.create(carts), {
      find: (filter: mongo.Filter<CartLike>, options?: mongo.FindOptions) => {
        if (filter._id === undefined) looks += 1;
        return found(filter, options);
      },
    }) as typeof carts;
    const database = Object.assign(Object.create(mongoDb.connection.db!), {
      collection: (name: string) => (name === 'carts' ? seen : mongoDb.connection.db!.collection(name)),
    }) as mongo.Db;
    const running = relay({ database, lookEveryMs: 10_000 });
    const first = await open();
    running.wake(first);
    await eventually(() => expect(arrivals(first).all).toEqual([1]));
    let withoutLook = 0;
    for (let tries = 0; tries < 5; tries += 1) {
      const before = looks;
      const id = await open();
      running.wake(id);
      await eventually(() => expect(arrivals(id).all).toEqual([1]), { everyMs: 5 });
      if (looks === before) withoutLook += 1;
    }
    // It looks every ten seconds: nobody but the wake brought these.
    expect(withoutLook).toBeGreaterThan(0);
    await running.stop();
  });

  test('publishes more than a batch holds, and what one document holds beyond a read', async () => {
    const id = newId();
    const events = upTo(150).map((version) => changed(id, version));
    await carts.insertOne({ _id: id, version: 150, ...withPendingEvents(events, new Date()) });
    const others = upTo(450).map(() => newId());
    await carts.insertMany(
      others.map((other) => ({ _id: other, version: 1, ...withPendingEvents([changed(other, 1)], new Date()) })),
    );
    const running = relay();
    await eventually(() => expect(arrivals(id).all).toEqual(upTo(150)));
    await eventually(() => expect(others.filter((other) => arrivals(other).all.length !== 1)).toEqual([]));
    await running.stop();
    expect(await waiting()).toBe(0);
  });

  test('a failure between Kafka and the documents publishes again, in order, and loses nothing', async () => {
    let failures = 0;
    const running = relay({
      afterPublish: async () => {
        failures += 1;
        if (failures <= 2) throw new Error('cut off');
      },
    });
    const id = await open();
    for (let change = 0; change < 10; change += 1) await raise(id);
    await eventually(async () => expect(await waiting()).toBe(0));
    await eventually(() => {
      expect(arrivals(id).firsts).toEqual(upTo(11));
      expect(arrivals(id).all.length).toBeGreaterThan(11);
    });
    await running.stop();
  });

  test('killed with kill -9 again and again while carts change: every event arrives, each document’s in order', async () => {
    const children: ChildProcess[] = [];
    const start = async () => {
      const file = fileURLToPath(new URL('./fixtures/mongo-relay-process.ts', import.meta.url));
      const child = spawn(process.execPath, [file, mongoDb.url, testEngines().kafka, kafka.namespace], {
        stdio: ['ignore', 'pipe', 'inherit'],
        env: { ...process.env, NODE_OPTIONS: '' },
      });
      children.push(child);
      await once(child.stdout!, 'data');
      return child;
    };
    const ids = await Promise.all([open(), open()]);
    try {
      let child = await start();
      for (let kill = 0; kill < 3; kill += 1) {
        const before = watched.events.length;
        for (let change = 0; change < 10; change += 1) await Promise.all(ids.map(raise));
        await eventually(() => expect(watched.events.length).toBeGreaterThan(before));
        child.kill('SIGKILL');
        child = await start();
      }
      await eventually(() => {
        for (const id of ids) expect(arrivals(id).firsts).toEqual(upTo(31));
      });
      await eventually(async () => expect(await waiting()).toBe(0));
    } finally {
      await Promise.all(
        children.map(async (child) => {
          if (child.exitCode !== null || child.signalCode !== null) return;
          const ended = once(child, 'exit');
          child.kill('SIGKILL');
          await ended;
        }),
      );
    }
  });

  test('of two relays one sends, and the other takes over when it stops', async () => {
    const sends: string[] = [];
    const named = (name: string) => relay({ afterPublish: async () => void sends.push(name) });
    const first = named('first');
    const id = await open();
    await eventually(() => expect(arrivals(id).all).toEqual([1]));
    const second = named('second');
    for (let change = 0; change < 5; change += 1) {
      await raise(id);
      first.wake(id);
      second.wake(id);
    }
    await eventually(() => expect(arrivals(id).all).toEqual(upTo(6)));
    expect(new Set(sends)).toEqual(new Set(['first']));
    await first.stop();
    sends.length = 0;
    await raise(id);
    await eventually(() => expect(arrivals(id).all).toEqual(upTo(7)));
    expect(new Set(sends)).toEqual(new Set(['second']));
    await second.stop();
  });

  test('a holder whose fence was taken sends nothing until the lease is its own again', async () => {
    const leases = mongoDb.connection.db!.collection<{ _id: string; fence: number; held: boolean }>('relayLeases');
    const interrupted = Promise.withResolvers<void>();
    const logger = { ...kafka.settings.logger, warn: () => interrupted.resolve() };
    const running = relay({ leaseMs: 6_000, logger });
    const id = await open();
    await eventually(() => expect(arrivals(id).all).toEqual([1]));
    // Another takes over behind its back, and beats for as long as it lives.
    await leases.updateOne({ _id: 'carts' }, { $inc: { fence: 1 } });
    const taken = await leases.findOne({ _id: 'carts' });
    const beating = setInterval(() => {
      leases.updateOne({ _id: 'carts' }, { $inc: { beat: 1 } }).catch(() => undefined);
    }, 100);
    await interrupted.promise;
    await raise(id);
    running.wake(id);
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    expect(arrivals(id).all).toEqual([1]);
    // Then it dies: the beat moves no more.
    clearInterval(beating);
    await eventually(() => expect(arrivals(id).all).toEqual([1, 2]));
    expect((await leases.findOne({ _id: 'carts' }))!.fence).toBe(taken!.fence + 1);
    await running.stop();
    expect((await leases.findOne({ _id: 'carts' }))!.held).toBe(false);
  });

  test('a document has room for a bounded number of events', async () => {
    const id = newId();
    const full = upTo(MAX_PENDING_EVENTS).map((version) => changed(id, version));
    await carts.insertOne({ _id: id, version: 1, ...withPendingEvents(full.slice(1), new Date()) });
    const push = () =>
      carts.updateOne({ _id: id, ...roomForPendingEvents() }, pushPendingEvents([changed(id, 1)], new Date()));
    expect((await push()).matchedCount).toBe(1);
    expect((await push()).matchedCount).toBe(0);
  });
});
