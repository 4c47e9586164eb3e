/** The way to OpenSearch: every request has a deadline, what may pass by itself is a retryable Fault, and while it is down nobody waits for it. */
import { Fault } from '@ebuy/kernel';
import { Client, errors } from '@opensearch-project/opensearch';

/** What a shopper may wait for. */
const DEADLINE_MS = 2_000;
/** So many failures one after another, and requests fail at once instead of after their deadline … */
const FAILURES_UNTIL_OPEN = 3;
/** … until one of them, after so long, tries again for all. */
const OPEN_MS = 1_000;
/** It is there, and asks to be left alone for a moment, or cannot write right now. */
const PASSING_STATUS = new Set([403, 408, 429, 502, 503, 504]);

/** The engine understood and refused: `type` as OpenSearch names it, such as `index_not_found_exception`. */
export class EngineRefusal extends Error {
  override readonly name = 'EngineRefusal';
  readonly status: number;
  readonly type: string;

  constructor(status: number, type: string, reason: string) {
    super(`OpenSearch refused with ${status} ${type}: ${reason.slice(0, 500)}`);
    this.status = status;
    this.type = type;
  }
}

export interface EngineRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE' | 'HEAD';
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | boolean>>;
  readonly body?: object;
  /** Newline-delimited, for `_bulk`. */
  readonly lines?: readonly object[];
  readonly deadlineMs?: number;
  /** Goes out even while the circuit is open: to see whether the engine is back. */
  readonly probe?: boolean;
}

export interface Engine {
  ask<Answer>(request: EngineRequest): Promise<Answer>;
  close(): Promise<void>;
}

export function openEngine(url: string): Engine {
  const client = new Client({ node: url, maxRetries: 0, requestTimeout: DEADLINE_MS });
  const circuit = new Circuit();
  return {
    async ask<Answer>({ method, path, query, body, lines, deadlineMs = DEADLINE_MS, probe = false }: EngineRequest) {
      if (!probe) circuit.pass();
      const params = {
        method,
        path,
        ...(query ? { querystring: query } : {}),
        ...(lines ? { bulkBody: lines as object[] } : {}),
        ...(body ? { body } : {}),
      };
      try {
        const answer = await client.transport.request(params as never, { requestTimeout: deadlineMs, maxRetries: 0 });
        circuit.succeeded();
        return answer.body as Answer;
      } catch (error) {
        const failure = understood(error);
        if (failure instanceof Fault) circuit.failed();
        else circuit.succeeded();
        throw failure;
      }
    },
    close: () => client.close(),
  };
}

interface Reason {
  readonly type?: string;
  readonly reason?: string;
}

function understood(error: unknown): unknown {
  if (error instanceof errors.ResponseError) {
    const status = error.statusCode ?? 0;
    if (PASSING_STATUS.has(status) || status >= 500) {
      const lost = contextIsLost(error);
      return lost ?? new Fault(`OpenSearch answered ${status}`, { cause: error, retryable: true });
    }
    const { body } = error as { body?: { error?: Reason & { root_cause?: Reason[] } } | null };
    const cause = body?.error?.root_cause?.[0] ?? body?.error;
    return new EngineRefusal(status, cause?.type ?? 'unknown', cause?.reason ?? error.message);
  }
  if (error instanceof errors.OpenSearchClientError) {
    return new Fault('OpenSearch did not answer', { cause: error, retryable: true });
  }
  return error;
}

/** A point in time that has ended may come as a failure of all shards. */
function contextIsLost(error: InstanceType<typeof errors.ResponseError>): EngineRefusal | null {
  const lost = JSON.stringify(error.body ?? '').includes('search_context_missing_exception');
  return lost ? new EngineRefusal(404, 'search_context_missing_exception', error.message) : null;
}

class Circuit {
  #failures = 0;
  #closedUntil = 0;

  pass(): void {
    if (this.#failures < FAILURES_UNTIL_OPEN) return;
    const now = performance.now();
    if (now < this.#closedUntil) throw new Fault('OpenSearch has not answered lately', { retryable: true });
    this.#closedUntil = now + OPEN_MS;
  }

  succeeded(): void {
    this.#failures = 0;
  }

  failed(): void {
    this.#failures += 1;
    if (this.#failures >= FAILURES_UNTIL_OPEN) this.#closedUntil = performance.now() + OPEN_MS;
  }
}
