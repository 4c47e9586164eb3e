import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { TOPICS } from '@ebuy/events';
import { newId } from '@ebuy/kernel';
import { eventually } from '@ebuy/testing';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { histogramOf } from '../src/domain/rating.ts';
import { counted, neighboursOf, openShop, peopleOf, productEvent, type ReviewsShop } from './shop.ts';

let shop: ReviewsShop;
let folder: string;

beforeAll(async () => {
  shop = await openShop();
  folder = await mkdtemp(join(tmpdir(), 'reviews-'));
});
afterAll(async () => {
  await shop.close();
  await rm(folder, { recursive: true });
});

/** What a command beside the service says: its exit code and its lines. */
const run = (command: string, ...args: string[]) =>
  new Promise<{ code: unknown; lines: Record<string, unknown>[]; complaint: string }>((resolve) => {
    const main = fileURLToPath(new URL(`../src/${command}.ts`, import.meta.url));
    const env = { PATH: process.env.PATH, MONGODB_URL: shop.settings.mongodbUrl };
    execFile(process.execPath, [main, ...args], { env, timeout: 90_000 }, (error, stdout, stderr) => {
      const lines = stdout.split('\n').filter((line) => line !== '');
      resolve({ code: error?.code ?? 0, lines: lines.map((line) => JSON.parse(line)), complaint: stderr });
    });
  });

const line = (productId: string, index: number, more: object = {}) =>
  JSON.stringify({
    ...{ productId, stars: 1 + (index % 5), title: `Title ${index}`, body: `Body ${index}.\nAs it was.` },
    ...{ author: `Author ${index}`, postedAt: new Date(Date.UTC(2026, 2, 1 + (index % 28))).toISOString(), ...more },
  });

test('posts and publishes what is not there yet, tells of bad lines, and a second run changes nothing', async () => {
  const neighbours = neighboursOf(shop);
  const products = [await neighbours.product(), await neighbours.product(), newId()];
  const ratings = await shop.kafka.watch(TOPICS.rating);
  const reviews = await shop.kafka.watch(TOPICS.review);
  const lines = Array.from({ length: 60 }, (_, index) => line(products[index % 3] ?? '', index));
  const file = join(folder, 'reviews.ndjson');
  await writeFile(file, `${lines.join('\r\n')}\n\n`);
  const running = run('seed', file);
  // The third product becomes known while it is being asked for.
  await eventually(async () => expect(await shop.kept.reviews.countDocuments({})).toBeGreaterThan(3));
  await shop.kafka.publish([productEvent(products[2] ?? '', 1, 'PUBLISHED')]);
  const first = await running;
  expect(first).toMatchObject({ code: 0, complaint: '' });
  expect(first.lines.at(-1)).toMatchObject({ done: true, added: 60, unchanged: 0, refused: 0 });

  const kept = await shop.kept.reviews.find({}).toArray();
  expect(kept).toHaveLength(60);
  expect(kept.every(({ status, verifiedPurchase }) => status === 'PUBLISHED' && !verifiedPurchase)).toBe(true);
  for (const productId of products) {
    const histogram = histogramOf(kept.filter((review) => review.productId === productId));
    await eventually(() =>
      expect(ratings.events.findLast(({ subject }) => subject === productId)?.payload).toMatchObject({ histogram }),
    );
  }
  const page = await peopleOf(shop).page(products[0] ?? '', 20);
  expect(page.nodes.map(({ createdAt }) => createdAt)).toEqual(
    page.nodes
      .map(({ createdAt }) => createdAt)
      .toSorted()
      .reverse(),
  );
  expect(page.nodes.find(({ title }) => title === 'Title 3')).toMatchObject({
    ...{
      stars: 4,
      body: 'Body 3.\nAs it was.',
      createdAt: '2026-03-04T00:00:00.000Z',
      author: { displayName: 'Author 3' },
    },
  });
  await eventually(() => expect(reviews.events).toHaveLength(120));

  // What staff decided since stays; a line that cannot be used is named, and the others go in.
  const decided = kept.find(({ productId }) => productId === products[0])?._id ?? '';
  await peopleOf(shop).moderate(decided, 'REJECTED');
  const bad = [
    '{',
    line(products[0] ?? '', 1, { stars: 9 }),
    line('x', 1),
    line(products[0] ?? '', 61, { title: '' }),
    line(products[1] ?? '', 62),
  ];
  await writeFile(file, [...lines, ...bad].join('\n'));
  const second = await run('seed', file);
  expect(second.code).toBe(1);
  expect(second.lines.at(-1)).toMatchObject({ done: true, added: 1, unchanged: 60, refused: 4 });
  expect(second.lines.flatMap(({ line: at }) => at ?? []).toSorted()).toEqual([61, 62, 63, 64]);
  expect((await shop.kept.reviews.findOne({ _id: decided }))?.status).toBe('REJECTED');

  // Beside the running service: what was falsified is put right.
  await eventually(async () => expect((await peopleOf(shop).page(products[1] ?? '')).totalCount).toBe(21));
  await eventually(async () =>
    expect(await shop.kept.reviews.countDocuments({ pendingSince: { $exists: true } })).toBe(0),
  );
  await eventually(() => expect(reviews.events).toHaveLength(123));
  await counted(shop);
  await shop.kept.ratings.updateOne({ _id: products[1] ?? '' }, { $set: { histogram: [0, 0, 0, 0, 0], newest: [] } });
  const recounted = await run('rebuild');
  expect([recounted.code, recounted.lines.at(-1)]).toMatchObject([0, { done: true, products: 3, corrected: 1 }]);
  expect((await peopleOf(shop).page(products[1] ?? '')).nodes).toHaveLength(5);
});

test('without a file: says so', async () => {
  expect(await run('seed')).toMatchObject({ code: 2, complaint: expect.stringContaining('FILE') });
  expect((await run('seed', join(folder, 'none.ndjson'))).code).toBe(1);
});
