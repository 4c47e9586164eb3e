/** Work that takes longer than Kafka waits to hear from a consumer: a rule that moves thousands of products. */
import { setTimeout as sleep } from 'node:timers/promises';
import { newId } from '@ebuy/kernel';
import { eventually, openTestKafka, type TestKafka } from '@ebuy/testing';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { CONSUMER_GROUPS, newEvent, type RunningConsumer, runReaction } from '../src/index.ts';

const LONGER_THAN_A_SESSION_MS = 15_000;

let kafka: TestKafka;
let running: RunningConsumer;
beforeEach(async () => {
  kafka = await openTestKafka();
});
afterEach(async () => {
  await running.stop();
  await kafka.close();
});

test('is done once, and what comes behind it is done', async () => {
  const orderId = newId();
  const [long, next] = [0, 1].map(() =>
    newEvent('order.shipped', { orderId }, { correlationId: 'test', causationId: null }),
  );
  const begun: (string | undefined)[] = [];
  running = await runReaction(
    {
      group: CONSUMER_GROUPS.settlePayments,
      on: {
        'order.shipped': async ({ id }) => {
          begun.push(id);
          if (id === long?.id) await sleep(LONGER_THAN_A_SESSION_MS);
        },
      },
    },
    { kafka: kafka.settings },
  );
  await kafka.publish([long, next].flatMap((event) => event ?? []));
  await eventually(() => expect(begun).toContain(next?.id), { timeoutMs: 90_000 });
  await sleep(3_000);
  expect(begun).toEqual([long?.id, next?.id]);
});
