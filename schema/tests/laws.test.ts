import { describe, expect, test } from '@jest/globals';
import { buildSchema } from 'graphql';
import { findHardGuards, findLawBreaks } from '../src/laws.ts';

const lawful = `
  type Query { product: Product products(first: Int!, after: String): ProductConnection }
  type Mutation { shipOrder(input: ShipOrderInput!): ShipOrderPayload }
  interface UserError { message: String! field: [String!] }
  input ShipOrderInput { orderId: ID! }
  type ShipOrderPayload { product: Product userErrors: [OrderError!]! }
  type OrderError implements UserError { code: OrderErrorCode! message: String! field: [String!] }
  enum OrderErrorCode { NOT_FOUND IN_2_DAYS }
  type Product { id: ID! }
  type ProductConnection { nodes: [Product!]! edges: [ProductEdge!]! pageInfo: PageInfo! }
  type ProductEdge { node: Product! cursor: String! }
  type PageInfo { hasNextPage: Boolean! }
`;
const breaksAfter = (from: string, to: string): string[] => {
  expect(lawful).toContain(from);
  return findLawBreaks(buildSchema(lawful.replace(from, to)));
};

test('a lawful graph breaks none', () => {
  expect(findLawBreaks(buildSchema(lawful))).toEqual([]);
});

describe('a break is found:', () => {
  test.each([
    [
      'a root field that cannot be null',
      '{ product: Product products',
      '{ product: Product! products',
      /^Query.product must be nullable/,
    ],
    [
      'a mutation that cannot be null',
      '): ShipOrderPayload }',
      '): ShipOrderPayload! }',
      /^Mutation.shipOrder must be nullable/,
    ],
    [
      'an input of another name',
      'shipOrder(input: ShipOrderInput!)',
      'shipOrder(order: ShipOrderInput!)',
      /^Mutation.shipOrder must take/,
    ],
    [
      'an input that may be left out',
      'shipOrder(input: ShipOrderInput!)',
      'shipOrder(input: ShipOrderInput)',
      /^Mutation.shipOrder must take/,
    ],
    [
      'a second argument',
      'shipOrder(input: ShipOrderInput!)',
      'shipOrder(input: ShipOrderInput!, id: ID)',
      /^Mutation.shipOrder must take/,
    ],
    ['no payload', '): ShipOrderPayload }', '): Product }', /^Mutation.shipOrder must return ShipOrderPayload/],
    [
      'a payload that cannot refuse',
      'userErrors: [OrderError!]! }',
      'refusals: [OrderError!]! }',
      /^ShipOrderPayload.userErrors/,
    ],
    [
      'user errors that may be missing',
      'userErrors: [OrderError!]! }',
      'userErrors: [OrderError!] }',
      /^ShipOrderPayload.userErrors/,
    ],
    ['an error that is no user error', 'OrderError implements UserError', 'OrderError', /^OrderError must implement/],
    ['a code that is a text', 'code: OrderErrorCode!', 'code: String!', /^OrderError.code/],
    ['a list that grows but is no connection', 'ProductConnection }', '[Product!] }', /^Query.products takes first/],
    ['a connection without nodes', '{ nodes: [Product!]! edges', '{ edges', /^Query.products takes first/],
    ['an enum value in small letters', 'IN_2_DAYS', 'in2days', /^OrderErrorCode.in2days/],
  ])('%s', (_, from, to, expected) => {
    expect(breaksAfter(from, to)).toEqual([expect.stringMatching(expected)]);
  });
});

test('guarded fields that are not nullable are found, by their own guard or their type’s', () => {
  const supergraph = buildSchema(`
    directive @authenticated on FIELD_DEFINITION | OBJECT
    type Query { me: User @authenticated you: User! @authenticated stock: Stock! mine: Stock open: User! }
    type User { id: ID! }
    type Stock @authenticated { onHand: Int! }
  `);
  expect(findHardGuards(supergraph)).toEqual([
    'Query.you is guarded and must be nullable.',
    'Query.stock is guarded and must be nullable.',
  ]);
});
