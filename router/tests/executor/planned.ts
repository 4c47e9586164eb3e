import type { PlanNode, QueryPlan } from '@apollo/query-planner';
import { ANONYMOUS } from '@ebuy/kernel';
import { buildSchema, parse } from 'graphql';
import { compileOperation, type ExecutionAnswer } from '../../src/executor/compile.ts';
import type { LoadedGraph } from '../../src/gateway/loaded-graph.ts';
import { type FetchContext, UpstreamFailure } from '../../src/upstream/upstream.ts';

/** What a subgraph was sent. */
export interface Sent {
  readonly subgraph: string;
  readonly query: string;
  readonly variables: Record<string, unknown>;
}

type Answer = object | string | UpstreamFailure;

/** A graph whose plans are written by hand, and whose subgraphs say what they are told to. */
export function plannedGraph(
  schema: string,
  node: PlanNode | undefined,
  answers: Readonly<Record<string, (sent: Sent) => Answer>>,
): { readonly graph: LoadedGraph; readonly sent: Sent[] } {
  const sent: Sent[] = [];
  const silent = () => undefined;
  const built = buildSchema(schema);
  const plan: QueryPlan = { kind: 'QueryPlan', ...(node === undefined ? {} : { node }) };
  const graph: LoadedGraph = {
    id: 'by hand',
    apiSchema: built,
    schema: built,
    overrideLabels: [],
    plan: () => plan,
    keys: { keyOf: ({ alias, name }) => (alias ?? name).value, toClientPath: (path) => path },
    upstreams: new Map(
      Object.entries(answers).map(([subgraph, answer]) => [
        subgraph,
        {
          async ask(body: string) {
            const { query, variables = {} } = JSON.parse(body) as {
              query: string;
              variables?: Record<string, unknown>;
            };
            sent.push({ subgraph, query, variables });
            const answered = answer({ subgraph, query, variables });
            if (answered instanceof UpstreamFailure) throw answered;
            const text = typeof answered === 'string' ? answered : JSON.stringify(answered);
            return { body: Buffer.from(text), cacheControl: 'max-age=60' };
          },
          close: async () => undefined,
        },
      ]),
    ),
    logger: { debug: silent, info: silent, warn: silent, error: silent } as unknown as LoadedGraph['logger'],
  };
  return { graph, sent };
}

export const CONTEXT: FetchContext = { caller: ANONYMOUS, correlationId: 'one', clientAddress: null, scope: '' };

export interface Executed {
  readonly answer: ExecutionAnswer;
  readonly data: unknown;
  readonly errors: ExecutionAnswer['errors'];
}

export async function execute(
  graph: LoadedGraph,
  text: string,
  variables: Record<string, unknown> = {},
): Promise<Executed> {
  const executable = compileOperation(graph, { document: parse(text), operationName: undefined });
  const answer = await executable.execute(variables, variables, CONTEXT);
  const { data } = JSON.parse(answer.json.toString()) as { data: unknown };
  return { answer, data, errors: answer.errors };
}

/** A fetch of fields of the root. */
export function rootFetch(serviceName: string, operation: string, more: object = {}): PlanNode {
  return { kind: 'Fetch', serviceName, operation, operationName: undefined, operationKind: 'query' as never, ...more };
}

/** A fetch of fields of the entities at a path. */
export function entityFetch(serviceName: string, path: string, type: string, fields: string, needs = 'id'): PlanNode {
  const field = (name: string) => ({ kind: 'Field' as const, name });
  return {
    kind: 'Flatten',
    path: path.split('.'),
    node: {
      kind: 'Fetch',
      serviceName,
      operation: `query($representations:[_Any!]!){_entities(representations:$representations){...on ${type}{${fields}}}}`,
      operationName: undefined,
      operationKind: 'query' as never,
      requires: [
        {
          kind: 'InlineFragment',
          typeCondition: type,
          selections: ['__typename', ...needs.split(' ')].map(field),
        },
      ],
    },
  };
}
