import { newId } from '@ebuy/kernel';
import { eventually, openTestKafka, openTestPostgres, type TestDatabase, type TestKafka } from '@ebuy/testing';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import {
  appendEvents,
  CONSUMER_GROUPS,
  type DomainEvent,
  deadLetterTopicName,
  groupId,
  newEvent,
  pruneDelivered,
  type Reaction,
  runReaction,
  startRelay,
  TOPICS,
  topicName,
} from '../src/index.ts';
import { createKafka } from '../src/kafka/client.ts';

const trace = { correlationId: 'test', causationId: null };
const shipped = (orderId = newId()) => newEvent('order.shipped', { orderId }, trace);

let database: TestDatabase;
let kafka: TestKafka;

beforeAll(async () => {
  [database, kafka] = await Promise.all([openTestPostgres('products'), openTestKafka()]);
});
afterAll(async () => {
  await Promise.all([database.drop(), kafka.close()]);
});

/** About 40 kB, as an order of a hundred lines. */
function largeOrder(orderId: string): DomainEvent<'order.placed'> {
  const line = () => ({
    orderLineId: newId(),
    productId: newId(),
    variantId: newId(),
    sku: 'S'.repeat(200),
    quantity: 1,
  });
  const total = { amountMinor: 1, currency: 'EUR' };
  return newEvent('order.placed', { orderId, cartId: newId(), total, lines: Array.from({ length: 100 }, line) }, trace);
}

test('a backlog larger than a broker takes at once leaves the outbox, in order', async () => {
  const orderId = newId();
  const events = Array.from({ length: 60 }, () => largeOrder(orderId));
  await database.transaction((tx) => appendEvents(tx, events));
  const seen = await kafka.watch(TOPICS.order);
  const relay = startRelay({ databaseUrl: database.url, kafka: kafka.settings, logger: kafka.settings.logger });
  try {
    await eventually(() => expect(seen.events.map(({ id }) => id)).toEqual(events.map(({ id }) => id)));
  } finally {
    await relay.stop();
  }
});

test('a consumer that a bug took down goes on by itself', async () => {
  const applied: string[] = [];
  const group = CONSUMER_GROUPS.followPayments;
  let bug = true;
  const reaction: Reaction = { group, on: { 'payment.voided': async (event) => void applied.push(event.id) } };
  const running = await runReaction(reaction, {
    kafka: kafka.settings,
    onSettled: () => {
      if (!bug) return;
      bug = false;
      throw new TypeError('a bug outside the reaction');
    },
  });
  const payment = voided();
  const events = [newEvent('payment.voided', payment, trace), newEvent('payment.voided', payment, trace)];
  await kafka.publish(events);
  await eventually(() => expect(new Set(applied)).toEqual(new Set(events.map(({ id }) => id))));
  await running.stop();
});

test('stopped while the dead letters cannot be written, it leaves the event where it is', async () => {
  const group = CONSUMER_GROUPS.keepReservations;
  const admin = createKafka(kafka.settings).admin();
  await admin.connect();
  await admin.deleteTopics({ topics: [deadLetterTopicName(kafka.namespace, group)] });
  let tries = 0;
  const running = await runReaction(
    {
      group,
      on: {
        'order.shipped': async () => {
          tries += 1;
          throw new TypeError('a bug');
        },
      },
    },
    { kafka: kafka.settings },
  );
  const poison = shipped();
  await kafka.publish([poison]);
  await eventually(() => expect(tries).toBe(5));
  await running.stop();
  const committed = await admin.fetchOffsets({
    groupId: groupId(kafka.namespace, group),
    topics: [topicName(kafka.namespace, TOPICS.order)],
  });
  const ends = await admin.fetchTopicOffsets(topicName(kafka.namespace, TOPICS.order));
  await admin.disconnect();
  const passed = committed[0]?.partitions.filter(
    ({ partition, offset }) => Number(offset) === Number(ends.find((end) => end.partition === partition)?.high),
  );
  const partition = await partitionOf(poison.id);
  expect(passed?.map((one) => one.partition)).not.toContain(partition);
});

test('pruning keeps up with more than a round a call, and leaves what is young', async () => {
  await database.query('DELETE FROM outbox');
  const rows = (days: number, count: number) =>
    database.query(
      `INSERT INTO outbox (id, topic, key, value, published_at)
       SELECT gen_random_uuid(), 't', 'k', 'v', now() - make_interval(days => $1::int) FROM generate_series(1, $2::int)`,
      [days, count],
    );
  await rows(32, 11_000);
  await rows(30, 10);
  expect(await pruneDelivered(database.sql)).toBe(11_000);
  expect(await database.query('SELECT 1 FROM outbox')).toHaveLength(10);
});

const voided = () => ({ orderId: newId(), paymentId: newId(), amount: { amountMinor: 1, currency: 'EUR' } });

/** Where an event lies. */
async function partitionOf(eventId: string): Promise<number> {
  const consumer = createKafka(kafka.settings).consumer({ groupId: `${kafka.namespace}finder` });
  await consumer.connect();
  await consumer.subscribe({ topic: topicName(kafka.namespace, TOPICS.order), fromBeginning: true });
  const found = await new Promise<number>((resolve) => {
    void consumer.run({
      eachMessage: async ({ message, partition }) => {
        if (message.value?.includes(eventId)) resolve(partition);
      },
    });
  });
  await consumer.disconnect();
  return found;
}
