import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Logger } from '@ebuy/runtime';
import type { RequestRecord } from '../graph/context.ts';
import type { Landing } from '../landing/landing.ts';
import { type Answer, type AnswerInParts, HttpRefusal, refusalAnswer, write, writeParts } from './answer.ts';
import { correlationIdOf } from './correlation.ts';
import { answerPreflight } from './cors.ts';
import type { Door } from './door.ts';
import { type Head, headFor, securityHead, setHead } from './head.ts';
import type { Uploads } from './uploads.ts';

/**
 * Slow senders are cut off: here those of headers and, after ten minutes, of files; bodies have deadlines of their own (read-body.ts, uploads.ts).
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
  const security = securityHead(options.isProduction);
  const server = createServer(LIMITS, (request, response) => {
    const startedAt = performance.now();
    const correlationId = correlationIdOf(request);
    const record: RequestRecord = { operationName: null, operationType: null, errorCodes: [], isKnown: false };
    const head = headFor(request, correlationId, security, options.allowedOrigins);
    response.once('close', () => report(options, record, correlationId, response, performance.now() - startedAt));
    answer(options, { request, response, correlationId, record, head }).catch((error: unknown) => {
      options.logger.error({ err: error, correlationId }, 'a request failed at the door');
      const failure = new HttpRefusal(500, 'INTERNAL_SERVER_ERROR', 'Something went wrong on our side.');
      record.errorCodes = [failure.code];
      if (response.headersSent) response.destroy();
      else write(response, head, refusalAnswer(failure, correlationId));
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
  readonly head: Head;
}

async function answer(options: HttpOptions, exchange: Exchange): Promise<void> {
  const { request, response, correlationId, record, head } = exchange;
  if (request.method === 'OPTIONS')
    return answerPreflight(response, head, request.headers.origin, options.allowedOrigins);
  try {
    const isGraph = isGraphPath(request.url ?? '');
    if (isGraph && request.method === 'POST') return await writeAnswer(response, head, await options.door(exchange));
    if (await answerOtherwise(options, exchange)) return;
    if (!isGraph) throw new HttpRefusal(404, 'NOT_FOUND', 'The graph is at /graphql.');
    await writeAnswer(response, head, await options.door(exchange));
  } catch (error) {
    if (!(error instanceof HttpRefusal)) throw error;
    record.errorCodes = [error.code];
    write(response, head, refusalAnswer(error, correlationId));
  }
}

async function writeAnswer(response: ServerResponse, head: Head, answer: Answer | AnswerInParts): Promise<void> {
  if ('parts' in answer) await writeParts(response, head, answer);
  else write(response, head, answer);
}

/** Pages and files, which write their answers themselves. @returns whether it was one of them */
async function answerOtherwise(
  { landing, uploads }: HttpOptions,
  { request, response, correlationId, head }: Exchange,
): Promise<boolean> {
  if (landing !== null && request.method === 'GET') {
    setHead(response, head);
    if (landing.answer(request, response)) return true;
  }
  if (uploads === null || request.url?.split('?')[0] !== '/uploads') return false;
  setHead(response, head);
  await uploads.receive(request, response, correlationId);
  return true;
}

function isGraphPath(url: string): boolean {
  return url === '/graphql' || url.startsWith('/graphql?');
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
