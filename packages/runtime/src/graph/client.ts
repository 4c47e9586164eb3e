/**
 * How a service asks another: the same graph, a signed identity that names its target and the shopper it acts for, one deadline.
 */

import type { Caller } from '@ebuy/kernel';
import { Fault } from '@ebuy/kernel';
import { Pool } from 'undici';
import { IDENTITY_HEADER, type IdentityKeys, signIdentity } from '../identity.ts';

const DEADLINE_MS = 1_000;
const MAX_ANSWER_BYTES = 5 * 1024 * 1024;

export interface GraphClientOptions {
  /** The service that asks. */
  readonly from: string;
  /** The service asked. */
  readonly to: string;
  /** Its graph, as in `http://127.0.0.1:4002/graphql`. */
  readonly url: string;
  readonly keys: IdentityKeys;
  /** A second by default. */
  readonly deadlineMs?: number;
}

export interface GraphAnswer<Result> {
  readonly result: Result | null;
  readonly errors: readonly {
    readonly message: string;
    readonly path?: readonly (string | number)[];
    readonly extensions?: { readonly code?: string };
  }[];
}

export interface GraphClient {
  /**
   * One operation. GraphQL errors are returned beside the result: some are refusals that the caller understands.
   * Throws a retryable Fault when the other does not answer in time or not as a graph does.
   */
  ask<Result>(operation: {
    readonly query: string;
    readonly variables: Record<string, unknown>;
    readonly caller: Caller;
    readonly correlationId: string;
    /** Where the caller's request came from, where that is to be handed on. */
    readonly clientAddress?: string | null;
  }): Promise<GraphAnswer<Result>>;
  close(): Promise<void>;
}

export function createGraphClient(options: GraphClientOptions): GraphClient {
  const { origin, pathname } = new URL(options.url);
  const deadlineMs = options.deadlineMs ?? DEADLINE_MS;
  const pool = new Pool(origin, {
    connections: 16,
    pipelining: 1,
    headersTimeout: deadlineMs,
    bodyTimeout: deadlineMs,
    connect: { timeout: deadlineMs },
  });
  return {
    async ask({ query, variables, caller, correlationId, clientAddress = null }) {
      const body = JSON.stringify({ query, variables });
      const { from, to } = options;
      const identity = signIdentity({ from, to, body, caller, correlationId, clientAddress }, options.keys);
      try {
        const response = await pool.request({
          method: 'POST',
          path: pathname,
          headers: { 'content-type': 'application/json', [IDENTITY_HEADER]: identity },
          body,
          signal: AbortSignal.timeout(deadlineMs),
        });
        const length = Number(response.headers['content-length'] ?? 0);
        if (length > MAX_ANSWER_BYTES) throw new Error(`an answer of ${length} bytes`);
        const answer = (await response.body.json()) as { data?: unknown; errors?: GraphAnswer<never>['errors'] };
        if (response.statusCode !== 200 && !Array.isArray(answer.errors))
          throw new Error(`status ${response.statusCode}`);
        return { result: (answer.data ?? null) as never, errors: answer.errors ?? [] };
      } catch (cause) {
        throw new Fault(`${options.to} did not answer ${options.from}`, { cause, retryable: true });
      }
    },
    close: () => pool.close(),
  };
}
