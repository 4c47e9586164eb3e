/** What a judge reads beside the consumer groups: records from where it stopped, and how far the groups are behind. */
import { newId } from '@ebuy/kernel';
import { openTestKafka, type TestKafka } from '@ebuy/testing';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import {
  CONSUMER_GROUPS,
  createKafka,
  type PartitionRange,
  readLags,
  readRecords,
  runReaction,
  TOPICS,
  topicName,
} from '../src/index.ts';

let kafka: TestKafka;
let topics: string[];
beforeAll(async () => {
  kafka = await openTestKafka();
  topics = [TOPICS.cart, TOPICS.purchase, TOPICS.collection].map((topic) => topicName(kafka.namespace, topic));
});
afterAll(() => kafka.close());

const put = async (...values: string[]) => {
  for (const value of values) await kafka.publishRaw(TOPICS.cart, newId(), value);
};

const placeOf = ({ topic, partition }: Pick<PartitionRange, 'topic' | 'partition'>) => `${topic}/${partition}`;

/** Reads as a judge does: each time from where it stopped. */
function reader() {
  const next = new Map<string, number>();
  return async () => {
    const found = new Set<string>();
    const startAt = (range: PartitionRange) => next.get(placeOf(range)) ?? 0;
    const ranges = await readRecords(kafka.settings, topics, startAt, (record) => {
      next.set(placeOf(record), record.offset + 1);
      found.add(record.message.value?.toString() ?? '');
    });
    return { found, ranges };
  };
}

test('gives every record once, then only the new ones, then none; and no record that Kafka let go of', async () => {
  const read = reader();
  await put('1', '2', '3', '4');
  expect((await read()).found).toEqual(new Set(['1', '2', '3', '4']));
  await put('5');
  expect((await read()).found).toEqual(new Set(['5']));
  const { found, ranges } = await read();
  expect(found.size).toBe(0);
  expect(ranges.reduce((sum, { low, high }) => sum + high - low, 0)).toBe(5);

  const admin = createKafka(kafka.settings).admin();
  await admin.connect();
  const [cart = ''] = topics;
  const partitions = (await admin.fetchTopicOffsets(cart)).filter(({ high }) => Number(high) > 0);
  const before = partitions.map(({ partition, high }) => ({ partition, offset: high }));
  await admin.deleteTopicRecords({ topic: cart, partitions: before });
  await admin.disconnect();
  await put('6');
  expect((await reader()()).found).toEqual(new Set(['6']));
});

test('hands on what the one who takes records throws', async () => {
  await put('7');
  const taking = readRecords(
    kafka.settings,
    topics,
    () => 0,
    () => {
      throw new Error('no room');
    },
  );
  await expect(taking).rejects.toThrow('no room');
});

test('tells how far a group has read, and that another never began', async () => {
  const { noteEmptiedCarts, notePurchases } = CONSUMER_GROUPS;
  const running = await runReaction({ group: noteEmptiedCarts, on: {} }, { kafka: kafka.settings });
  await put('8');
  await kafka.caughtUp(noteEmptiedCarts);
  await running.stop();
  const lags = await readLags(kafka.settings, [noteEmptiedCarts, notePurchases]);
  const ofCarts = lags.filter(({ group }) => group === noteEmptiedCarts);
  expect(ofCarts.reduce((sum, { committed, low, high }) => sum + high - Math.max(committed ?? low, low), 0)).toBe(0);
  expect(lags.filter(({ group }) => group === notePurchases).map(({ committed }) => committed)).toEqual([
    null,
    null,
    null,
  ]);
});
