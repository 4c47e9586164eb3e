import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { HTTPGraphQLResponse } from '@apollo/server';
import type { Logger } from '@ebuy/runtime';
import type { RequestRecord } from '../graph/context.ts';
import type { Landing } from '../landing/landing.ts';
import { answerRefusal, HttpRefusal, setSecurityHeaders } from './answer.ts';
import { correlationIdOf } from './correlation.ts';
import { applyCors } from './cors.ts';
import type { Door } from './door.ts';
import type { Uploads } from './uploads.ts';

/**
 * Slow senders are cut off: here those of headers and, after ten minutes, of files; bodies have deadlines of their own (pieces.ts).
 * Connections outlive those of a load balancer (60 s as a rule).
 */
const LIMITS = {
  maxHeaderSize: 16 * 1024,
  headersTimeout: 10_000,
  requestTimeout: 600_000,
  keepAliveTimeout: 65_000,
  connectionsCheckingInterval: 5_000,
} as const;
const MAX_HEADERS = 100;

export interface HttpOptions {
  readonly door: Door;
  /** Null: a graph without products. */
  readonly uploads: Uploads | null;
  readonly allowedOrigins: ReadonlySet<string>;
  readonly isProduction: boolean;
  /** The pages for people with a browser; none in production. */
  readonly landing: Landing | null;
  readonly logger: Logger;
  /** Told of every answered request. */
  readonly observe: (record: RequestRecord, status: number, durationMs: number) => void;
}

/** Raw node:http: every answer has a correlation id, the security headers, and one line in the log. */
export function createHttpServer(options: HttpOptions): Server {
  const server = createServer(LIMITS, (request, response) => {
    const startedAt = performance.now();
    const correlationId = correlationIdOf(request);
    const record: RequestRecord = { operationName: null, operationType: null, errorCodes: [] };
    setSecurityHeaders(response, options.isProduction);
    response.setHeader('x-correlation-id', correlationId);
    response.once('close', () => report(options, record, correlationId, response, performance.now() - startedAt));
    answer(options, { request, response, correlationId, record }).catch((error: unknown) => {
      options.logger.error({ err: error, correlationId }, 'a request failed at the door');
      const failure = new HttpRefusal(500, 'INTERNAL_SERVER_ERROR', 'Something went wrong on our side.');
      if (response.headersSent) response.destroy();
      else answerRefusal(response, failure, correlationId);
    });
  });
  server.maxHeadersCount = MAX_HEADERS;
  return server;
}

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly correlationId: string;
  readonly record: RequestRecord;
}

async function answer(options: HttpOptions, exchange: Exchange): Promise<void> {
  const { request, response, correlationId, record } = exchange;
  if (applyCors(request, response, options.allowedOrigins)) return;
  if (options.landing?.answer(request, response) === true) return;
  try {
    const path = request.url?.split('?')[0];
    if (path === '/uploads' && options.uploads !== null)
      return await options.uploads.receive(request, response, correlationId);
    if (path !== '/graphql') throw new HttpRefusal(404, 'NOT_FOUND', 'The graph is at /graphql.');
    write(response, await options.door({ request, correlationId, record }));
  } catch (error) {
    if (!(error instanceof HttpRefusal)) throw error;
    record.errorCodes = [error.code];
    answerRefusal(response, error, correlationId);
  }
}

function write(response: ServerResponse, result: HTTPGraphQLResponse): void {
  if (result.body.kind !== 'complete')
    throw new Error('The graph answers in one piece: @defer and @stream are not offered.');
  response.writeHead(result.status ?? 200, Object.fromEntries(result.headers));
  response.end(result.body.string);
}

function report(
  options: HttpOptions,
  record: RequestRecord,
  correlationId: string,
  response: ServerResponse,
  durationMs: number,
): void {
  const status = response.statusCode;
  options.observe(record, status, durationMs);
  const line = { ...record, status, durationMs: Math.round(durationMs * 10) / 10, correlationId };
  if (!response.writableFinished) options.logger.info(line, 'the client left');
  else if (status >= 500) options.logger.warn(line, 'answered');
  else options.logger.info(line, 'answered');
}
