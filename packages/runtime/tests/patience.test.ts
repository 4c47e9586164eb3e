import { expect, test } from '@jest/globals';
import { patience } from '../src/patience.ts';

const never = () => new Promise<void>(() => undefined);

test('what is done in time is waited for, and may fail', async () => {
  const limit = patience(60_000);
  expect(await limit.for(Promise.resolve('done'))).toBe(true);
  await expect(limit.for(Promise.reject(new Error('no')))).rejects.toThrow('no');
  limit.end();
});

test('all that does not end is given up after one limit together, and what becomes of it disturbs nobody', async () => {
  const limit = patience(20);
  const late = Promise.withResolvers<void>();
  expect(await Promise.all([limit.for(never()), limit.for(late.promise)])).toEqual([false, false]);
  late.reject(new Error('too late to be heard'));
  expect(await limit.for(never())).toBe(false);
});
