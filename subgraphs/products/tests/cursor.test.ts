import { newId } from '@ebuy/kernel';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { cursorOf, placeOf } from '../src/domain/cursor.ts';

const id = newId();
const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

describe('a cursor', () => {
  test('leads back to its place', () => {
    expect(placeOf(cursorOf(id))).toBe(id);
  });

  test.each([
    ['nothing', ''],
    ['no base64url', 'a b'],
    ['no JSON', Buffer.from('{').toString('base64url')],
    ['another id', encode(['staff', 'x'])],
    ['an id of another version', encode(['staff', '7d8a3d1e-3c63-4a4d-9f0e-1f3c5b2a9d10'])],
    ['SQL', encode(['staff', "' OR 1=1 --"])],
    ['of another list', encode(['published', id])],
    ['an object', encode({ 0: 'staff', 1: id, length: 2 })],
    ['too much', encode(['staff', id, null])],
    ['too long', 'A'.repeat(10_000)],
    ['a null byte', encode(['staff', `${id}\u0000`])],
  ])('that is %s is refused', (_, cursor) => {
    expect(() => placeOf(cursor)).toThrow(expect.objectContaining({ code: 'INVALID_CURSOR' }));
  });

  test('that anybody made up is refused, and nothing else happens', () => {
    const anything = fc.oneof(fc.string({ unit: 'binary' }), fc.jsonValue().map(encode));
    fc.assert(
      fc.property(anything, (cursor) => {
        expect(() => placeOf(cursor)).toThrow(expect.objectContaining({ code: 'INVALID_CURSOR' }));
      }),
    );
  });
});
