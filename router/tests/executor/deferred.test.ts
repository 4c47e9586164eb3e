import { describe, expect, test } from '@jest/globals';
import { parse } from 'graphql';
import { compileOperation } from '../../src/executor/compile.ts';
import type { Increment } from '../../src/executor/deferral.ts';
import type { LoadedGraph } from '../../src/gateway/loaded-graph.ts';
import { UpstreamFailure } from '../../src/upstream/upstream.ts';
import { CONTEXT, entityFetch, plannedGraph, rootFetch, type Sent } from './planned.ts';

const SCHEMA = `
  directive @defer(label: String, if: Boolean! = true) on FRAGMENT_SPREAD | INLINE_FRAGMENT
  type Query { products: [Product!]! }
  type Product { id: ID! title: String price: Int! reviews: [Review!]! }
  type Review { id: ID! stars: Int }
`;
const TEXT = `query ($later: Boolean = true) {
  products { id ... @defer(label: "prices", if: $later) { price reviews { id ...Stars @defer } } }
}
fragment Stars on Review { stars }`;

const root = { ...rootFetch('catalog', '{products{__typename id}}'), id: '0' };
const inner = entityFetch('reviews', 'products.@.reviews.@', 'Review', 'stars');
const outer = entityFetch('prices', 'products.@', 'Product', 'price reviews{__typename id}');
/** As the planner has it: what is deferred names the fetches that it needs, and a deferred part may have parts of its own. */
const PLAN = {
  kind: 'Defer',
  primary: { node: root },
  deferred: [
    {
      label: 'deferred0',
      depends: [{ id: '0' }],
      queryPath: [],
      node: {
        kind: 'Defer',
        primary: { node: { ...outer, node: { ...(outer as { node: object }).node, id: '1' } } },
        deferred: [{ label: 'deferred1', depends: [{ id: '1' }], queryPath: [], node: inner }],
      },
    },
  ],
};

const entities = ({ variables }: Sent, value: (id: string) => object) => ({
  data: { _entities: (variables.representations as { id: string }[]).map(({ id }) => value(id)) },
});
const answers = {
  catalog: () => ({ data: { products: ['a', 'b'].map((id) => ({ __typename: 'Product', id })) } }),
  prices: (sent: Sent): object =>
    entities(sent, (id) => ({ price: 7, reviews: id === 'a' ? [{ __typename: 'Review', id: 'r' }] : [] })),
  reviews: (sent: Sent): object => entities(sent, () => ({ stars: 5 })),
};

function graphOf(changed: Partial<typeof answers> | { readonly prices: () => UpstreamFailure } = {}): LoadedGraph {
  return plannedGraph(SCHEMA, PLAN as never, { ...answers, ...changed }).graph;
}

async function told(graph: LoadedGraph, variables: Record<string, unknown> = { later: true }) {
  const executable = compileOperation(graph, { document: parse(TEXT), operationName: undefined });
  const answer = await executable.executeDeferred(variables, variables, CONTEXT);
  if (answer === null) return null;
  const increments: Increment[] = [];
  for await (const some of answer.increments) increments.push(...some);
  return { data: answer.data, errors: answer.errors, increments };
}

describe('deferred fragments', () => {
  test('come after the rest, each where it belongs, those within others after these', async () => {
    const answer = await told(graphOf());
    expect(answer?.data).toEqual({ products: [{ id: 'a' }, { id: 'b' }] });
    expect(answer?.errors).toEqual([]);
    expect(answer?.increments).toEqual([
      { path: ['products', 0], label: 'prices', data: { price: 7, reviews: [{ id: 'r' }] }, errors: [] },
      { path: ['products', 1], label: 'prices', data: { price: 7, reviews: [] }, errors: [] },
      { path: ['products', 0, 'reviews', 0], label: null, data: { stars: 5 }, errors: [] },
    ]);
  });

  test('that fail are null with their errors, and the rest stays as it was told', async () => {
    const answer = await told(graphOf({ prices: () => new UpstreamFailure('SERVICE_TIMEOUT') }));
    expect(answer?.data).toEqual({ products: [{ id: 'a' }, { id: 'b' }] });
    expect(answer?.errors).toEqual([]);
    expect(answer?.increments.map(({ path, data, errors }) => [path, data, errors.map((error) => error.path)])).toEqual(
      [
        [
          ['products', 0],
          null,
          [
            ['products', 0, 'price'],
            ['products', 0, 'reviews'],
          ],
        ],
        [
          ['products', 1],
          null,
          [
            ['products', 1, 'price'],
            ['products', 1, 'reviews'],
          ],
        ],
      ],
    );
  });

  test("have the errors that their own fetch's subgraph gave, where they stand", async () => {
    const answer = await told(
      graphOf({
        reviews: (sent) => ({
          ...entities(sent, () => ({ stars: null })),
          errors: [{ message: 'no stars', path: ['_entities', 0, 'stars'] }],
        }),
      }),
    );
    expect(answer?.increments.map(({ errors }) => errors.map(({ path }) => path))).toEqual([
      [],
      [],
      [['products', 0, 'reviews', 0, 'stars']],
    ]);
  });

  test('of objects that the client did not get do not come', async () => {
    const answer = await told(graphOf({ catalog: () => ({ data: { products: [] } }) }));
    expect(answer).toEqual({ data: { products: [] }, errors: [], increments: [] });
  });

  test('whose condition says so come with the rest', async () => {
    const node = { ...rootFetch('catalog', '{products{__typename id}}') };
    const { graph } = plannedGraph(SCHEMA, node, answers);
    const document = parse(TEXT.replace('...Stars @defer', '...Stars'));
    const executable = compileOperation(graph, { document, operationName: undefined });
    expect(executable.executeDeferred({ later: false }, { later: false }, CONTEXT)).toBeNull();
  });

  test('are not looked for in an operation without any', () => {
    const { graph } = plannedGraph(SCHEMA, root as never, answers);
    const executable = compileOperation(graph, { document: parse('{ products { id } }'), operationName: undefined });
    expect(executable.executeDeferred({}, {}, CONTEXT)).toBeNull();
  });
});
