import { IDENTITY_HEADER, type IdentityKeys, type Logger, signIdentity } from '@ebuy/runtime';
import type { InFlight } from '../in-flight.ts';
import { AnswerTooLarge } from './answer-reader.ts';
import { Connections, DeadlinePassed, type PostAnswer } from './connections.ts';
import { type FetchContext, type Upstream, type UpstreamAnswer, UpstreamFailure } from './upstream.ts';

export interface UpstreamOptions {
  /** The subgraph's name in the supergraph. */
  readonly name: string;
  /** Its graph, as in `http://127.0.0.1:4002/graphql`. */
  readonly url: string;
  readonly keys: IdentityKeys;
  /** Counted from the call to the answer's last byte. */
  readonly timeoutMs: number;
  /** Of all upstreams together, for a mutation at one subgraph changes what another one reads; null: nothing is shared. */
  readonly inFlight: InFlight<UpstreamAnswer> | null;
  readonly logger: Logger;
}

const MAX_CONNECTIONS = 16;
/** Beyond, the subgraph is not keeping up, and waiting longer helps nobody. */
const MAX_WAITING = 1_024;
const CONNECT_TIMEOUT_MS = 2_000;
const MAX_ANSWER_BYTES = 10 * 1024 * 1024;
/** What passes as a header's value wherever it came from. */
const HEADER_VALUE = /^[\x21-\x7e]{1,128}$/;

/** How the router asks one subgraph: connections of its own, a signed identity over every body, a deadline, a limit. */
export function connectUpstream({ name, url, keys, timeoutMs, inFlight, logger }: UpstreamOptions): Upstream {
  const connections = new Connections({
    url,
    maxConnections: MAX_CONNECTIONS,
    maxWaiting: MAX_WAITING,
    connectTimeoutMs: Math.min(timeoutMs, CONNECT_TIMEOUT_MS),
    timeoutMs,
    maxAnswerBytes: MAX_ANSWER_BYTES,
  });

  async function send(body: string, context: FetchContext, isRepeatable: boolean): Promise<UpstreamAnswer> {
    const { caller, correlationId, clientAddress } = context;
    try {
      if (!HEADER_VALUE.test(correlationId)) throw new Error('the correlation id is no header value');
      const identity = signIdentity({ from: 'router', to: name, body, caller, correlationId, clientAddress }, keys);
      const headers = `x-correlation-id: ${correlationId}\r\n${IDENTITY_HEADER}: ${identity}\r\n`;
      const answer = await connections.post({ headers, body, isRepeatable });
      refuseStatus(answer);
      return answer;
    } catch (cause) {
      logger.warn({ err: cause, subgraph: name, correlationId }, 'a fetch failed');
      throw toFailure(cause);
    }
  }

  return {
    ask(body, context, kind) {
      if (kind === 'mutation') return changing(inFlight, context.scope, () => send(body, context, false));
      if (inFlight === null) return send(body, context, true);
      return inFlight.share(context.scope, `${name}${body}`, () => send(body, context, true));
    },
    close: () => connections.close(),
  };
}

/** Reads that begin during a mutation may miss it, so those are not joined afterwards either. */
async function changing<Answer>(
  inFlight: InFlight<UpstreamAnswer> | null,
  scope: string,
  change: () => Promise<Answer>,
): Promise<Answer> {
  inFlight?.forget(scope);
  try {
    return await change();
  } finally {
    inFlight?.forget(scope);
  }
}

/** A subgraph answers 200 or 400 with GraphQL; these come from what stands before it, or from what it became. */
function refuseStatus({ status }: PostAnswer): void {
  if (status >= 500 || status === 401 || status === 404 || status === 413) throw new Error(`status ${status}`);
}

function toFailure(cause: unknown): UpstreamFailure {
  if (cause instanceof DeadlinePassed) return new UpstreamFailure('SERVICE_TIMEOUT', cause);
  if (cause instanceof AnswerTooLarge) return new UpstreamFailure('ANSWER_TOO_LARGE', cause);
  return new UpstreamFailure('SERVICE_UNAVAILABLE', cause);
}
