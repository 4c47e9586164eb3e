import { openTestKafka } from '@ebuy/testing';
import { expect, test } from '@jest/globals';

test('a connection at rest sets no timers', async () => {
  const kafka = await openTestKafka();
  const realSetTimeout = globalThis.setTimeout;
  let timers = 0;
  globalThis.setTimeout = ((...args: Parameters<typeof realSetTimeout>) => {
    timers += 1;
    return realSetTimeout(...args);
  }) as typeof realSetTimeout;
  try {
    await new Promise((resolve) => realSetTimeout(resolve, 500));
  } finally {
    globalThis.setTimeout = realSetTimeout;
    await kafka.close();
  }
  expect(timers).toBeLessThan(20);
});
