/** A subgraph's graph: raw node:http, documents known and compiled, nobody served without a signed identity. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { buildSubgraphSchema, type GraphQLResolverMap } from '@apollo/subgraph';
import { assertValidSchema, parse } from 'graphql';
import type { Registry } from 'prom-client';
import { Histogram } from 'prom-client';
import { IDENTITY_HEADER, type IdentityKeys, verifyIdentity } from '../identity.ts';
import type { Logger } from '../logger.ts';
import { type Answer, answerTo, readRequest, refusalOf } from './answers.ts';
import { enforceAuthorization } from './authorization.ts';
import { Gone, MAX_BODY_BYTES, readBody, send } from './border.ts';
import { Documents } from './documents.ts';
import { scalars } from './scalars.ts';
import { createGraphSocket } from './socket.ts';

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
}

export function createSubgraphServer(options: SubgraphOptions): SubgraphServer {
  const schema = buildSubgraphSchema([
    { typeDefs: parse(options.typeDefs), resolvers: { ...scalars, ...options.resolvers } as GraphQLResolverMap },
  ]);
  assertValidSchema(schema);
  enforceAuthorization(schema);
  const documents = new Documents(schema);
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
      answer(options, documents, request, response)
        .then(
          (given) => given && send(response, given),
          (error: unknown) => {
            if (error instanceof Gone) return;
            options.logger.error({ err: error }, 'a request failed at the border');
            send(response, refusalOf(500, 'INTERNAL_SERVER_ERROR', 'Something went wrong on our side.'));
          },
        )
        .finally(() => stop({ outcome: response.statusCode < 400 ? 'ok' : 'refused' }));
    },
  );
  const socket = schema.getSubscriptionType() ? createGraphSocket({ ...options, schema }) : null;
  if (socket !== null) http.on('upgrade', socket.upgrade);
  return { http, drain: async () => socket?.drain() };
}

/** Null: nobody waits for it any more. */
async function answer(
  options: SubgraphOptions,
  documents: Documents,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<Answer | null> {
  if (request.method !== 'POST' || request.url !== '/graphql') {
    return refusalOf(404, 'NOT_FOUND', 'The graph is at POST /graphql.');
  }
  const body = await readBody(request);
  if (body === null) return refusalOf(413, 'BODY_TOO_LARGE', `A body may have ${MAX_BODY_BYTES} bytes.`);
  const token = request.headers[IDENTITY_HEADER];
  const identity = verifyIdentity(
    typeof token === 'string' ? token : undefined,
    { to: options.name, body },
    options.identityKeys,
  );
  if (!identity)
    return refusalOf(401, 'UNAUTHENTICATED', 'Only services of the shop are answered here. Ask the router.');
  const parsed = parseJson(body);
  if (parsed === undefined) return refusalOf(400, 'BAD_REQUEST', 'The body is not JSON.');
  const asked = readRequest(parsed);
  if ('status' in asked) return asked;
  return answerTo(asked, documents, { ...identity, logger: options.logger }, () => response.destroyed);
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString()) as unknown;
  } catch {
    return undefined;
  }
}
