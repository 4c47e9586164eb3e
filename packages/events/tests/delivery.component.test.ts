import { Fault, newId } from '@ebuy/kernel';
import { eventually, openTestKafka, openTestPostgres, type TestDatabase, type TestKafka } from '@ebuy/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import {
  appendEvents,
  CONSUMER_GROUPS,
  claimEvent,
  type DomainEvent,
  encodeEvent,
  listDeadLetters,
  newEvent,
  type Reaction,
  type RunningConsumer,
  replayDeadLetters,
  runReaction,
  startRelay,
  TOPICS,
} from '../src/index.ts';

const group = CONSUMER_GROUPS.settlePayments;
const trace = { correlationId: 'test', causationId: null };
const shipped = (orderId = newId()) => newEvent('order.shipped', { orderId }, trace);

let database: TestDatabase;

beforeAll(async () => {
  // Any PostgreSQL subgraph: they all have the delivery tables.
  database = await openTestPostgres('products');
  await database.query('CREATE TABLE effect (id bigserial PRIMARY KEY, event_id uuid, order_id uuid)');
});
afterAll(() => database.drop());

const commit = (events: readonly DomainEvent[]) => database.transaction((tx) => appendEvents(tx, events));
const effects = async () =>
  (await database.query<{ order_id: string }>('SELECT order_id FROM effect ORDER BY id')).map((row) => row.order_id);

/** Of this database alone: other tests' relays run on the same server. */
const endRelaySessions = () =>
  database.query(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'outbox-relay' AND datname = current_database()",
  );

/** Writes one row an event, in the transaction that claims it. */
function recording(before: (event: DomainEvent) => Promise<void> = async () => undefined): Reaction {
  return {
    group,
    on: {
      'order.shipped': async (event, { consumer }) => {
        await before(event);
        await database.transaction(async (tx) => {
          if (!(await claimEvent(tx, consumer, event))) return;
          await tx.$executeRawUnsafe(
            'INSERT INTO effect (event_id, order_id) VALUES ($1::uuid, $2::uuid)',
            event.id,
            event.payload.orderId,
          );
        });
      },
    },
  };
}

describe('the relay', () => {
  let kafka: TestKafka;
  beforeAll(async () => {
    kafka = await openTestKafka();
  });
  afterAll(() => kafka.close());
  const relay = () => startRelay({ databaseUrl: database.url, kafka: kafka.settings, logger: kafka.settings.logger });

  test('publishes what is committed, in order of commit per aggregate, and nothing that was rolled back', async () => {
    const seen = await kafka.watch(TOPICS.order);
    const running = relay();
    const orderId = newId();
    const sent = Array.from({ length: 50 }, () => shipped(orderId));
    await database
      .transaction(async (tx) => {
        await appendEvents(tx, [shipped()]);
        throw new Error('rolled back');
      })
      .catch(() => undefined);
    for (const event of sent) await commit([event]);
    await eventually(() => expect(seen.events.map(({ id }) => id)).toEqual(sent.map(({ id }) => id)));
    await running.stop();
  });

  test('two relays publish once; when the active one loses its session the other goes on', async () => {
    const seen = await kafka.watch(TOPICS.order);
    await eventually(() => expect(seen.events).toHaveLength(50));
    const [first, second] = [relay(), relay()];
    const early = [shipped(), shipped()];
    await commit(early);
    await eventually(() => expect(seen.events).toHaveLength(52));
    await endRelaySessions();
    const late = [shipped(), shipped()];
    await commit(late);
    await eventually(() =>
      expect(new Set(seen.events.slice(50).map(({ id }) => id))).toEqual(
        new Set([...early, ...late].map(({ id }) => id)),
      ),
    );
    await Promise.all([first.stop(), second.stop()]);
  });

  test('a relay that dies between publish and mark publishes again: never lost, perhaps twice', async () => {
    const seen = await kafka.watch(TOPICS.order);
    const dying = startRelay({
      databaseUrl: database.url,
      kafka: kafka.settings,
      logger: kafka.settings.logger,
      afterPublish: async () => {
        await endRelaySessions();
      },
    });
    const event = shipped();
    await commit([event]);
    await eventually(() => expect(seen.events.filter(({ id }) => id === event.id).length).toBeGreaterThanOrEqual(2));
    await dying.stop();
    const healthy = relay();
    await eventually(async () =>
      expect(await database.query('SELECT id FROM outbox WHERE published_at IS NULL')).toEqual([]),
    );
    await healthy.stop();
  });

  test('sees a row of a slow transaction that was overtaken by later positions', async () => {
    const seen = await kafka.watch(TOPICS.order);
    const running = relay();
    const slow = new pg.Client({ connectionString: database.url });
    await slow.connect();
    await slow.query('BEGIN');
    const overtaken = shipped();
    await appendEvents(
      {
        $executeRawUnsafe: async (sql, ...values) => (await slow.query(sql, values)).rowCount ?? 0,
        $queryRawUnsafe: async () => [] as never,
      },
      [overtaken],
    );
    const fast = shipped();
    await commit([fast]);
    await eventually(() => expect(seen.events.some(({ id }) => id === fast.id)).toBe(true));
    await slow.query('COMMIT');
    await slow.end();
    await eventually(() => expect(seen.events.some(({ id }) => id === overtaken.id)).toBe(true));
    await running.stop();
  });
});

