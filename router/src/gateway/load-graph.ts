import { operationFromDocument, type Schema } from '@apollo/federation-internals';
import { ApolloGateway, type GatewayConfig } from '@apollo/gateway';
import type { QueryPlan, QueryPlanner } from '@apollo/query-planner';
import type { Logger } from '@ebuy/runtime';
import {
  buildASTSchema,
  type ConstDirectiveNode,
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  Kind,
  parse,
  visit,
} from 'graphql';
import { hashOf } from '../documents.ts';
import type { Upstream } from '../upstream/upstream.ts';
import type { LoadedGraph } from './loaded-graph.ts';
import { toPlannerSupergraph } from './planner-supergraph.ts';
import { preparePlanning } from './planning.ts';
import { spellOut } from './spelled-out.ts';

/**
 * Operations are planned once, on the thread that serves: a hostile one must not hold it for seconds. Fragments are not sought again in
 * what is sent to subgraphs, which is most of a large operation's planning; the planner's own limits on selections hold besides.
 */
const PLANNING: NonNullable<GatewayConfig['queryPlannerConfig']> = {
  reuseQueryFragments: false,
  generateQueryFragments: false,
  incrementalDelivery: { enableDefer: true },
  debug: { maxEvaluatedPlans: 1_000, pathsLimit: 1_000 },
};

/** What ApolloGateway makes of a supergraph, private in its types only. */
interface Internals {
  readonly apiSchema: Schema;
  readonly queryPlanner: QueryPlanner;
}

/**
 * Loads a supergraph through ApolloGateway, which checks it and plans; each has one of its own, so that what does not load has touched nothing.
 *
 * @param upstreamsOf called once, with the names of its subgraphs
 * @throws Error when it is no sound supergraph, or whatever upstreamsOf throws
 */
export async function loadGraph(
  supergraphSdl: string,
  upstreamsOf: (subgraphs: readonly string[]) => ReadonlyMap<string, Upstream>,
  logger: Logger,
): Promise<LoadedGraph> {
  const document = parse(supergraphSdl, { noLocation: true });
  const upstreams = upstreamsOf(argumentsOf(document, 'join__graph', 'name'));
  const schema = buildASTSchema(document, { assumeValid: true, assumeValidSDL: true });
  const planning = preparePlanning(document, schema);
  const { apiSchema: plannerSchema, queryPlanner } = await loadApollo(planning.supergraphSdl, logger);
  const apiSchema = plannerSchema.toGraphQLJSSchema({ includeDefer: true });
  return {
    id: hashOf(supergraphSdl),
    apiSchema,
    schema,
    overrideLabels: argumentsOf(document, 'join__field', 'overrideLabel'),
    plan(operation, operationName, overrides) {
      try {
        const renamed = planning.keys.rename(operation);
        const plan = (planned: DocumentNode) =>
          queryPlanner.buildQueryPlan(
            operationFromDocument(plannerSchema, planned, operationName === undefined ? {} : { operationName }),
            { overrideConditions: new Map(overrides) },
          );
        return planning.mend(orSpelledOut(plan, renamed, apiSchema), renamed, operationName);
      } catch (error) {
        throw toGraphQLError(error);
      }
    },
    keys: planning.keys,
    upstreams,
    logger,
  };
}

function orSpelledOut(plan: (document: DocumentNode) => QueryPlan, document: DocumentNode, schema: GraphQLSchema) {
  try {
    return plan(document);
  } catch (error) {
    if (!(error instanceof Error) || !FAILS_ON_FRAGMENT.test(error.message)) throw error;
    return plan(spellOut(document, schema));
  }
}

/** See spelled-out.ts. */
const FAILS_ON_FRAGMENT = /^We should have an edge from /;

async function loadApollo(supergraphSdl: string, logger: Logger): Promise<Internals> {
  // The gateway reports usage to its maker unless told otherwise, and reads that from the environment only.
  process.env.APOLLO_TELEMETRY_DISABLED = 'true';
  const apollo = new ApolloGateway({
    supergraphSdl: toPlannerSupergraph(supergraphSdl),
    validateSupergraph: true,
    buildService: () => ({ process: () => Promise.reject(new Error('Fetches go through upstream/.')) }),
    queryPlannerConfig: PLANNING,
    logger: { debug() {}, info() {}, warn: (text) => logger.warn(text), error: (text) => logger.error(text) },
    debug: false,
    __exposeQueryPlanExperimental: false,
  });
  await apollo.load();
  const { apiSchema, queryPlanner } = apollo as unknown as Partial<Internals>;
  if (apiSchema === undefined || queryPlanner === undefined)
    throw new Error('This version of @apollo/gateway keeps its planner elsewhere: see gateway/load-graph.ts.');
  return { apiSchema, queryPlanner };
}

/** An argument of every use of a directive, each value once. */
function argumentsOf(document: DocumentNode, directive: string, argument: string): string[] {
  const found = new Set<string>();
  visit(document, {
    Directive(node) {
      const value = (node as ConstDirectiveNode).arguments?.find(({ name }) => name.value === argument)?.value;
      if (node.name.value === directive && value?.kind === Kind.STRING) found.add(value.value);
      return false;
    },
  });
  return [...found];
}

const LIMITS =
  /^(Exceeded maximum recursive selections|Number of non-local selections exceeds|Too many options generated)/;

function toGraphQLError(error: unknown): GraphQLError {
  if (error instanceof GraphQLError) return error;
  const cause = error instanceof Error ? error : new Error(String(error));
  return LIMITS.test(cause.message)
    ? new GraphQLError('This operation has too many ways to be answered. Ask for less at a time.', {
        originalError: cause,
        extensions: { code: 'OPERATION_TOO_COMPLEX', http: { status: 400 } },
      })
    : new GraphQLError(cause.message, { originalError: cause, extensions: { code: 'INTERNAL_SERVER_ERROR' } });
}
