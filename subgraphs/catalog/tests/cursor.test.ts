import { newId } from '@ebuy/kernel';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { changesCursor, collectionsCursor, membersCursor, publishedCursor } from '../src/domain/cursor.ts';

const id = newId();
const collectionId = newId();
const at = '2026-11-23T10:00:00.000Z';
const refused = expect.objectContaining({ code: 'INVALID_CURSOR' });
const read: Readonly<Record<string, (cursor: string) => unknown>> = {
  published: publishedCursor.read,
  changes: changesCursor.read,
  collections: collectionsCursor.read,
  members: (cursor) => membersCursor.read(collectionId, cursor),
};
const given: Readonly<Record<string, string>> = {
  published: publishedCursor.of({ id }),
  changes: changesCursor.of({ at, id }),
  collections: collectionsCursor.of({ id }),
  members: membersCursor.of(collectionId, { part: 'rest', at, id }),
};

describe('a cursor', () => {
  test('leads back to its place', () => {
    expect(publishedCursor.read(publishedCursor.of({ id }))).toEqual({ id });
    expect(changesCursor.read(changesCursor.of({ at, id }))).toEqual({ at, id });
    expect(collectionsCursor.read(collectionsCursor.of({ id }))).toEqual({ id });
    for (const place of [{ part: 'hand', id, index: 7 } as const, { part: 'rest', id, at } as const]) {
      expect(membersCursor.read(collectionId, membersCursor.of(collectionId, place))).toEqual(place);
    }
  });

  test('counts for its own list only', () => {
    for (const list of Object.keys(read)) {
      for (const [other, cursor] of Object.entries(given)) {
        if (list !== other) expect(() => read[list]!(cursor)).toThrow(refused);
      }
    }
    expect(() => membersCursor.read(newId(), given.members!)).toThrow(refused);
  });

  test('that was altered anywhere is refused', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...Object.keys(read)),
        fc.nat(),
        fc.integer({ min: 1, max: 63 }),
        (list, where, by) => {
          const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
          const cursor = given[list]!;
          // Not the last: what it has beyond the last byte means nothing.
          const place = where % (cursor.length - 1);
          const letter = alphabet[(alphabet.indexOf(cursor[place]!) + by) % 64];
          expect(() => read[list]!(`${cursor.slice(0, place)}${letter}${cursor.slice(place + 1)}`)).toThrow(refused);
        },
      ),
    );
  });

  test('that anybody made up is refused, and nothing else happens', () => {
    const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const anything = fc.oneof(fc.string({ unit: 'binary' }), fc.jsonValue().map(encode));
    fc.assert(
      fc.property(fc.constantFrom(...Object.values(read)), anything, (reader, cursor) => {
        expect(() => reader(cursor)).toThrow(refused);
      }),
    );
    for (const reader of Object.values(read)) {
      for (const cursor of ['', 'A'.repeat(10_000), encode([1, 'published', 'x', 0]), encode({ length: 4 })]) {
        expect(() => reader(cursor)).toThrow(refused);
      }
    }
  });
});
