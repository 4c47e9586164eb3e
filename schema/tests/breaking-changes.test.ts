import { expect, test } from '@jest/globals';
import { buildSchema } from 'graphql';
import { findUnacceptedChanges, parseAcceptedChanges } from '../src/breaking-changes.ts';

const before = buildSchema('type Query { a: Int b(x: Int): Int }');
const removed = { type: 'FIELD_REMOVED', description: 'Query.a was removed.' };

test('growing breaks nobody', () => {
  expect(
    findUnacceptedChanges(before, buildSchema('type Query { a: Int! b(x: Int, y: Int): Int c: Int }'), []),
  ).toEqual([]);
});

test('a removed field and a new required argument are found', () => {
  const changes = findUnacceptedChanges(before, buildSchema('type Query { b(x: Int, y: Int!): Int }'), []);
  expect(changes.map(({ type }) => type).sort()).toEqual(['FIELD_REMOVED', 'REQUIRED_ARG_ADDED']);
});

test('what is named with a reason passes, and nothing else does', () => {
  const after = buildSchema('type Query { b: Int }');
  const accepted = [{ ...removed, reason: 'No client ever asked for it.' }];
  expect(findUnacceptedChanges(before, after, accepted).map(({ type }) => type)).toEqual(['ARG_REMOVED']);
});

test.each(['{}', '[{}]', '[null]', JSON.stringify([{ ...removed, reason: ' ' }]), JSON.stringify([removed])])(
  'a list that gives no reason is refused: %s',
  (json) => {
    expect(() => parseAcceptedChanges(json)).toThrow(/accepted-breaking-changes/);
  },
);
