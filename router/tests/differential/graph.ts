import { composeServices } from '@apollo/composition';
import { operationFromDocument, type Schema, Supergraph } from '@apollo/federation-internals';
import { type QueryPlan, QueryPlanner } from '@apollo/query-planner';
import { buildASTSchema, type DocumentNode, type GraphQLSchema, Kind, parse, visit } from 'graphql';
import { loadGraph } from '../../src/gateway/load-graph.ts';
import type { LoadedGraph } from '../../src/gateway/loaded-graph.ts';

/** The schemas of some subgraphs, by name, without the link that all begin with. */
export interface GraphText {
  readonly name: string;
  readonly subgraphs: Readonly<Record<string, string>>;
}

export interface TestSubgraph {
  readonly name: string;
  /** As it executes: with `_entities`, and without a word of federation. */
  readonly schema: GraphQLSchema;
  readonly document: DocumentNode;
}

/** Subgraphs composed. */
export interface TestGraph extends GraphText {
  readonly supergraphSdl: string;
  readonly apiSchema: GraphQLSchema;
  readonly schema: GraphQLSchema;
  readonly parts: ReadonlyMap<string, TestSubgraph>;
  /** As the router loads it; nobody is upstream. */
  readonly loaded: LoadedGraph;
  /** As Apollo has it. */
  readonly apollo: {
    readonly apiSchema: Schema;
    plan(document: DocumentNode, operationName: string | undefined, overrides: ReadonlyMap<string, boolean>): QueryPlan;
  };
}

const LINK = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: [
  "@key", "@shareable", "@external", "@requires", "@provides", "@override", "@interfaceObject", "@inaccessible", "@tag", "FieldSet"])
`;

/** @returns the graph, or why the subgraphs do not compose */
export async function compose(text: GraphText): Promise<TestGraph | string> {
  const documents = Object.entries(text.subgraphs).map(([name, sdl]) => ({ name, document: parse(`${LINK}${sdl}`) }));
  const result = composeServices(
    documents.map(({ name, document }) => ({ name, url: `http://${name}`, typeDefs: document })),
  );
  if (result.errors !== undefined) return result.errors.map(({ message }) => message).join('\n');
  const supergraph = Supergraph.build(result.supergraphSdl);
  const planner = new QueryPlanner(supergraph);
  const apiSchema = supergraph.apiSchema();
  const plans = new WeakMap<DocumentNode, QueryPlan>();
  return {
    ...text,
    supergraphSdl: result.supergraphSdl,
    apiSchema: apiSchema.toGraphQLJSSchema(),
    schema: supergraph.schema.toGraphQLJSSchema(),
    parts: new Map(documents.map(({ name, document }) => [name, { name, document, schema: executable(document) }])),
    loaded: await loadGraph(result.supergraphSdl, () => new Map(), SILENT as never),
    apollo: {
      apiSchema,
      plan(document, operationName, overrideConditions) {
        const known = plans.get(document);
        if (known !== undefined) return known;
        const plan = planner.buildQueryPlan(
          operationFromDocument(apiSchema, document, operationName === undefined ? {} : { operationName }),
          {
            overrideConditions: new Map(overrideConditions),
          },
        );
        plans.set(document, plan);
        return plan;
      },
    },
  };
}

const silence = () => {};
export const SILENT = { trace: silence, debug: silence, info: silence, warn: silence, error: silence, fatal: silence };

/** @throws Error saying why, when they do not compose */
export async function mustCompose(text: GraphText): Promise<TestGraph> {
  const graph = await compose(text);
  if (typeof graph === 'string') throw new Error(`${text.name} does not compose:\n${graph}`);
  return graph;
}

/** What the federation library makes of a subgraph's schema, as far as execution sees it. */
function executable(document: DocumentNode): GraphQLSchema {
  const entities: string[] = [];
  let hasQuery = false;
  visit(document, {
    ObjectTypeDefinition(node) {
      if (node.name.value === 'Query') hasQuery = true;
      if (node.directives?.some(({ name }) => name.value === 'key') === true) entities.push(node.name.value);
    },
  });
  const query = `${hasQuery ? 'extend ' : ''}type Query`;
  const entrance =
    entities.length === 0
      ? `${query} { _service: _Service } type _Service { sdl: String }`
      : `${query} { _entities(representations: [_Any!]!): [_Entity]! } scalar _Any union _Entity = ${[...new Set(entities)].join(' | ')}`;
  const definitions = [
    ...document.definitions.filter(({ kind }) => kind !== Kind.SCHEMA_EXTENSION),
    ...parse(entrance).definitions,
  ];
  return buildASTSchema({ kind: Kind.DOCUMENT, definitions }, { assumeValidSDL: true });
}
