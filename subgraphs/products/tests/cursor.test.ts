import { newId } from '@ebuy/kernel';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { cursorOf, placeOf } from '../src/domain/cursor.ts';

const id = newId();
const at = '2026-11-23T16:20:00.123Z';
const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

describe('a cursor', () => {
  test('leads back to its place', () => {
    expect(placeOf('staff', cursorOf('staff', { id, at: null }))).toEqual({ id, at: null });
    expect(placeOf('published', cursorOf('published', { id, at: null }))).toEqual({ id, at: null });
    expect(placeOf('changes', cursorOf('changes', { id, at }))).toEqual({ id, at });
  });

  test('counts for its own list only', () => {
    expect(() => placeOf('published', cursorOf('staff', { id, at: null }))).toThrow(/cursor/);
    expect(() => placeOf('staff', cursorOf('changes', { id, at }))).toThrow(/cursor/);
  });

  test.each([
    ['nothing', ''],
    ['no base64url', 'a b'],
    ['no JSON', Buffer.from('{').toString('base64url')],
    ['another id', encode(['staff', 'x'])],
    ['an id of another version', encode(['staff', '7d8a3d1e-3c63-4a4d-9f0e-1f3c5b2a9d10'])],
    ['SQL', encode(['staff', "' OR 1=1 --"])],
    ['a time where none belongs', encode(['staff', id, at])],
    ['an object', encode({ 0: 'staff', 1: id, length: 2 })],
    ['too much', encode(['staff', id, null, 1])],
    ['too long', 'A'.repeat(10_000)],
    ['a null byte', encode(['staff', `${id}\u0000`])],
  ])('that is %s is refused', (_, cursor) => {
    expect(() => placeOf('staff', cursor)).toThrow(expect.objectContaining({ code: 'INVALID_CURSOR' }));
  });

  test.each([
    ['no time', encode(['changes', id])],
    ['a time that is none', encode(['changes', id, '2026-13-41T00:00:00.000Z'])],
    ['a number', encode(['changes', id, 5])],
  ])('into the changes with %s is refused', (_, cursor) => {
    expect(() => placeOf('changes', cursor)).toThrow(expect.objectContaining({ code: 'INVALID_CURSOR' }));
  });

  test('that anybody made up is refused, and nothing else happens', () => {
    const anything = fc.oneof(fc.string({ unit: 'binary' }), fc.jsonValue().map(encode));
    fc.assert(
      fc.property(anything, (cursor) => {
        expect(() => placeOf('staff', cursor)).toThrow(expect.objectContaining({ code: 'INVALID_CURSOR' }));
      }),
    );
  });
});
