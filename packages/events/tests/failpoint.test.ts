import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { committing, FAILPOINT_CHANNEL, FAILPOINTS, failpoint } from '../src/failpoint.ts';

let story: unknown[];
const tell = (event: unknown) => story.push(event);

beforeEach(() => {
  story = [];
  subscribe(FAILPOINT_CHANNEL, tell);
});
afterEach(() => {
  unsubscribe(FAILPOINT_CHANNEL, tell);
});

test('a passage is told while it happens, and to nobody when nobody listens', () => {
  for (const point of FAILPOINTS) failpoint(point);
  expect(story).toEqual(FAILPOINTS);
  unsubscribe(FAILPOINT_CHANNEL, tell);
  failpoint('store-before-commit');
  expect(story).toEqual(FAILPOINTS);
});

test('a write that commits by itself begins after the first point and is done before the second', async () => {
  const write = async () => {
    tell('begun');
    await Promise.resolve();
    tell('done');
    return 7;
  };
  expect(await committing(write)).toBe(7);
  expect(story).toEqual(['store-before-commit', 'begun', 'done', 'store-after-commit']);
});

test('one that fails has committed nothing', async () => {
  await expect(committing(() => Promise.reject(new Error('away')))).rejects.toThrow('away');
  expect(story).toEqual(['store-before-commit']);
});
