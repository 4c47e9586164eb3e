import { createLogger } from '@ebuy/runtime';
import { composeSubgraphs } from '@ebuy/schema/compose';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'graphql';
import { compileOperation } from '../src/executor/compile.ts';
import { loadGraph } from '../src/gateway/load-graph.ts';
import type { FetchContext, Upstream } from '../src/upstream/upstream.ts';

const LINK = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key", "@external", "@requires", "@interfaceObject"])`;

interface Ask {
  readonly query: string;
  readonly variables: Readonly<Record<string, readonly Record<string, unknown>[]>>;
  /** Of a request for entities of one kind. */
  readonly representations: readonly Record<string, unknown>[];
}
type Answers = Readonly<Record<string, (ask: Ask) => unknown>>;

const CONTEXT = { correlationId: 'test', clientAddress: null, scope: '' } as unknown as FetchContext;

/** Executes over subgraphs that answer as given. */
async function execute(subgraphs: Readonly<Record<string, string>>, answers: Answers, query: string) {
  const asked: Ask[] = [];
  const upstream = (name: string): Upstream => ({
    async ask(body) {
      const { query: text, variables = {} } = JSON.parse(body);
      const ask: Ask = { query: text, variables, representations: variables.representations ?? [] };
      asked.push(ask);
      return { body: Buffer.from(JSON.stringify(answers[name]?.(ask))), cacheControl: null };
    },
    close: async () => {},
  });
  const graph = await loadGraph(
    composeSubgraphs(Object.entries(subgraphs).map(([name, sdl]) => ({ name, sdl }))),
    (names) => new Map(names.map((name) => [name, upstream(name)])),
    createLogger('router', 'silent'),
  );
  const executable = compileOperation(graph, { document: parse(query), operationName: undefined });
  const { json, errors } = await executable.execute({}, {}, CONTEXT);
  return { data: JSON.parse(json.toString()).data, errors, asked };
}

describe('aliases that are names of what plans fetch unasked', () => {
  const stock = `${LINK} type Query { parcel: Parcel } type Parcel @key(fields: "id") { id: ID! label: String weight: Int }`;
  const carrier = `${LINK} type Parcel @key(fields: "id") { id: ID! weight: Int @external fee: Int @requires(fields: "weight") }`;
  const answers: Answers = {
    stock: ({ query }) => {
      const keys = [...query.matchAll(/(?:(\w+):)?(__typename|id|label|weight)\b/g)];
      const value = { __typename: 'Parcel', id: 'p1', label: 'fragile', weight: 7 };
      return {
        data: {
          parcel: Object.fromEntries(keys.map(([, alias, name]) => [alias ?? name, value[name as keyof typeof value]])),
        },
      };
    },
    carrier: ({ representations }) => ({
      data: { _entities: representations.map(({ weight }) => ({ fee: Number(weight) * 10 })) },
    }),
  };

  test.each([
    ['{parcel{id:label fee}}', { id: 'fragile', fee: 70 }],
    ['{parcel{weight:label fee}}', { weight: 'fragile', fee: 70 }],
    ['{parcel{weight:id id:weight fee}}', { weight: 'p1', id: 7, fee: 70 }],
    ['{parcel{__typename:label kind:__typename fee}}', { __typename: 'fragile', kind: 'Parcel', fee: 70 }],
    ['{parcel{id:__typename fee}}', { id: 'Parcel', fee: 70 }],
  ])('%s', async (query, parcel) => {
    const { data, errors, asked } = await execute({ stock, carrier }, answers, query);
    expect(errors).toEqual([]);
    expect(data).toEqual({ parcel });
    expect(asked.at(-1)?.representations).toEqual([{ __typename: 'Parcel', id: 'p1', weight: 7 }]);
  });

  test('have their own names in errors, too', async () => {
    const failing: Answers = {
      ...answers,
      stock: ({ query }) => ({
        data: { parcel: { __typename: 'Parcel', id: 'p1', weight: 7 } },
        errors: [{ message: 'No label', path: ['parcel', /(\w+):label/.exec(query)?.[1]] }],
      }),
    };
    const { data, errors } = await execute({ stock, carrier }, failing, '{parcel{id:label fee}}');
    expect(data).toEqual({ parcel: { id: null, fee: 70 } });
    expect(errors).toMatchObject([{ message: 'No label', path: ['parcel', 'id'] }]);
  });
});

