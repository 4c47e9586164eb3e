import type { Caller } from '@ebuy/runtime';

/** What a fetch needs to know of the request that it is made for. */
export interface FetchContext {
  readonly caller: Caller;
  readonly correlationId: string;
  readonly clientAddress: string | null;
  /** Requests with the same scope may share answers: it holds whatever of the caller an answer can depend on. */
  readonly scope: string;
}

export interface UpstreamAnswer {
  /** The GraphQL answer as it came. */
  readonly body: Buffer;
  /** The subgraph's `cache-control`, as it came. */
  readonly cacheControl: string | null;
}

/** One subgraph, as the executor asks it. */
export interface Upstream {
  /**
   * Sends one GraphQL request.
   *
   * @param body the request as JSON text
   * @throws UpstreamFailure
   */
  ask(body: string, context: FetchContext, kind: 'query' | 'mutation'): Promise<UpstreamAnswer>;
  /** Closes the connections once the fetches in hand are done. */
  close(): Promise<void>;
}

export type UpstreamFailureCode = 'SERVICE_TIMEOUT' | 'ANSWER_TOO_LARGE' | 'SERVICE_UNAVAILABLE';

/** Why a subgraph gave nothing. The message is for clients: it says what to do next, and names neither host nor subgraph. */
export class UpstreamFailure extends Error {
  override readonly name = 'UpstreamFailure';
  readonly code: UpstreamFailureCode;

  constructor(code: UpstreamFailureCode, cause?: unknown) {
    super(MESSAGES[code], { cause });
    this.code = code;
  }
}

const MESSAGES: Readonly<Record<UpstreamFailureCode, string>> = {
  SERVICE_TIMEOUT: 'A part of the shop took too long. Try again in a moment.',
  ANSWER_TOO_LARGE: 'The answer is too large. Ask for fewer at a time.',
  SERVICE_UNAVAILABLE: 'This part of the shop is unavailable right now. Try again in a moment.',
};
