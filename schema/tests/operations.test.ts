import { describe, expect, test } from '@jest/globals';
import { buildSchema } from 'graphql';
import { clientNames, readOperations } from '../src/index.ts';
import { collectPending, findGrowth, judgeOperation, splitOperations } from '../src/operations.ts';

const schema = buildSchema('type Query { product(slug: String!): Product } type Product { title: String }');
const judge = (text: string) => {
  const [operation] = splitOperations('mobile', text);
  if (operation === undefined) throw new Error('The fixture has no operation.');
  return judgeOperation(schema, operation);
};

describe('an operation is', () => {
  test('pending while only its subgraph serves it', () => {
    const live = buildSchema('type Query { a: Int } type Subscription { told: Int }');
    const [operation] = splitOperations('mobile', 'subscription A { told }');
    expect(operation && judgeOperation(live, operation).missing).toEqual(['subscriptions through the router']);
  });

  test('served when the schema has all of it', () => {
    expect(judge('query A($s: String!) { product(slug: $s) { title } }')).toMatchObject({ missing: [], errors: [] });
  });

  test.each([
    ['a field', 'query A { product(slug: "x") { title reviews { stars } } }', ['Product.reviews']],
    ['an argument', 'query A { product(slug: "x", draft: true) { title } }', ['Query.product(draft:)']],
    ['a type', 'query A($in: FilterInput) { search(in: $in) { a } }', ['FilterInput', 'Query.search']],
    ['an operation type', 'mutation A { buy { a } }', ['Mutation']],
    ['a subscription', 'subscription A { told { a } }', ['Subscription', 'subscriptions through the router']],
  ])('pending when it names %s that is not there yet', (_, text, missing) => {
    expect(judge(text)).toMatchObject({ missing, errors: [] });
  });

  test.each([
    ['leaves a required argument out', 'query A { product { title } }', /slug/],
    ['gives the wrong type', 'query A { product(slug: 1) { title } }', /String cannot represent/],
    ['selects nothing of an object', 'query A { product(slug: "x") }', /selection of subfields/],
    ['declares a variable it never uses', 'query A($s: String) { product(slug: "x") { title } }', /never used/],
  ])('wrong, whatever the schema will have, when it %s', (_, text, message) => {
    expect(judge(text).errors.join()).toMatch(message);
  });
});

describe("a client's file", () => {
  test.each([
    ['nameless operations', '{ a }', /name/],
    ['fragments nobody spreads', 'fragment F on Product { title } query A { a }', /fragments F/],
    ['spreads of no fragment', 'query A { ...F }', /F does not exist/],
    ['two of one name', 'query A { a } query A { b }', /share a name/],
    ['definitions', 'type T { a: Int }', /only operations/],
  ])('is refused for %s', (_, text, message) => {
    expect(() => splitOperations('console', text)).toThrow(message);
  });

  test('is split into documents that stand alone, fragments of fragments included', () => {
    const [operation] = splitOperations(
      'console',
      'fragment Outer on Product { ...Inner } fragment Inner on Product { title } query A { product(slug: "x") { ...Outer } }',
    );
    expect(operation?.document.definitions).toHaveLength(3);
  });

  test.each(clientNames)('%s.graphql splits', (client) => {
    expect(splitOperations(client, readOperations(client)).length).toBeGreaterThan(2);
  });
});

test('the list of pending operations may shrink, never grow', () => {
  const before = { mobile: { Home: ['Query.collections'], Product: ['Query.product'] } };
  const verdict = judge('query Home { collections { a } }');
  expect(findGrowth(before, collectPending([verdict]))).toEqual([]);
  expect(findGrowth({ storefront: before.mobile }, collectPending([verdict]))).toEqual(['mobile.Home']);
});
