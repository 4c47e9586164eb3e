/** Kafka has lost all that it kept. What is committed stands in the outboxes for a month: it is told again, and applied once. */
import { newId } from '@ebuy/kernel';
import { eventually, openTestKafka, openTestPostgres, type TestDatabase, type TestKafka } from '@ebuy/testing';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import {
  appendEvents,
  CONSUMER_GROUPS,
  claimEvent,
  newEvent,
  type Reaction,
  runReaction,
  startRelay,
} from '../src/index.ts';

const shipped = () => newEvent('order.shipped', { orderId: newId() }, { correlationId: 'test', causationId: null });

let database: TestDatabase;

beforeAll(async () => {
  database = await openTestPostgres('products');
  await database.query('CREATE TABLE effect (event_id uuid)');
});
afterAll(() => database.drop());

const reaction: Reaction = {
  group: CONSUMER_GROUPS.settlePayments,
  on: {
    'order.shipped': (event, { consumer }) =>
      database.transaction(async (tx) => {
        if (!(await claimEvent(tx, consumer, event))) return;
        await tx.$executeRawUnsafe('INSERT INTO effect (event_id) VALUES ($1::uuid)', event.id);
      }),
  },
};
const effects = async () =>
  (await database.query<{ event_id: string }>('SELECT event_id FROM effect')).map((row) => row.event_id).sort();
const unsent = async () => (await database.query('SELECT id FROM outbox WHERE published_at IS NULL')).length;

/** Carries what waits in the outbox to this Kafka. */
async function relayTo(kafka: TestKafka): Promise<void> {
  const relay = startRelay({ databaseUrl: database.url, kafka: kafka.settings, logger: kafka.settings.logger });
  try {
    await eventually(async () => expect(await unsent()).toBe(0));
  } finally {
    await relay.stop();
  }
}

test('what was committed is told again and applied once, also what nobody had read', async () => {
  const [read, unread] = [[shipped(), shipped()], [shipped()]];
  const before = await openTestKafka();
  await database.transaction((tx) => appendEvents(tx, read));
  await relayTo(before);
  const first = await runReaction(reaction, { kafka: before.settings });
  await eventually(async () => expect(await effects()).toEqual(read.map(({ id }) => id).sort()));
  await first.stop();
  await database.transaction((tx) => appendEvents(tx, unread));
  await relayTo(before);
  await before.close();

  // Neither its records nor its offsets are there any more.
  const after = await openTestKafka();
  await database.query('UPDATE outbox SET published_at = NULL');
  await relayTo(after);
  const second = await runReaction(reaction, { kafka: after.settings });
  await eventually(async () => expect(await effects()).toContain(unread[0]?.id));
  await after.caughtUp(reaction.group);
  expect(await effects()).toEqual([...read, ...unread].map(({ id }) => id).sort());
  await second.stop();
  await after.close();
});