describe('fields required with arguments', () => {
  const stock = `${LINK} type Query { parcels: [Parcel!]! } type Parcel @key(fields: "id") { id: ID! weight(unit: String!): Int }`;
  const carrier = `${LINK} type Parcel @key(fields: "id") {
    id: ID! weight(unit: String!): Int @external
    fee: Int @requires(fields: "weight(unit: \\"kg\\")")
    exportFee: Int @requires(fields: "weight(unit: \\"lb\\")")
  }`;
  const units: Readonly<Record<string, number | null>> = { kg: 0, lb: null, oz: 35 };
  const answers: Answers = {
    stock: ({ query }) => {
      const weights = [...query.matchAll(/(?:(\w+):)?weight\(unit:"(\w+)"\)/g)];
      const weighed = Object.fromEntries(weights.map(([, alias = 'weight', unit = '']) => [alias, units[unit]]));
      return { data: { parcels: [{ __typename: 'Parcel', id: 'p1', ...weighed }] } };
    },
    carrier: ({ query, variables }) => {
      // Two fetches may come as one request, each under a key of its own.
      const fields = [
        ...query.matchAll(/(?:(\w+):)?_entities\(representations:\$(\w+)\)\{\.\.\.on Parcel\{(\w+)\}\}/g),
      ];
      return {
        data: Object.fromEntries(
          fields.map(([, key = '_entities', variable = '', field = '']) => [
            key,
            variables[variable]?.map(({ weight }) => ({ [field]: weight })),
          ]),
        ),
      };
    },
  };

  test('reach the subgraph under their own names, each value with its arguments, nothing and null included', async () => {
    const fee = await execute({ stock, carrier }, answers, '{parcels{fee weight(unit:"oz")}}');
    expect(fee.data).toEqual({ parcels: [{ fee: 0, weight: 35 }] });
    expect(fee.asked.at(-1)?.representations).toEqual([{ __typename: 'Parcel', id: 'p1', weight: 0 }]);
    const exportFee = await execute({ stock, carrier }, answers, '{parcels{weight(unit:"kg") exportFee}}');
    expect(exportFee.asked.at(-1)?.representations).toEqual([{ __typename: 'Parcel', id: 'p1', weight: null }]);
  });

  test('that differ do not meet in one representation', async () => {
    const { data, errors } = await execute({ stock, carrier }, answers, '{parcels{fee exportFee weight(unit:"oz")}}');
    expect({ data, errors }).toEqual({ data: { parcels: [{ fee: 0, exportFee: null, weight: 35 }] }, errors: [] });
  });
});

describe('objects of which a subgraph knows the interface alone', () => {
  const nodes = `${LINK}
    interface Node @key(fields: "id") { id: ID! }
    type Book implements Node @key(fields: "id") { id: ID! pages: Int }
    type Query { node: Node }`;
  const notes = `${LINK} type Node @key(fields: "id") @interfaceObject { id: ID! note: String } type Query { noted: [Node] }`;
  const answers: Answers = {
    notes: ({ query }) => ({
      data: { noted: [{ ...(query.includes('__typename') ? { __typename: 'Node' } : {}), id: 'n1', note: 'x' }] },
    }),
    nodes: () => ({ data: { _entities: [null] } }),
  };

  test('are answered when no more is asked of them', async () => {
    expect((await execute({ nodes, notes }, answers, '{noted{note}}')).data).toEqual({ noted: [{ note: 'x' }] });
    const spread = await execute({ nodes, notes }, answers, '{noted{...on Node{note}}}');
    expect(spread).toMatchObject({ data: { noted: [{ note: 'x' }] }, errors: [] });
  });

  test.each(['{noted{__typename note}}', '{noted{note ...on Book{pages}}}'])(
    'are null with an error when their type is needed and nobody knows it: %s',
    async (query) => {
      const { data, errors } = await execute({ nodes, notes }, answers, query);
      expect(data).toEqual({ noted: [null] });
      expect(errors).toMatchObject([{ path: ['noted', 0] }]);
    },
  );
});
