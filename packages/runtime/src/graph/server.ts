/**
 * A subgraph's graph: raw node:http, Apollo Server's pipeline behind it, nobody served without a signed identity.
 * No framework stands between router and subgraph: it would cost more than the resolvers.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { ApolloServer, HeaderMap } from '@apollo/server';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginInlineTraceDisabled,
} from '@apollo/server/plugin/disabled';
import { buildSubgraphSchema, type GraphQLResolverMap } from '@apollo/subgraph';
import { GraphQLError, type OperationDefinitionNode, parse } from 'graphql';
import type { Registry } from 'prom-client';
import { Histogram } from 'prom-client';
import { IDENTITY_HEADER, type IdentityKeys, verifyIdentity } from '../identity.ts';
import type { Logger } from '../logger.ts';
import { enforceAuthorization } from './authorization.ts';
import type { RequestContext } from './context.ts';
import { presentError } from './errors.ts';
import { scalars } from './scalars.ts';
import { createGraphSocket } from './socket.ts';

/** Largest request body: an import's CSV of 1 MB, escaped, and its envelope. */
const MAX_BODY_BYTES = 3 * 1024 * 1024;

/** A map of resolvers, as the generated `Resolvers` type of each subgraph has it. */
export type Resolvers = object;

export interface SubgraphOptions {
  readonly name: string;
  /** Shared types, then the subgraph's own. */
  readonly typeDefs: string;
  readonly resolvers: Resolvers;
  readonly identityKeys: IdentityKeys;
  readonly logger: Logger;
  readonly metrics: Registry;
  /** Answers paths beside `/graphql`, such as a provider's webhooks; true once it took the request. */
  readonly beside?: (request: IncomingMessage, response: ServerResponse) => boolean;
  /** How long a request may take to arrive; 30 s by default. */
  readonly requestTimeoutMs?: number;
}

export interface SubgraphServer {
  readonly http: Server;
  /** Tells subscribers to come back and waits for their streams to end; the HTTP server closes only behind that. */
  drain(): Promise<void>;
  stop(): Promise<void>;
}

export async function createSubgraphServer(options: SubgraphOptions): Promise<SubgraphServer> {
  const schema = buildSubgraphSchema([
    { typeDefs: parse(options.typeDefs), resolvers: { ...scalars, ...options.resolvers } as GraphQLResolverMap },
  ]);
  enforceAuthorization(schema);
  const apollo = new ApolloServer<RequestContext>({
    schema,
    introspection: true,
    includeStacktraceInErrorResponses: false,
    csrfPrevention: false,
    persistedQueries: false,
    stopOnTerminationSignals: false,
    logger: options.logger,
    plugins: [
      maskErrors,
      refuseSubscriptions,
      ApolloServerPluginInlineTraceDisabled(),
      ApolloServerPluginCacheControlDisabled(),
    ],
  });
  await apollo.start();
  const seconds = new Histogram({
    name: 'ebuy_graph_request_seconds',
    help: 'Time to answer a request of the router or another service.',
    labelNames: ['outcome'],
    buckets: [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
    registers: [options.metrics],
  });
  const http = createServer(
    { keepAliveTimeout: 65_000, requestTimeout: options.requestTimeoutMs ?? 30_000 },
    (request, response) => {
      if (options.beside?.(request, response)) return;
      const stop = seconds.startTimer();
      answer(options, apollo, request, response)
        .catch((error: unknown) => {
          options.logger.error({ err: error }, 'a request failed at the border');
          if (!response.headersSent)
            refuse(response, 500, 'INTERNAL_SERVER_ERROR', 'Something went wrong on our side.');
          else response.destroy();
        })
        .finally(() => stop({ outcome: response.statusCode < 400 ? 'ok' : 'refused' }));
    },
  );
  const socket = schema.getSubscriptionType() ? createGraphSocket({ ...options, schema }) : null;
  if (socket !== null) http.on('upgrade', socket.upgrade);
  return { http, drain: async () => socket?.drain(), stop: () => apollo.stop() };
}

async function answer(
  options: SubgraphOptions,
  apollo: ApolloServer<RequestContext>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (request.method !== 'POST' || request.url !== '/graphql') {
    return refuse(response, 404, 'NOT_FOUND', 'The graph is at POST /graphql.');
  }
  const body = await readBody(request);
  if (body === null) return refuse(response, 413, 'BODY_TOO_LARGE', `A body may have ${MAX_BODY_BYTES} bytes.`);
  const token = request.headers[IDENTITY_HEADER];
  const identity = verifyIdentity(
    typeof token === 'string' ? token : undefined,
    { to: options.name, body },
    options.identityKeys,
  );
  if (!identity)
    return refuse(response, 401, 'UNAUTHENTICATED', 'Only services of the shop are answered here. Ask the router.');
  const context: RequestContext = { ...identity, logger: options.logger };
  const parsed = parseJson(body);
  if (parsed === undefined) return refuse(response, 400, 'BAD_REQUEST', 'The body is not JSON.');
  const headers = new HeaderMap([['content-type', 'application/json']]);
  const result = await apollo.executeHTTPGraphQLRequest({
    httpGraphQLRequest: { method: 'POST', headers, search: '', body: parsed },
    context: async () => context,
  });
  if (result.body.kind !== 'complete') throw new Error('Subgraphs answer in one piece');
  response.writeHead(result.status ?? 200, Object.fromEntries(result.headers)).end(result.body.string);
}

/** graphql-js would run one as a query and answer null. */
const refuseSubscriptions = {
  async requestDidStart() {
    return {
      async didResolveOperation({ operation }: { operation?: OperationDefinitionNode }) {
        if (operation?.operation !== 'subscription') return;
        throw new GraphQLError('Subscriptions are served over a WebSocket, in the protocol graphql-transport-ws.', {
          extensions: { code: 'SUBSCRIPTIONS_NOT_SERVED', http: { status: 400 } },
        });
      },
    };
  },
};

/** `formatError` knows no context; this hook does. */
const maskErrors = {
  async requestDidStart() {
    return {
      async willSendResponse({
        response,
        errors,
        contextValue,
      }: {
        response: {
          body: { kind: string; singleResult?: { errors?: readonly import('graphql').GraphQLFormattedError[] } };
        };
        errors?: readonly import('graphql').GraphQLError[];
        contextValue: RequestContext;
      }) {
        const result = response.body.singleResult;
        if (!result?.errors || !errors) return;
        const list = errors;
        result.errors = result.errors.map((formatted, index) => presentError(formatted, list[index], contextValue));
      },
    };
  },
};

/** Null when it is larger than allowed; the connection is then not read to its end. */
async function readBody(request: IncomingMessage): Promise<Buffer | null> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString()) as unknown;
  } catch {
    return undefined;
  }
}

function refuse(response: ServerResponse, status: number, code: string, message: string): void {
  response
    .writeHead(status, { 'content-type': 'application/json' })
    .end(JSON.stringify({ errors: [{ message, extensions: { code } }] }));
}
