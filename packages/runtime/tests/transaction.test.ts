import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { FAILPOINT_CHANNEL } from '@ebuy/events';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { inTransaction } from '../src/index.ts';

let story: unknown[];
const tell = (event: unknown) => story.push(event);

beforeEach(() => {
  story = [];
  subscribe(FAILPOINT_CHANNEL, tell);
});
afterEach(() => {
  unsubscribe(FAILPOINT_CHANNEL, tell);
});

/** What a generated client does around the work, told. */
const database = {
  async $transaction<Result>(work: (tx: string) => Promise<Result>, limits: object): Promise<Result> {
    tell(limits);
    const result = await work('tx');
    tell('committed');
    return result;
  },
};

test('a transaction passes its points when all is written, and when it has committed', async () => {
  const work = async (tx: string) => {
    tell(`works in ${tx}`);
    return 7;
  };
  expect(await inTransaction(database, work)).toBe(7);
  const limits = { maxWait: 5_000, timeout: 10_000 };
  expect(story).toEqual([limits, 'works in tx', 'store-before-commit', 'committed', 'store-after-commit']);
});

test('one that fails passes neither', async () => {
  const failing = inTransaction(database, () => Promise.reject(new Error('refused')));
  await expect(failing).rejects.toThrow('refused');
  expect(story).toEqual([expect.anything()]);
});
