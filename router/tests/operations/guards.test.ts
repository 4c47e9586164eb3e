import { ANONYMOUS, type Caller } from '@ebuy/runtime';
import { partner, shopper, staff } from '@ebuy/testing';
import { describe, expect, test } from '@jest/globals';
import { buildSchema, parse } from 'graphql';
import { createGuards } from '../../src/operations/guards.ts';

const schema = buildSchema(
  `
  directive @authenticated on FIELD_DEFINITION | OBJECT
  directive @requiresScopes(scopes: [[String!]!]!) on FIELD_DEFINITION | OBJECT
  type Query { me: User @authenticated open: User orders: [Order!] node: Node either: Secret }
  type Mutation { ship: Int @requiresScopes(scopes: [["orders:write"]]) }
  interface Node { id: ID! }
  type User implements Node { id: ID! name: String friends: [User!] email: String @requiresScopes(scopes: [["users:read", "audit:read"], ["users:admin"]]) }
  type Order implements Node { id: ID! email: String }
  type Secret @requiresScopes(scopes: ["users:admin"]) { value: String }
`,
  { assumeValidSDL: true },
);
const guards = createGuards(schema);

/** The refused fields as they stand in the text, each with its code. */
const refusedIn = (query: string, caller: Caller = ANONYMOUS) => {
  const guarded = guards(parse(query));
  return [...guarded.refused(guarded.fingerprint(caller))].map(
    ([{ loc, name }, { code }]) => `${name.value}@${loc?.start} ${code}`,
  );
};

describe('of an operation', () => {
  test('without guarded fields nothing is refused', () => {
    expect(refusedIn('{ open { id name } }')).toEqual([]);
  });

  test('nothing is refused to a caller who may have all of it', () => {
    expect(refusedIn('{ me { id } }', shopper('s1'))).toEqual([]);
    expect(refusedIn('{ me { email } either { value } }', staff(['users:admin']))).toEqual([]);
    expect(refusedIn('{ me { id } }', partner('p1'))).toEqual([]);
  });

  test('each field that the caller may not have is', () => {
    expect(refusedIn('{ me { name } open { id email } }')).toEqual([
      'me@2 UNAUTHENTICATED',
      'email@24 UNAUTHENTICATED',
    ]);
  });

  test('in fragments, too, wherever they are spread', () => {
    expect(refusedIn('{ open { ...F } } fragment F on User { email friends { email } }')).toEqual([
      'email@39 UNAUTHENTICATED',
      'email@55 UNAUTHENTICATED',
    ]);
  });

  test('but not the field of the same name that another type has open', () => {
    expect(refusedIn('{ node { ... on User { email } ... on Order { email } } }')).toEqual([
      'email@23 UNAUTHENTICATED',
    ]);
  });

  test('fields that return a guarded type are, and what stands in it with them', () => {
    expect(refusedIn('{ either { value } }', staff(['orders:read']))).toEqual([
      'either@2 FORBIDDEN',
      'value@11 FORBIDDEN',
    ]);
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
    expect(refusedIn('{ open { email } }', staff(scopes)).length === 0).toBe(allowed);
  });

  test('nobody is asked to sign in, somebody is told no', () => {
    expect(refusedIn('mutation { ship }')).toEqual(['ship@11 UNAUTHENTICATED']);
    expect(refusedIn('mutation { ship }', shopper('s1'))).toEqual(['ship@11 FORBIDDEN']);
  });
});

describe('a fingerprint', () => {
  const guarded = guards(parse('{ me { email } either { value } }'));

  test('is empty when nothing is refused, and the same for the same refusals', () => {
    expect(guarded.fingerprint(staff(['users:admin']))).toBe('');
    expect(guarded.fingerprint(shopper('s1'))).toBe(guarded.fingerprint(shopper('s2')));
    expect(new Set([ANONYMOUS, shopper('s1'), staff(['users:admin'])].map(guarded.fingerprint)).size).toBe(3);
  });

  test('stands for the fields that are refused, and why', () => {
    expect([...guarded.refused('').keys()]).toEqual([]);
    const [first] = [...guarded.refused(guarded.fingerprint(ANONYMOUS)).values()];
    expect(first).toEqual({ code: 'UNAUTHENTICATED', message: 'Sign in first.' });
  });
});

test('a schema without its syntax, which would guard nothing, is refused', () => {
  const type = schema.getQueryType();
  if (!type) throw new Error('it has one');
  const { astNode } = type;
  type.astNode = undefined;
  try {
    expect(() => createGuards(schema)).toThrow(/lost the directives of Query/);
  } finally {
    type.astNode = astNode;
  }
});
