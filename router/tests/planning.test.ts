import { type PlanNode, type QueryPlan, type QueryPlanSelectionNode, serializeQueryPlan } from '@apollo/query-planner';
import { createLogger } from '@ebuy/runtime';
import { composeSubgraphs } from '@ebuy/schema/compose';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'graphql';
import { loadGraph } from '../src/gateway/load-graph.ts';
import type { LoadedGraph } from '../src/gateway/loaded-graph.ts';

const LINK = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key", "@external", "@requires", "@provides", "@interfaceObject", "@shareable"])`;

const stock = `${LINK}
  type Query { parcels: [Parcel!]! }
  type Parcel @key(fields: "id") {
    id: ID!
    label: String
    weight(unit: String = "g"): Int
    contents(first: Int!): [Thing!]!
    box: Box
  }
  type Thing @key(fields: "id") { id: ID! weight(unit: String): Int }
  type Box { volume(unit: String!): Int }
`;
const carrier = `${LINK}
  type Parcel @key(fields: "id") {
    id: ID!
    weight(unit: String = "g"): Int @external
    contents(first: Int!): [Thing!]! @external
    box: Box @external
    fee(class: Int): Int @requires(fields: "weight(unit: \\"kg\\") box { volume(unit: \\"l\\") }")
    exportFee: Int @requires(fields: "weight(unit: \\"lb\\")")
    plainFee: Int @requires(fields: "weight")
    risk: Int @requires(fields: "contents(first: 3) { weight(unit: \\"kg\\") }")
    name: String
  }
  type Thing @key(fields: "id") { id: ID! weight(unit: String): Int @external }
  type Box { volume(unit: String!): Int @external }
`;

const load = (subgraphs: Readonly<Record<string, string>>): Promise<LoadedGraph> =>
  loadGraph(
    composeSubgraphs(Object.entries(subgraphs).map(([name, sdl]) => ({ name, sdl }))),
    () => new Map(),
    createLogger('router', 'silent'),
  );

/** Each fetch as `subgraph path: operation <- what it requires`, in the order of the plan. */
function fetchesOf({ node }: QueryPlan): string[] {
  const list = (one: PlanNode, path: readonly (string | number)[]): string[] => {
    switch (one.kind) {
      case 'Sequence':
      case 'Parallel':
        return one.nodes.flatMap((inner) => list(inner, path));
      case 'Flatten':
        return list(one.node, [...path, ...one.path]);
      case 'Fetch': {
        const requires = one.requires === undefined ? '' : ` <- ${one.requires.map(textOf).join()}`;
        return [`${one.serviceName} ${path.join('.')}: ${one.operation}${requires}`];
      }
      default:
        throw new Error(`Not expected here: ${one.kind}`);
    }
  };
  return node === undefined || node.kind === 'Subscription' ? [] : list(node, []);
}

const textOf = (selection: QueryPlanSelectionNode): string => {
  const inner = selection.selections === undefined ? '' : `{${selection.selections.map(textOf).join(' ')}}`;
  if (selection.kind === 'InlineFragment') return `${selection.typeCondition ?? ''}${inner}`;
  return `${selection.alias === undefined ? '' : `${selection.alias}:`}${selection.name}${inner}`;
};

const entityBody = (fetch: string | undefined) => /\.\.\.on Parcel\{(.*)\}\}\}/.exec(fetch ?? '')?.[1];

