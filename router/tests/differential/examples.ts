import type { Fault } from './faults.ts';

/** A case for which a rule is needed. */
export interface Example {
  readonly rule: string;
  readonly graph: 'shop' | 'media' | 'moves' | 'shapes';
  readonly text: string;
  readonly variables?: Record<string, unknown>;
  readonly faults?: readonly Fault[];
  /** Of the world. */
  readonly seed?: number;
  readonly labels?: number;
}

const at = (subgraph: string, key: string, field: string) => ({ subgraph, key, field });

/** The smallest cases that show each difference; each was once found by a generated one. */
export const EXAMPLES: readonly Example[] = [
  {
    rule: 'order of keys',
    graph: 'shop',
    text: '{ version __type(name: "Query") { name __typename } }',
  },
  {
    rule: 'lists in lists',
    graph: 'shapes',
    text: '{ pieces { leftOnly rightOnly same } }',
  },
  {
    rule: 'a renamed key with an empty value',
    graph: 'shapes',
    text: '{ right { form { ... on Round { label size } ... on Flat { label size } } } }',
    seed: 0,
  },
  {
    rule: 'a renamed key with an empty value',
    graph: 'shapes',
    text: '{ forms { ... on Round { label size } ... on Flat { label size } } }',
    seed: 5,
  },
  {
    rule: 'introspection in a fragment',
    graph: 'shop',
    text: 'query Q($no: Boolean!) { version ...F @skip(if: $no) } fragment F on Query { __schema { queryType { name } } }',
    variables: { no: false },
  },
  {
    rule: 'a fragment on another interface at an @interfaceObject',
    graph: 'media',
    text: '{ worst { ... on Named { name } stars } }',
  },
  {
    rule: 'a selection of which nothing is left',
    graph: 'media',
    text: 'query Q($no: Boolean!) { people @skip(if: $no) { age @skip(if: true) } worst { stars } }',
    variables: { no: false },
  },
  {
    rule: 'a fragment on a type within a fragment on a wider one',
    graph: 'shapes',
    text: '{ root { ... on Shape { ... on Node { kind } } } }',
  },
  {
    rule: 'an alias that is the name of another field',
    graph: 'moves',
    text: '{ order { id: code risk } }',
  },
  {
    rule: 'what only a skipped field requires',
    graph: 'moves',
    text: 'query Q($no: Boolean!) { orders { risk @include(if: true) ...F } } fragment F on Order { watch @skip(if: $no) { __typename } }',
    variables: { no: true },
  },
  {
    rule: 'the name of an interface instead of a type',
    graph: 'media',
    text: '{ anything { ...F } } fragment F on Book { ... on Media { __typename } stars }',
    seed: 9,
  },
  {
    rule: 'one wrong shape, no answer at all',
    graph: 'shop',
    text: '{ version featured { parts { number } } }',
    faults: [{ at: at('products', 'Product:0', 'Product.parts'), kind: 'text' }],
    seed: 0,
  },
  {
    rule: 'asked of another subgraph',
    graph: 'shapes',
    text: '{ both { __typename } right @include(if: false) { valueOf } }',
    faults: [{ at: at('left', 'Query', 'Query.both'), kind: 'missing' }],
    seed: 0,
  },
  {
    rule: 'a key under an alias of its name',
    graph: 'shop',
    text: '{ latest { product { sku: name } } }',
    faults: [{ at: at('products', 'Product:0', '_entities'), kind: 'null' }],
  },
  {
    rule: 'a merge that breaks off',
    graph: 'moves',
    text: '{ ... { byCode { score } byCode { ... { risk } } } byCode { ... { note } } }',
    faults: [{ at: at('old', 'Order:1', 'Order.code'), kind: 'object' }],
  },
  {
    rule: 'a required field of an @interfaceObject, asked of some of its types',
    graph: 'media',
    text: '{ shelf { ... on Book { label } stars } }',
    seed: 0,
  },
  {
    rule: 'an empty list for an object',
    graph: 'shop',
    text: '{ featured { size { width } } }',
    faults: [{ at: at('products', 'Product:0', 'Product.size'), kind: 'empty list' }],
    seed: 0,
  },
  {
    rule: 'a wrong __typename where only one type can stand',
    graph: 'shop',
    text: '{ featured { __typename sku } }',
    faults: [{ at: at('products', 'Product:0', 'Product.__typename'), kind: 'text' }],
    seed: 0,
  },
  {
    rule: 'an object that does not say its type',
    graph: 'media',
    text: '{ worst { ... on Movie { minutes } } }',
    faults: [{ at: at('library', 'Book:0', '_entities'), kind: 'null' }],
    seed: 1,
  },
  {
    rule: 'a failed fetch that the client misses nothing of',
    graph: 'shop',
    text: `query Q($a: Boolean!, $b: Boolean!, $c: Boolean!, $d: Boolean!, $e: Boolean!) {
      featured { sku @skip(if: $c) name @skip(if: $d) sort @skip(if: $e) available @skip(if: $a) warehouses @skip(if: $b) { id } }
    }`,
    variables: { a: true, b: true, c: false, d: false, e: false },
    faults: [{ subgraph: 'stock', kind: 'fewer entities' }],
  },
  {
    rule: 'another number of entities than was asked for',
    graph: 'shop',
    text: '{ featured { available } }',
    faults: [{ subgraph: 'stock', kind: 'fewer entities' }],
  },
  {
    rule: 'errors in an answer with another number of entities',
    graph: 'shop',
    text: '{ featured { available warehouses { id } } }',
    faults: [
      { subgraph: 'stock', kind: 'more entities' },
      { at: at('stock', 'Product:0', 'Product.available'), kind: 'error' },
    ],
    seed: 0,
  },
  {
    rule: 'an error without a message',
    graph: 'shop',
    text: '{ version featured { sku } }',
    faults: [{ subgraph: 'products', kind: 'error without a message' }],
  },
  {
    rule: 'an error of its own making',
    graph: 'media',
    text: '{ worst { __typename } }',
    faults: [{ at: at('library', 'Record:0', 'Record.__typename'), kind: 'object' }],
    seed: 7,
  },
];
