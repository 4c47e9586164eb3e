import { executeQueryPlan } from '@apollo/gateway/dist/executeQueryPlan.js';
import { buildOperationContext } from '@apollo/gateway/dist/operationContext.js';
import { ANONYMOUS } from '@ebuy/kernel';
import { executeSync, type GraphQLFormattedError, getVariableValues, Kind } from 'graphql';
import { compileOperation } from '../../src/executor/compile.ts';
import type { LoadedGraph } from '../../src/gateway/loaded-graph.ts';
import { type FetchContext, type Upstream, UpstreamFailure } from '../../src/upstream/upstream.ts';
import { Unanswered } from './faults.ts';
import { SILENT, type TestGraph } from './graph.ts';
import type { Operation } from './operation.ts';
import { requiredOf } from './required.ts';
import type { AskSubgraph } from './subgraph.ts';
import type { Thing, World } from './world.ts';

export interface Answer {
  /** JSON text: the order of the keys counts. `undefined` where the answer had no data. */
  readonly text: string | undefined;
  readonly errors: readonly GraphQLFormattedError[];
  /** What was sent to the subgraphs. */
  readonly requests: readonly string[];
}

export interface Asked {
  readonly graph: TestGraph;
  readonly operation: Operation;
  /** Labels of progressive @override that are on. */
  readonly overrides: ReadonlyMap<string, boolean>;
}

/** By graphql-js over the schema that clients see, as if there were no subgraphs: what the specification says. */
export function byTheSpecification({ graph, operation }: Asked, world: World): Answer {
  const result = executeSync({
    schema: graph.apiSchema,
    document: operation.document,
    operationName: operation.operationName ?? null,
    variableValues: operation.variables,
    rootValue: null,
    fieldResolver(source: Thing | null, args, _context, { fieldName, parentType }) {
      const thing = source ?? { typename: parentType.name, key: parentType.name };
      return world.read(thing, fieldName, args, requiredOf(world, graph.schema, thing, fieldName, true));
    },
    typeResolver: ({ typename }: Thing) => typename,
  });
  return { text: JSON.stringify(result.data), errors: (result.errors ?? []).map((one) => one.toJSON()), requests: [] };
}

/** By @apollo/gateway's own executor. */
export async function byApollo({ graph, operation, overrides }: Asked, ask: AskSubgraph): Promise<Answer> {
  const requests: string[] = [];
  const process =
    (name: string) =>
    async ({ request }: { request: Record<string, unknown> }) => {
      const { query, variables, operationName } = request as {
        query: string;
        variables: Record<string, unknown>;
        operationName?: string;
      };
      requests.push(describe(name, query, variables));
      try {
        return JSON.parse(JSON.stringify(ask(name, { query, variables: plain(variables), operationName })));
      } catch (error) {
        if (error instanceof Unanswered) return { data: null, errors: [new UpstreamFailure('SERVICE_UNAVAILABLE')] };
        throw error;
      }
    };
  const services = Object.fromEntries([...graph.parts.keys()].map((name) => [name, { process: process(name) }]));
  const { document, variables, operationName } = operation;
  const result = await executeQueryPlan(
    graph.apollo.plan(document, operationName, overrides),
    services as never,
    { request: { variables: { ...variables } }, logger: SILENT, metrics: {}, context: {} } as never,
    buildOperationContext({ schema: graph.apiSchema, operationDocument: document, operationName } as never),
    graph.schema,
    // The planner's own form of the schema, which is what the gateway hands in.
    graph.apollo.apiSchema as never,
  );
  const errors = (result.errors ?? []) as readonly GraphQLFormattedError[];
  return {
    text: result.data === undefined ? undefined : JSON.stringify(result.data),
    errors: errors.map(format),
    requests,
  };
}

/** By the router: compiled once, and then executed by whatever subgraphs there are. */
export function compileOurs({ graph, operation, overrides }: Asked): (ask: AskSubgraph) => Promise<Answer> {
  let subgraphs: AskSubgraph;
  let requests: string[] = [];
  let broken: unknown[] = [];
  const upstream = (name: string): Upstream => ({
    async ask(body) {
      const request = JSON.parse(body) as {
        query: string;
        variables?: Record<string, unknown>;
        operationName?: string;
      };
      requests.push(describe(name, request.query, request.variables));
      try {
        return { body: Buffer.from(JSON.stringify(subgraphs(name, request))), cacheControl: null };
      } catch (error) {
        if (error instanceof Unanswered && error.kind === 'broken JSON')
          return { body: Buffer.from('{"data":{'), cacheControl: null };
        if (error instanceof Unanswered) throw new UpstreamFailure('SERVICE_UNAVAILABLE');
        broken.push(error);
        throw error;
      }
    },
    close: async () => {},
  });
  const loaded: LoadedGraph = {
    ...graph.loaded,
    upstreams: new Map([...graph.parts.keys()].map((name) => [name, upstream(name)])),
  };
  const { document, variables, operationName } = operation;
  const executable = compileOperation(loaded, { document, operationName, overrides });
  const coerced = coercedOf(graph, operation);
  return async (ask) => {
    subgraphs = ask;
    requests = [];
    broken = [];
    const answer = await executable.execute(variables, coerced, CONTEXT);
    // The subgraphs of the test refuse what no router may send; an executor is not to hide that.
    if (broken.length > 0) throw broken[0];
    const text = answer.json.toString();
    if (!text.startsWith('{"data":') || !text.endsWith('}')) throw new Error(`Not an answer: ${text}`);
    return { text: text.slice('{"data":'.length, -1), errors: answer.errors.map(format), requests };
  };
}

/** With defaults, as conditions are read. @throws Error for variables that are not the operation's */
export function coercedOf(graph: TestGraph, { document, variables }: Operation): Record<string, unknown> {
  const definition = document.definitions.find((one) => one.kind === Kind.OPERATION_DEFINITION);
  const values = getVariableValues(
    graph.apiSchema,
    definition?.kind === Kind.OPERATION_DEFINITION ? (definition.variableDefinitions ?? []) : [],
    variables,
  );
  if (values.coerced === undefined) throw new Error(`The variables do not fit: ${values.errors?.join('; ')}`);
  return values.coerced;
}

const CONTEXT: FetchContext = { caller: ANONYMOUS, correlationId: 'differential', clientAddress: null, scope: '' };

const plain = (variables: Record<string, unknown>) => JSON.parse(JSON.stringify(variables)) as Record<string, unknown>;

function describe(name: string, query: string, variables: unknown): string {
  return `${name}: ${query.replace(/\s+/g, ' ')} ${JSON.stringify(variables ?? {})}`;
}

function format(error: GraphQLFormattedError): GraphQLFormattedError {
  const { message, path, extensions } = error;
  return {
    message,
    ...(path === undefined ? {} : { path: [...path] }),
    ...(extensions === undefined ? {} : { extensions }),
  };
}