describe('fields that are required with arguments', () => {
  const graph = load({ stock, carrier });
  const plan = async (query: string) => fetchesOf((await graph).plan(parse(query), undefined, new Map()));

  test('are fetched beside what the client asks for with others', async () => {
    const [first, second] = await plan('{parcels{fee weight(unit:"oz") box{volume(unit:"m3")}}}');
    expect(first).toContain('weight(unit:"oz")');
    expect(first).toMatch(/(weight__required\d):weight\(unit:"kg"\)/);
    expect(first).toContain('volume(unit:"m3")');
    expect(first).toMatch(/(volume__required\d):volume\(unit:"l"\)/);
    expect(entityBody(second)).toBe('fee');
    expect(second).toMatch(/weight__required\d:weight/);
  });

  test('are sent under their own names, renamed from the inside outwards', async () => {
    const { node } = (await graph).plan(parse('{parcels{risk}}'), undefined, new Map());
    const rewrites = [...JSON.stringify(node).matchAll(/"path":(\[[^\]]*\]),"renameKeyTo":"(\w+)"/g)];
    expect(rewrites.map(([, path, to]) => [(path ?? '').replaceAll(/\d/g, '#'), to])).toEqual([
      ['["contents__required#","weight__required#"]', 'weight'],
      ['["contents__required#"]', 'contents'],
    ]);
  });

  test('one subgraph is asked twice when its fields require the same field differently', async () => {
    const [, ...fetches] = await plan('query($class:Int){parcels{fee(class:$class) name exportFee plainFee}}');
    expect(fetches).toHaveLength(3);
    expect(fetches.map(entityBody).toSorted()).toEqual(['exportFee', 'fee(class:$class)name', 'plainFee']);
    for (const fetch of fetches) expect(fetch.match(/:weight(?!\()/g)).toHaveLength(1);
    const [withClass, ...others] = fetches.toSorted(
      (one, other) => Number(other.includes('fee(')) - Number(one.includes('fee(')),
    );
    expect(withClass).toContain('$class:Int');
    for (const other of others) expect(other).not.toContain('$class');
  });

  test('a field required without its arguments keeps apart from the client’s with them', async () => {
    const [first] = await plan('{parcels{plainFee weight(unit:"oz")}}');
    expect(first).toMatch(/weight__required\d:weight[ }]/);
    expect(first).toContain('weight(unit:"oz")');
  });

  test('clients do not see the stand-ins', async () => {
    const { apiSchema, schema } = await graph;
    for (const one of [apiSchema, schema])
      expect(JSON.stringify(one.getType('Parcel')?.toConfig())).not.toContain('__required');
  });
});

test('a subgraph is come back to by a key that it resolves', async () => {
  const catalog = `${LINK}
    type Query { first: Ware }
    type Ware @key(fields: "code", resolvable: false) @key(fields: "id") {
      id: ID! code: String! name: String @external title: String @requires(fields: "name")
    }`;
  const names = `${LINK} type Ware @key(fields: "id") { id: ID! name: String }`;
  const graph = await load({ catalog, names });
  const fetches = fetchesOf(graph.plan(parse('{first{title}}'), undefined, new Map()));
  expect(fetches.at(-1)).toMatch(/^catalog first: .*<- Ware\{__typename name id\}$/);
});

describe('what nobody can answer', () => {
  const nodes = `${LINK} interface Node @key(fields: "id") { id: ID! } type Query { any: Node }`;
  const notes = `${LINK} type Node @key(fields: "id", resolvable: false) @interfaceObject { id: ID! note: String } type Query { noted: Node named: Named } type Named { name: String }`;
  const graph = load({ nodes, notes });
  const plan = async (query: string) => serializeQueryPlan((await graph).plan(parse(query), undefined, new Map()));

  test('is refused instead of being left out', async () => {
    await expect(plan('{any{note}}')).rejects.toMatchObject({ extensions: { code: 'UNANSWERABLE' } });
    await expect(plan('query($if:Boolean!){noted{note} again:any @include(if:$if){note}}')).rejects.toThrow(/any/);
  });

  test.each([
    '{noted{note}}',
    '{any{id}}',
    '{__typename}',
    '{any{id} noted @skip(if:true){note}}',
    '{...@include(if:false){any{note}} noted{id}}',
    'query($if:Boolean!){any @skip(if:$if) @include(if:$if){note}}',
    'query($if:Boolean!){named @skip(if:$if){name @include(if:$if)}}',
    'query($if:Boolean!){noted{note} ...@skip(if:$if){any @include(if:$if){note}}}',
  ])('but not %s', async (query) => {
    await expect(plan(query)).resolves.toContain('QueryPlan');
  });
});