describe('a reaction', () => {
  let kafka: TestKafka;
  let running: RunningConsumer[];
  beforeEach(async () => {
    kafka = await openTestKafka();
    running = [];
  });
  afterEach(async () => {
    await Promise.all(running.map((consumer) => consumer.stop()));
    await kafka.close();
  });
  const run = async (reaction: Reaction) => {
    running.push(await runReaction(reaction, { kafka: kafka.settings }));
  };

  test('applies an event once, however often it comes', async () => {
    const event = shipped();
    await kafka.publish([event, event, event]);
    const last = shipped();
    await kafka.publish([last]);
    await Promise.all([run(recording()), run(recording())]);
    await kafka.publish([event]);
    const after = shipped(event.subject);
    await kafka.publish([after]);
    // Of one key, so in order: once its second event is there, all deliveries of the first are behind us.
    await eventually(async () => expect((await effects()).filter((id) => id === event.subject)).toHaveLength(2));
    await eventually(async () => expect(await effects()).toContain(last.subject));
    expect((await effects()).filter((id) => id === event.subject)).toHaveLength(2);
  });

  test('waits out what passes by itself, and keeps the order', async () => {
    let down = 4;
    const orderId = newId();
    const events = [shipped(orderId), shipped(orderId)];
    await kafka.publish(events);
    const tried: string[] = [];
    await run(
      recording(async (event) => {
        tried.push(event.id);
        if (down-- > 0) throw new Fault('the store is away', { retryable: true });
      }),
    );
    await eventually(async () => expect((await effects()).filter((id) => id === orderId)).toHaveLength(2));
    expect(tried.slice(0, 5)).toEqual(Array.from({ length: 5 }, () => events[0]?.id));
  });

  test('puts poison aside, moves on, and applies it after the fix when it is replayed', async () => {
    const orderId = newId();
    const poison = shipped(orderId);
    await kafka.publishRaw(TOPICS.order, orderId, 'not an event');
    await kafka.publishRaw(TOPICS.order, orderId, encodeEvent(poison).replace('order.shipped:v1', 'order.shipped:v2'));
    await kafka.publish([poison]);
    const healthy = shipped(orderId);
    await kafka.publish([healthy]);
    let broken = true;
    await run(
      recording(async (event) => {
        if (broken && event.id === poison.id) throw new TypeError('a bug');
      }),
    );
    await eventually(async () => expect((await effects()).filter((id) => id === orderId)).toHaveLength(1));
    const letters = await eventually(async () => {
      const found = await listDeadLetters(kafka.settings, group);
      expect(found.map(({ code }) => code)).toEqual(['MALFORMED', 'NEWER_VERSION', 'REACTION_FAILED']);
      return found;
    });
    expect(letters[2]?.reason).toContain('a bug');
    expect(letters[2]?.value).toBe(encodeEvent(poison));
    broken = false;
    await replayDeadLetters(kafka.settings, letters.slice(2));
    await eventually(async () => expect((await effects()).filter((id) => id === orderId)).toHaveLength(2));
    await replayDeadLetters(kafka.settings, letters.slice(2));
    await kafka.publish([shipped(orderId)]);
    await eventually(async () => expect((await effects()).filter((id) => id === orderId)).toHaveLength(3));
  });
});
