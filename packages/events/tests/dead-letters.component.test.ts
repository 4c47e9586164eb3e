/** Dead letters of topics that keep the newest record of each key only. */
import { newId } from '@ebuy/kernel';
import { eventually, openTestKafka, type TestKafka } from '@ebuy/testing';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import {
  CONSUMER_GROUPS,
  encodeEvent,
  listDeadLetters,
  newEvent,
  type RunningConsumer,
  replayDeadLetters,
  runReaction,
  TOPICS,
  topicName,
} from '../src/index.ts';
import { createKafka } from '../src/kafka/client.ts';

const group = CONSUMER_GROUPS.forgetAuthors;
const changed = (userId: string, version: number) =>
  newEvent('user.changed', { userId, status: 'ACTIVE', version }, { correlationId: 'test', causationId: null });

let kafka: TestKafka;
let running: RunningConsumer;
const applied: number[] = [];
let broken = true;
beforeEach(async () => {
  kafka = await openTestKafka();
  running = await runReaction(
    {
      group,
      on: {
        'user.changed': async ({ payload: { version } }) => {
          if (broken && version === 1) throw new TypeError('a bug');
          applied.push(version);
        },
      },
    },
    { kafka: kafka.settings },
  );
});
afterEach(async () => {
  await running.stop();
  await kafka.close();
});

/** Every record of the topic as it lies there. */
async function records() {
  const found: { readonly key: string | null; readonly value: string | null; readonly partition: number }[] = [];
  const consumer = createKafka(kafka.settings).consumer({ groupId: `${kafka.namespace}raw-${newId()}` });
  await consumer.connect();
  await consumer.subscribe({ topic: topicName(kafka.namespace, TOPICS.user), fromBeginning: true });
  await consumer.run({
    autoCommit: false,
    eachMessage: async ({ message: { key, value }, partition }) => {
      found.push({ key: key?.toString() ?? null, value: value?.toString() ?? null, partition });
    },
  });
  await eventually(() => expect(found.length).toBeGreaterThanOrEqual(4));
  await consumer.disconnect();
  return found;
}

test('a letter that is replayed takes no newer record’s place, in its partition and however often', async () => {
  const userId = newId();
  const [poison, newest] = [changed(userId, 1), changed(userId, 2)];
  await kafka.publish([poison, newest]);
  await eventually(() => expect(applied).toEqual([2]));
  const letters = await eventually(async () => {
    const found = await listDeadLetters(kafka.settings, group);
    expect(found).toHaveLength(1);
    return found;
  });
  // In vain, and put aside again; then with the bug mended.
  await replayDeadLetters(kafka.settings, letters);
  const again = await eventually(async () => {
    const found = await listDeadLetters(kafka.settings, group);
    expect(found).toHaveLength(2);
    return found;
  });
  broken = false;
  await replayDeadLetters(kafka.settings, again.slice(1));
  await eventually(() => expect(applied).toEqual([2, 1]));
  const kept = await records();
  expect(new Set(kept.map(({ partition }) => partition)).size).toBe(1);
  const byKey = new Map(kept.map(({ key, value }) => [key, value]));
  expect(byKey.get(userId)).toBe(encodeEvent(newest));
  expect(byKey.size).toBe(2);
});
