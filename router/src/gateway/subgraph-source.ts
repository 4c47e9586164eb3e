import type { GraphQLDataSource, GraphQLDataSourceProcessOptions } from '@apollo/gateway';
import { type Caller, IDENTITY_HEADER, type IdentityKeys, type Logger, signIdentity } from '@ebuy/runtime';
import type { GraphQLFormattedError } from 'graphql';
import { Pool } from 'undici';
import { AnswerTooLarge, DeadlinePassed, post } from './post.ts';

/** What a fetch needs to know of the request it is made for. */
export interface FetchContext {
  readonly caller: Caller;
  readonly correlationId: string;
  readonly clientAddress: string | null;
}

export interface SubgraphSourceOptions {
  readonly name: string;
  /** The subgraph's graph, as in `http://127.0.0.1:4002/graphql`. */
  readonly url: string;
  readonly keys: IdentityKeys;
  readonly timeoutMs: number;
  readonly logger: Logger;
}

type Answer = Awaited<ReturnType<GraphQLDataSource['process']>>;

const CONNECTIONS = 16;
const MAX_ANSWER_BYTES = 10 * 1024 * 1024;

/** How the router asks one subgraph: its own connections, a signed identity for every body, a deadline, a limit. */
export class SubgraphSource implements GraphQLDataSource {
  readonly #options: SubgraphSourceOptions;
  readonly #pool: Pool;
  readonly #path: string;

  constructor(options: SubgraphSourceOptions) {
    const { origin, pathname } = new URL(options.url);
    this.#options = options;
    this.#path = pathname;
    this.#pool = new Pool(origin, {
      connections: CONNECTIONS,
      pipelining: 1,
      connect: { timeout: Math.min(options.timeoutMs, 2_000) },
    });
  }

  async process({ request, context }: GraphQLDataSourceProcessOptions): Promise<Answer> {
    const { caller, correlationId, clientAddress } = context as FetchContext;
    const { name, keys, timeoutMs } = this.#options;
    const body = JSON.stringify({
      query: request.query,
      variables: request.variables,
      operationName: request.operationName,
    });
    try {
      const identity = signIdentity({ from: 'router', to: name, body, caller, correlationId, clientAddress }, keys);
      const answer = await post(this.#pool, {
        path: this.#path,
        headers: { 'content-type': 'application/json', 'x-correlation-id': correlationId, [IDENTITY_HEADER]: identity },
        body,
        timeoutMs,
        maxAnswerBytes: MAX_ANSWER_BYTES,
      });
      return readAnswer(answer.status, answer.body);
    } catch (cause) {
      this.#options.logger.warn(
        { err: cause, subgraph: name, operation: request.operationName, correlationId },
        'a fetch failed',
      );
      return { data: null, errors: [toClientError(cause)] };
    }
  }

  /** Closes the connections once the fetches in hand are done. */
  close(): Promise<void> {
    return this.#pool.close();
  }
}

function readAnswer(status: number, body: Buffer): Answer {
  const answer: unknown = JSON.parse(body.toString());
  if (status >= 500 || status === 401 || status === 404 || status === 413) throw new Error(`status ${status}`);
  if (typeof answer !== 'object' || answer === null || !('data' in answer || 'errors' in answer)) {
    throw new Error(`status ${status}, and no GraphQL answer`);
  }
  return answer as Answer;
}

/** What a client may know of it: what to do next, and neither host nor port nor subgraph. */
function toClientError(cause: unknown): GraphQLFormattedError {
  if (cause instanceof DeadlinePassed)
    return unavailable('A part of the shop took too long. Try again in a moment.', 'SERVICE_TIMEOUT');
  if (cause instanceof AnswerTooLarge)
    return unavailable('The answer is too large. Ask for fewer at a time.', 'ANSWER_TOO_LARGE');
  return unavailable('This part of the shop is unavailable right now. Try again in a moment.', 'SERVICE_UNAVAILABLE');
}

function unavailable(message: string, code: string): GraphQLFormattedError {
  return { message, extensions: { code } };
}
