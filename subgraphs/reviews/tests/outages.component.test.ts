import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { type DomainEvent, TOPICS } from '@ebuy/events';
import { newId } from '@ebuy/kernel';
import { asRouter, eventually, testKey, wireTo } from '@ebuy/testing';
import { afterEach, expect, test } from '@jest/globals';
import { histogramOf } from '../src/domain/rating.ts';
import { confirmed, neighboursOf, openShop, peopleOf, type ReviewsShop, someone } from './shop.ts';

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

const nothingWaits = (shop: ReviewsShop) =>
  eventually(
    async () => {
      for (const one of [shop.kept.reviews, shop.kept.ratings, shop.kept.purchases]) {
        expect(await one.countDocuments({ pendingSince: { $exists: true } })).toBe(0);
      }
    },
    { timeoutMs: 90_000 },
  );

test('MongoDB goes and comes back: requests say so, orders and moderations wait, nothing is lost', async () => {
  const first = await openShop();
  closing.push(first.close);
  const wire = await wireTo(first.mongo.url);
  closing.push(wire.cut);
  const people = peopleOf(first);
  const [caller, productId] = [someone(), await neighboursOf(first).product()];
  // From here on there is one service only, and its way to MongoDB can be cut.
  const shop = await openShop({ shares: first, settings: { mongodbUrl: wire.url } });
  closing.push(shop.close);
  const { review } = await people.post(caller, productId);
  const page = () => peopleOf(shop).page(productId);
  await eventually(async () => expect(await shop.readyz()).toBe(200));
  expect((await page()).totalCount).toBe(0);

  await wire.cut();
  await expect(page()).rejects.toThrow('SERVICE_UNAVAILABLE');
  await expect(peopleOf(shop).moderate(review?.id ?? '', 'PUBLISHED')).rejects.toThrow('SERVICE_UNAVAILABLE');
  expect(await shop.readyz()).toBe(503);
  const orders = Array.from({ length: 12 }, () => confirmed(newId(), caller.id, [productId]));
  await first.kafka.publish(orders);

  await wire.join();
  await eventually(async () => expect(await shop.readyz()).toBe(200));
  await eventually(async () => expect((await page()).totalCount).toBe(0));
  expect((await peopleOf(shop).moderate(review?.id ?? '', 'PUBLISHED')).review?.status).toBe('PUBLISHED');
  expect((await page()).totalCount).toBe(1);
  await eventually(async () => expect(await first.kept.purchases.countDocuments({})).toBe(orders.length));
  await nothingWaits(first);
});

test('Kafka is away: reviews are posted, moderated and shown; their events wait', async () => {
  const known = await openShop();
  closing.push(known.close);
  const productId = await neighboursOf(known).product();
  const shop = await openShop({
    shares: known,
    settings: { kafkaBrokers: ['127.0.0.1:1'], namespace: 'away.' },
  });
  closing.push(shop.close);
  const people = peopleOf(shop);
  const { review } = await people.post(someone(), productId, { stars: 3 });
  await people.moderate(review?.id ?? '', 'PUBLISHED');
  expect((await people.page(productId)).nodes).toMatchObject([{ id: review?.id, stars: 3 }]);
  await nothingWaits(known);
});

async function startReplica(shop: ReviewsShop): Promise<{ child: ChildProcess; ask: ReturnType<typeof asRouter> }> {
  const key = testKey();
  const child = spawn(process.execPath, [fileURLToPath(new URL('../src/main.ts', import.meta.url))], {
    env: {
      PATH: process.env.PATH,
      ...{ PORT: '0', ADMIN_PORT: '0', LOG_LEVEL: 'info', EBUY_NAMESPACE: shop.settings.namespace },
      ...{ KAFKA_BROKERS: shop.settings.kafkaBrokers.join(','), MONGODB_URL: shop.settings.mongodbUrl },
      IDENTITY_VERIFY_KEYS: JSON.stringify({ router: key }),
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  closing.push(async () => child.kill('SIGKILL'));
  for await (const line of createInterface({ input: child.stdout })) {
    const { msg, port } = JSON.parse(line) as { msg: string; port: number };
    if (msg === 'serving') {
      // What it says later has to go somewhere, or it stops at a full pipe.
      child.stdout.resume();
      const ask = asRouter({ name: 'reviews', port, key });
      closing.push(() => ask.close());
      return { child, ask };
    }
  }
  throw new Error('It ended before it served');
}

test('the replica that relays is killed under writes: another takes over, every event arrives, the stars are right', async () => {
  const shop = await openShop();
  closing.push(shop.close);
  const neighbours = neighboursOf(shop);
  const products = await Promise.all([neighbours.product(), neighbours.product(), neighbours.product()]);
  const [reviews, ratings] = [await shop.kafka.watch(TOPICS.review), await shop.kafka.watch(TOPICS.rating)];
  // The one in this process gives the leases up for a moment: they go to the other.
  const { child, ask } = await startReplica(shop);
  await shop.restart();
  const victims = peopleOf({ ask: (query, variables, caller) => ask.ask(query, variables, caller) });
  const survivors = peopleOf(shop);
  let posted = 0;
  const lane = async (people: typeof victims, count: number) => {
    for (let index = 0; index < count; index += 1) {
      const { review } = await people.post(someone(), products[index % 3] ?? '', { stars: 1 + (index % 5) });
      await people.moderate(review?.id ?? '', index % 4 === 0 ? 'REJECTED' : 'PUBLISHED');
      posted += 1;
    }
  };
  const doomed = [lane(victims, 1_000), lane(victims, 1_000)];
  const steady = [lane(survivors, 40), lane(survivors, 40)];
  await eventually(() => expect(posted).toBeGreaterThan(40));
  child.kill('SIGKILL');
  await Promise.allSettled(doomed);
  await Promise.all(steady);
  await nothingWaits(shop);

  const kept = await shop.kept.reviews.find({}).toArray();
  expect(kept.length).toBeGreaterThan(80);
  const versions = (events: readonly DomainEvent[]) => Map.groupBy(events, ({ subject }) => subject);
  await eventually(() => {
    const told = versions(reviews.events);
    for (const { _id, version } of kept) {
      const own = (told.get(_id) ?? []).map(({ payload }) => (payload as { version: number }).version);
      expect([...new Set(own)]).toEqual(Array.from({ length: version }, (_, index) => index + 1));
    }
  });
  for (const productId of products) {
    const histogram = histogramOf(kept.filter((review) => review.productId === productId));
    await eventually(
      async () => {
        expect((await shop.kept.ratings.findOne({ _id: productId }))?.histogram).toEqual(histogram);
        const last = ratings.events.findLast(({ subject }) => subject === productId);
        expect((last?.payload as { histogram: number[] } | undefined)?.histogram).toEqual(histogram);
      },
      { timeoutMs: 90_000 },
    );
  }
}, 400_000);
