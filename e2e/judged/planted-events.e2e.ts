// The same for what happens between the services: an event that was lost, skipped, put aside, or holds what it must not.
import { appendFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { CONSUMER_GROUPS, createKafka, createProducer, deadLetterTopicName } from '@ebuy/events';
import { newId } from '@ebuy/kernel';
import { eventually } from '@ebuy/testing';
import { openStores, type Stores } from '@ebuy/tools/verify/stores.ts';
import { afterAll, beforeAll, describe, test } from '@jest/globals';
import { asSupport, testShop } from '../client/shop.ts';
import { expectSeen, expectSound, lost, type Scene, setScene } from './scene.ts';

let stores: Stores;
let scene: Scene;

beforeAll(async () => {
  stores = await openStores(testShop());
  scene = await setScene();
  await expectSound(stores);
});

afterAll(() => stores.close());

describe('events', () => {
  test.each([
    ['orders', 'orders.follow-payments', 'payment.authorized'],
    ['payments', 'payments.settle-payments', 'order.shipped'],
  ] as const)('I9: an inbox row of %s that was skipped', async (service, consumer, type) => {
    const { key } = scene.shipped;
    const ids = await eventIds(type, key.id);
    await expectSeen(stores, {
      ...lost(stores[service], 'inbox', 'consumer = $1 AND event_id = ANY($2::uuid[])', [consumer, ids]),
      seen: { invariant: 'I9', about: `order ${key.id} in ${service}`, field: type },
    });
  });

  test('I9: an outbox row that was lost: done, and told to nobody', async () => {
    const { key } = scene.shipped;
    const support = await asSupport();
    await expectSeen(stores, {
      plant: async () => {
        await stores.orders.query(`
          CREATE TABLE lost_outbox (LIKE outbox);
          CREATE FUNCTION lose_outbox() RETURNS trigger LANGUAGE plpgsql AS $$
          BEGIN
            IF NEW.key <> '${key.id}' THEN RETURN NEW; END IF;
            INSERT INTO lost_outbox SELECT NEW.*;
            RETURN NULL;
          END $$;
          ALTER FUNCTION lose_outbox() SECURITY DEFINER;
          CREATE TRIGGER outbox_lost BEFORE INSERT ON outbox FOR EACH ROW EXECUTE FUNCTION lose_outbox()`);
        await support.deliverOrder({ orderId: key.id, idempotencyKey: newId() });
      },
      undo: () =>
        stores.orders.query(`
          DROP TRIGGER outbox_lost ON outbox;
          DROP FUNCTION lose_outbox();
          INSERT INTO outbox SELECT * FROM lost_outbox;
          DROP TABLE lost_outbox`),
      seen: { invariant: 'I9', about: `order ${key.id} in the order topic`, field: 'order.delivered' },
    });
  });

  test('I9: an event that an outbox says was sent, and Kafka has not', async () => {
    const { key } = scene.shipped;
    const id = newId();
    await expectSeen(stores, {
      plant: () =>
        stores.orders.query(
          `INSERT INTO outbox (id, topic, key, value, published_at) VALUES ($1, 'ebuy.orders.order.v1', $2, '{}', now())`,
          [id, key.id],
        ),
      undo: () => stores.orders.query('DELETE FROM outbox WHERE id = $1', [id]),
      seen: { invariant: 'I9', about: `order ${key.id}`, field: id },
    });
  });

  test('I9: an event that waits in a document where no relay finds it', async () => {
    const { cart } = scene.confirmed;
    const carts = stores.cart.collection<{ _id: string }>('carts');
    const pendingEvents = [{ id: newId(), topic: 'ebuy.cart.cart.v1', key: cart.id, value: '{}' }];
    await expectSeen(stores, {
      plant: () => carts.updateOne({ _id: cart.id }, { $set: { pendingEvents } }),
      undo: () => carts.updateOne({ _id: cart.id }, { $set: { pendingEvents: [] } }),
      seen: { invariant: 'I9', about: cart.id, field: 'pendingEvents' },
    });
  });

  test('I9: a version that catalog has not heard', async () => {
    const { productId } = scene.lamp;
    const products = stores.catalog.collection<{ _id: string }>('products');
    const hear = (by: number) => products.updateOne({ _id: productId }, { $inc: { 'sources.product': by } });
    await expectSeen(stores, {
      plant: () => hear(-1),
      undo: () => hear(1),
      seen: { invariant: 'I9', about: `product ${productId} in catalog` },
    });
  });

  test.each([
    ['I9', 'dead letters of search.index-products'],
    ['I15', 'search.index-products.dead'],
  ] as const)('%s: an event with an e-mail address, which was put aside', async (invariant, about) => {
    const topic = deadLetterTopicName(stores.kafka.namespace, CONSUMER_GROUPS.indexProducts);
    await expectSeen(stores, {
      plant: () => send(topic, JSON.stringify({ email: scene.confirmed.input.email })),
      undo: () => empty(topic),
      seen: { invariant, about },
    });
  });
});

test.each([
  ['the number of a card', () => '4242 4242 4242 4242'],
  ['an e-mail address', () => scene.confirmed.input.email],
])('I15: a log with %s', async (_, text) => {
  const file = join(dirname(testShop().services[0]?.logFile ?? ''), 'planted.log');
  await expectSeen(stores, {
    plant: () => appendFile(file, `${JSON.stringify({ level: 30, msg: `paid by ${text()}` })}\n`),
    undo: () => rm(file),
    seen: { invariant: 'I15', about: 'planted.log' },
  });
});

async function eventIds(type: string, orderId: string): Promise<string[]> {
  const { events } = await stores.topics.read();
  return [...events.values()]
    .flat()
    .flatMap((sent) => (sent.type === type && sent.data.orderId === orderId ? sent.id : []));
}

async function send(topic: string, value: string): Promise<void> {
  const producer = createProducer(createKafka(stores.kafka));
  await producer.connect();
  try {
    await producer.send({ topic, messages: [{ key: newId(), value }] });
  } finally {
    await producer.disconnect();
  }
}

/** Kafka lets go of records only from the front: dead letters are the one place where that takes nothing else along. */
async function empty(topic: string): Promise<void> {
  const admin = createKafka(stores.kafka).admin();
  await admin.connect();
  try {
    await eventually(async () => {
      const offsets = await admin.fetchTopicOffsets(topic);
      await admin.deleteTopicRecords({
        topic,
        partitions: offsets.map(({ partition, high }) => ({ partition, offset: high })),
      });
    });
  } finally {
    await admin.disconnect();
  }
}
