import { describe, expect, test } from '@jest/globals';
import { buildSchema } from 'graphql';
import { mergeCacheControl } from '../../src/executor/cache-control.ts';
import { merge } from '../../src/executor/merge.ts';
import { compileRepresent } from '../../src/executor/representations.ts';
import { responseKeysOf } from '../../src/executor/response-keys.ts';
import { rewritePath, rewritesOf } from '../../src/executor/rewrites.ts';
import { pathsOf, targetsAt } from '../../src/executor/targets.ts';

const schema = buildSchema(`
  interface Media { id: ID! }
  type Book implements Media { id: ID! title: String }
  type Film implements Media { id: ID! }
  type Query { media: [Media] }
`);
const field = (name: string, alias?: string) => ({ kind: 'Field' as const, name, ...(alias ? { alias } : {}) });

describe('merging', () => {
  test('goes into objects and lists of the same length, and replaces the rest', () => {
    const target = { a: { x: 1 }, list: [{ x: 1 }, null], other: [1], gone: { x: 1 } };
    merge(target, { a: { y: 2 }, list: [{ y: 2 }, { y: 3 }], other: [1, 2], gone: null });
    expect(target).toEqual({ a: { x: 1, y: 2 }, list: [{ x: 1, y: 2 }, { y: 3 }], other: [1, 2], gone: null });
  });

  test('takes a key named __proto__ for a key', () => {
    const target: Record<string, unknown> = {};
    merge(target, JSON.parse('{"__proto__":{"polluted":true}}') as Record<string, unknown>);
    expect(Object.keys(target)).toEqual(['__proto__']);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
    merge(target, JSON.parse('{"__proto__":{"more":true}}') as Record<string, unknown>);
    expect(JSON.stringify(target)).toBe('{"__proto__":{"polluted":true,"more":true}}');
  });
});

describe('representations', () => {
  const requires = [
    { kind: 'InlineFragment' as const, typeCondition: 'Media', selections: [field('__typename'), field('id')] },
  ];

  test('name objects of the type or of one of its types, with nothing else of them', () => {
    const represent = compileRepresent(schema, requires, undefined);
    expect(represent({ __typename: 'Book', id: 'b', title: 'B' })).toBe('{"__typename":"Book","id":"b"}');
    expect(represent({ __typename: 'Query', id: 'q' })).toBeNull();
    expect(represent({ id: 'b' })).toBeNull();
    expect(represent({ __typename: 'Book' })).toBeNull();
  });

  test('are rewritten before they leave', () => {
    const aliased = [{ ...requires[0], selections: [field('__typename'), field('id'), field('title', 'title__1')] }];
    const represent = compileRepresent(schema, aliased as typeof requires, [
      { kind: 'ValueSetter', path: ['... on Book', '__typename'], setValueTo: 'Media' },
      { kind: 'KeyRenamer', path: ['title__1'], renameKeyTo: 'title' },
    ]);
    expect(represent({ __typename: 'Book', id: 'b', title__1: null })).toBe(
      '{"__typename":"Media","id":"b","title":null}',
    );
  });
});

test('rewrites reach through lists, and rename the keys of errors', () => {
  const renames = [{ kind: 'KeyRenamer' as const, path: ['items', '... on Book', 'title__1'], renameKeyTo: 'title' }];
  const data = {
    items: [
      { __typename: 'Book', title__1: 0 },
      { __typename: 'Film', title__1: 1 },
    ],
  };
  rewritesOf(schema, renames)(data);
  expect(data.items).toEqual([
    { __typename: 'Book', title: 0 },
    { __typename: 'Film', title__1: 1 },
  ]);
  expect(rewritePath(renames, ['items', 0, 'title__1', 2])).toEqual(['items', 0, 'title', 2]);
  expect(rewritePath(renames, ['other', 0, 'title__1'])).toEqual(['other', 0, 'title__1']);
});

test('targets are found through lists of lists, and each knows all its places', () => {
  const shared = { id: 'a' };
  const data = {
    rows: [
      [{ cell: shared }, null],
      [{ cell: null }, { cell: shared }],
    ],
  };
  const path = ['rows', '@', '@', 'cell'];
  expect(targetsAt(data, path)).toEqual([shared, shared]);
  expect(pathsOf(data, path).get(shared)).toEqual([
    ['rows', 0, 0, 'cell'],
    ['rows', 1, 1, 'cell'],
  ]);
});

test('the keys of a fetch are those of its entities, through fragments', () => {
  const entities = 'query($r:[_Any!]!){_entities(representations:$r){...on A{a ...F}}}fragment F on A{b:c{d}}';
  expect(responseKeysOf(entities)).toEqual(
    new Map([
      ['a', new Map()],
      ['b', new Map([['d', new Map()]])],
    ]),
  );
  expect([...responseKeysOf('{__typename x:y{z}}').keys()]).toEqual(['__typename', 'x']);
});

test.each([
  [['max-age=60', 'max-age=30, private'], 'max-age=30, private'],
  [['public, max-age=60'], 'max-age=60, public'],
  [['max-age=60', null], null],
  [['max-age=60', 'no-store'], null],
  [['max-age=0'], null],
  [[], null],
])('cache hints %j make %j', (hints, merged) => {
  expect(mergeCacheControl(hints)).toBe(merged);
});
