import { expect, test } from '@jest/globals';
import { isId, newId } from '../src/index.ts';

test('ids are UUIDv7, unique, and sort by time', () => {
  const ids = Array.from({ length: 1_000 }, newId);
  expect(new Set(ids).size).toBe(1_000);
  expect(ids.every(isId)).toBe(true);
  expect(ids.toSorted()).toEqual(ids);
});

test.each(['', 'x', '00000000-0000-0000-0000-000000000000', "' OR 1=1 --", '6f9619ff-8b86-4d01-b42d-00cf4fc964ff'])(
  '%j is no id of ours',
  (text) => expect(isId(text)).toBe(false),
);
