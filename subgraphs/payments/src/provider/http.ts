/** JSON over HTTP with one deadline for the whole exchange, a limit on the answer, and connections that are kept. */
import http from 'node:http';
import https from 'node:https';
import { Fault } from '@ebuy/kernel';
import { boundedText } from './bounded-text.ts';

const DEADLINE_MS = 5_000;
const MAX_ANSWER_BYTES = 64 * 1_024;
const MAX_CONNECTIONS = 64;
/** Below the time that servers keep an idle connection. */
const IDLE_MS = 30_000;

export interface JsonClient {
  /** Throws a retryable Fault when there is no answer, one that is too large, or one that is not JSON. */
  ask(request: {
    readonly method: 'GET' | 'POST';
    readonly path: string;
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: unknown;
  }): Promise<{ readonly status: number; readonly json: unknown }>;
  close(): void;
}

export function createJsonClient(options: {
  readonly baseUrl: string;
  readonly headers: Readonly<Record<string, string>>;
  /** 5 s by default. */
  readonly deadlineMs?: number;
}): JsonClient {
  const base = new URL(options.baseUrl);
  const { request, Agent } = base.protocol === 'https:' ? https : http;
  const agent = new Agent({ keepAlive: true, maxSockets: MAX_CONNECTIONS, timeout: IDLE_MS });
  return {
    async ask({ method, path, headers, body }) {
      const text = body === undefined ? undefined : JSON.stringify(body);
      try {
        return await new Promise((resolve, reject) => {
          const outgoing = request(
            new URL(path, base),
            {
              method,
              agent,
              signal: AbortSignal.timeout(options.deadlineMs ?? DEADLINE_MS),
              headers: {
                accept: 'application/json',
                ...options.headers,
                ...headers,
                ...(text === undefined
                  ? {}
                  : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }),
              },
            },
            (answer) => {
              readJson(answer).then((json) => resolve({ status: answer.statusCode ?? 0, json }), reject);
            },
          );
          outgoing.on('error', reject);
          outgoing.end(text);
        });
      } catch (cause) {
        throw new Fault(`${base.host} gave no answer to ${method} ${path.split('?')[0]}`, { cause, retryable: true });
      }
    },
    close: () => agent.destroy(),
  };
}

async function readJson(answer: http.IncomingMessage): Promise<unknown> {
  return JSON.parse(await boundedText(answer, MAX_ANSWER_BYTES)) as unknown;
}
