import { ANONYMOUS } from '@ebuy/runtime';
import { partner, shopper, staff } from '@ebuy/testing';
import { describe, expect, test } from '@jest/globals';
import { parse, print, stripIgnoredCharacters } from 'graphql';
import { createGuards } from '../src/graph/guards.ts';

const guards = createGuards(`
  type Query { me: User @authenticated open: User orders: [Order!] node: Node either: Secret }
  type Mutation { ship: Int @requiresScopes(scopes: [["orders:write"]]) }
  interface Node { id: ID! }
  type User implements Node { id: ID! name: String friends: [User!] email: String @requiresScopes(scopes: [["users:read", "audit:read"], ["users:admin"]]) }
  type Order implements Node { id: ID! email: String }
  type Secret @requiresScopes(scopes: ["users:admin"]) { value: String }
`);

const trim = (query: string, caller = ANONYMOUS) => {
  const trimmed = guards(parse(query), caller);
  return trimmed === null ? null : stripIgnoredCharacters(print(trimmed.document));
};

describe('an operation', () => {
  test('without guarded fields stays as it is', () => {
    expect(trim('{ open { id name } }')).toBeNull();
  });

  test('of a caller who may have all of it stays as it is', () => {
    expect(trim('{ me { id } }', shopper('s1'))).toBeNull();
    expect(trim('{ me { email } either { value } }', staff(['users:admin']))).toBeNull();
    expect(trim('{ me { id } }', partner('p1'))).toBeNull();
  });

  test('loses what the caller may not have, with its arguments and all beneath it', () => {
    expect(trim('{ me { name } open { id email } }')).toBe('{me:__typename open{id email:__typename}}');
  });

  test('keeps alias and conditions', () => {
    expect(trim('query($x: Boolean!) { mine: me @include(if: $x) { id } }')).toBe(
      'query($x:Boolean!){mine:__typename@include(if:$x)}',
    );
  });

  test('loses it in fragments, too, wherever they are spread', () => {
    expect(trim('{ open { ...F } } fragment F on User { email friends { email } }')).toBe(
      '{open{...F}}fragment F on User{email:__typename friends{email:__typename}}',
    );
  });

  test('loses fields that return a guarded type', () => {
    expect(trim('{ either { value } }', staff(['orders:read']))).toBe('{either:__typename}');
  });
});

describe('scopes', () => {
  test.each([
    [['users:read', 'audit:read'], true],
    [['users:admin'], true],
    [['users:read'], false],
    [['users:admin '], false],
    [[], false],
  ])('%j: %s', (scopes, allowed) => {
    expect(trim('{ open { email } }', staff(scopes)) === null).toBe(allowed);
  });

  test('nobody is asked to sign in, somebody is told no', () => {
    const codeFor = (caller: typeof ANONYMOUS) =>
      guards(parse('mutation { ship }'), caller)?.empty({ ship: 'Mutation' }, null);
    expect(codeFor(ANONYMOUS)).toEqual([{ path: ['ship'], code: 'UNAUTHENTICATED' }]);
    expect(codeFor(shopper('s1'))).toEqual([{ path: ['ship'], code: 'FORBIDDEN' }]);
  });
});

describe('the answer', () => {
  const empty = (query: string, answer: unknown, operationName: string | null = null) => {
    const trimmed = guards(parse(query), ANONYMOUS);
    return { refused: trimmed?.empty(answer, operationName).map(({ path }) => path.join('.')), answer };
  };

  test('has null at every place of a refused field, and an error for each', () => {
    const query = '{ open { ...F friends { ...F } } } fragment F on User { id email }';
    const friends = [{ id: '2', email: 'User' }, null, { id: '3', email: 'User' }];
    expect(empty(query, { open: { id: '1', email: 'User', friends } })).toEqual({
      refused: ['open.email', 'open.friends.0.email', 'open.friends.2.email'],
      answer: { open: { id: '1', email: null, friends: [{ id: '2', email: null }, null, { id: '3', email: null }] } },
    });
  });

  test('keeps the field of the same name that another type has open', () => {
    const query = '{ node { ... on User { email } ... on Order { email } } }';
    expect(empty(query, { node: { email: 'buyer@example.com' } }).answer).toEqual({
      node: { email: 'buyer@example.com' },
    });
    expect(empty(query, { node: { email: 'User' } }).answer).toEqual({ node: { email: null } });
  });

  test('says nothing of fields that a condition left out, nor of an answer that is not there', () => {
    expect(empty('query($x: Boolean!) { me @include(if: $x) { id } }', {}).refused).toEqual([]);
    expect(empty('{ me { id } }', null).refused).toEqual([]);
    expect(empty('{ me { id } }', undefined).refused).toEqual([]);
  });

  test('is read by the operation that ran', () => {
    const query = 'query A { a: open { id } } query B { b: me { id } }';
    expect(empty(query, { b: 'Query' }, 'B').answer).toEqual({ b: null });
  });

  test('of a list of thousands reports a hundred', () => {
    const friends = Array.from({ length: 5_000 }, () => ({ email: 'User' }));
    const { refused } = empty('{ open { friends { email } } }', { open: { friends } });
    expect(refused).toHaveLength(100);
    expect(friends.every(({ email }) => email === null)).toBe(true);
  });
});

test('one document is judged anew for each caller', () => {
  const document = parse('{ me { id } }');
  expect(guards(document, ANONYMOUS)?.fingerprint).toBe('Query.me');
  expect(guards(document, shopper('s1'))).toBeNull();
  expect(guards(document, ANONYMOUS)?.fingerprint).toBe('Query.me');
});
