import { buildSubgraphSchema } from '@apollo/subgraph';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'graphql';
import { CompositionRefused, composeSubgraphs, toApiSchema } from '../src/compose.ts';
import { findUndescribed } from '../src/descriptions.ts';
import { joinSdl, readSharedSdl, readSubgraphSdl } from '../src/index.ts';

const shared = readSharedSdl();
const subgraph = (name: string, own: string) => ({ name, sdl: joinSdl(name, shared, own) });

const members = subgraph(
  'members',
  `type Query { "The caller." me: Member @authenticated }
   "Someone with an account." type Member @key(fields: "id") { "Their id." id: ID! }`,
);
const visits = subgraph(
  'visits',
  `type Member @key(fields: "id") { id: ID! "What they came for." visits(first: Int!): [Visit!] @requiresScopes(scopes: [["visits:read"]]) }
   "One visit." type Visit { "What it cost." price: Money "Whether one may come again." next: Availability "A guarded note." note: String @policy(policies: [["staff"]]) }`,
);

describe('composition', () => {
  test('keeps the guards and shares what is shared', () => {
    const supergraph = composeSubgraphs([members, visits]);
    expect(supergraph).toContain('@requiresScopes(scopes: [["visits:read"]])');
    expect(supergraph).toContain('@policy(policies: [["staff"]])');
    expect(supergraph).toContain('@authenticated');
    expect(toApiSchema(supergraph).getType('Money')?.toConfig()).toMatchObject({ name: 'Money' });
  });

  test('says the same for the same subgraphs, every time', () => {
    expect(composeSubgraphs([members, visits])).toBe(composeSubgraphs([members, visits]));
  });

  test('refuses what cannot compose, with its code', () => {
    const clash = subgraph('clash', '"Mine, too." type Query { me: String }');
    expect(() => composeSubgraphs([members, clash])).toThrow(/FIELD_TYPE_MISMATCH|INVALID_FIELD_SHARING/);
  });

  test.each([
    [
      'an input field that only one has',
      'input Filter { a: Int }',
      'input Filter { a: Int b: Int }',
      'INCONSISTENT_INPUT_OBJECT_FIELD',
    ],
    [
      'two descriptions of one thing',
      '"One." input Filter { a: Int }',
      '"Two." input Filter { a: Int }',
      'INCONSISTENT_DESCRIPTION',
    ],
    [
      'differing nullability',
      'type V @shareable { a: Int! }',
      'type V @shareable { a: Int }',
      'INCONSISTENT_BUT_COMPATIBLE_FIELD_TYPE',
    ],
    ['an enum nobody uses', 'enum Unused { A }', 'enum Unused { A }', 'UNUSED_ENUM_TYPE'],
  ])('a hint is an error: %s', (_, one, two, code) => {
    const uses = (name: string, sdl: string) => {
      const argument = sdl.includes('input') ? '(filter: Filter)' : '';
      const type = sdl.includes('type V') ? 'V' : 'Int';
      return subgraph(name, `type Query { ${name}${argument}: ${type} } ${sdl}`);
    };
    const compose = () => composeSubgraphs([uses('one', one), uses('two', two)]);
    expect(compose).toThrow(CompositionRefused);
    expect(compose).toThrow(code);
  });

  test("the shared part loads in a subgraph's own server", () => {
    expect(buildSubgraphSchema(parse(visits.sdl)).getType('AddressInput')).toBeDefined();
  });
});

describe("a subgraph's schema as text", () => {
  test('is refused when it links the federation specification again', () => {
    expect(() =>
      joinSdl('orders', shared, 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.3")'),
    ).toThrow(/orders/);
  });

  test.each(['../etc/passwd', 'Orders', '', 'nothere'])('there is none for %j', (name) => {
    expect(() => readSubgraphSdl(name)).toThrow(/subgraph/);
  });
});

describe('descriptions', () => {
  test('what has none is found, by its coordinate', () => {
    const api = toApiSchema(
      composeSubgraphs([
        subgraph(
          'bare',
          'type Query { a(x: Int): Bare } type Bare { b: Kind c(i: In): Int "Has one." d: Availability } enum Kind { ONE } input In { n: Int }',
        ),
      ]),
    );
    expect(findUndescribed(api).sort()).toEqual(
      ['Bare', 'Bare.b', 'Bare.c', 'Bare.c(i:)', 'In', 'In.n', 'Kind', 'Kind.ONE', 'Query.a', 'Query.a(x:)'].sort(),
    );
  });

  test('the shared part has all of its own', () => {
    const api = toApiSchema(composeSubgraphs([subgraph('small', 'type Query { "One." one: Availability }')]));
    expect(findUndescribed(api)).toEqual([]);
  });
});
