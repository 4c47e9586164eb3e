/**
 * Stripe's own library, kept to our rules: one deadline for the whole of what a caller asks, a limit on every answer, no retries of its
 * own (the work list retries), nothing sent but what was asked for, and errors that carry neither keys nor what Stripe knows of a card.
 */
import http from 'node:http';
import https from 'node:https';
import { Fault } from '@ebuy/kernel';
import { Stripe } from 'stripe';
import { boundedText } from './bounded-text.ts';

/** What this code was written against. The library's types are this version's. */
const API_VERSION = '2026-10-28.endive';
const DEADLINE_MS = 5_000;
/** A page of a hundred intents with their charges is some 700 kB. */
const MAX_ANSWER_BYTES = 2 * 1_024 * 1_024;
const MAX_CONNECTIONS = 64;
const IDLE_MS = 30_000;

export interface StripeClientSettings {
  readonly secretKey: string;
  /** Stripe's address unless given; anything else is for tests. */
  readonly apiUrl?: string;
  /** 5 s by default. */
  readonly deadlineMs?: number;
}

/** Stripe's no: nothing was done. */
export interface StripeRefusal {
  /** `card`: 402, the bank's no. `request`: 400 or 404. */
  readonly kind: 'card' | 'request';
  readonly code: string | null;
  readonly declineCode: string | null;
  readonly param: string | null;
  /** The intent that it is about, as the answer has it: not checked. */
  readonly intent: unknown;
  /** Said before to the same idempotency key, and now again. */
  readonly replayed: boolean;
}

export type Asked =
  | { readonly ok: true; readonly json: unknown }
  | { readonly ok: false; readonly refusal: StripeRefusal };

type Options = { readonly timeout: number };

/** What is asked within one deadline. */
export interface StripeConversation {
  /** Throws a Fault when the answer is neither what was asked for nor a refusal. */
  ask(request: (stripe: Stripe, options: Options) => Promise<unknown>): Promise<Asked>;
}

export interface StripeClient {
  converse(): StripeConversation;
  close(): void;
}

export function createStripeClient(settings: StripeClientSettings): StripeClient {
  const url = settings.apiUrl === undefined ? undefined : new URL(settings.apiUrl);
  const transport = new BoundedTransport(url?.protocol === 'http:' ? http : https);
  const stripe = new Stripe(settings.secretKey, {
    apiVersion: API_VERSION,
    maxNetworkRetries: 0,
    telemetry: false,
    httpClient: transport,
    ...(url === undefined ? {} : addressOf(url)),
  });
  return {
    converse() {
      const endsAt = Date.now() + (settings.deadlineMs ?? DEADLINE_MS);
      return {
        async ask(request) {
          const timeout = Math.floor(endsAt - Date.now());
          if (timeout <= 0) throw new Fault('Stripe took too long', { retryable: true });
          try {
            return { ok: true, json: await request(stripe, { timeout }) };
          } catch (error) {
            return { ok: false, refusal: refusalOf(error) };
          }
        },
      };
    },
    close: () => transport.close(),
  };
}

const addressOf = ({ protocol, hostname, port }: URL) => ({
  protocol: protocol === 'http:' ? ('http' as const) : ('https' as const),
  host: hostname,
  port: port === '' ? (protocol === 'http:' ? 80 : 443) : Number(port),
});

function refusalOf(error: unknown): StripeRefusal {
  const { errors } = Stripe;
  if (!(error instanceof errors.StripeError))
    throw new Fault('Stripe gave no answer', { cause: error, retryable: true });
  const isCard = error instanceof errors.StripeCardError;
  if (!isCard && !(error instanceof errors.StripeInvalidRequestError)) throw faultOf(error);
  const { code, decline_code: declineCode, param, payment_intent: intent } = error;
  return {
    kind: isCard ? 'card' : 'request',
    code: textOf(code),
    declineCode: textOf(declineCode),
    param: textOf(param),
    intent,
    replayed: isReplayed(error),
  };
}

const isReplayed = ({ headers }: InstanceType<typeof Stripe.errors.StripeError>): boolean =>
  headers?.['idempotent-replayed'] === 'true';

/** An error of Stripe's own (5xx) that it has kept with the idempotency key: asked again with that key it says no more. */
export class StoredError extends Fault {}

/** The library's error holds the whole answer, with an intent's client secret: it goes no further than here. */
function faultOf(error: InstanceType<typeof Stripe.errors.StripeError>): Fault {
  const { type, statusCode, code, requestId } = error;
  const said = [type, statusCode, textOf(code), textOf(requestId)].filter(
    (part) => part !== undefined && part !== null,
  );
  const message = `Stripe did not settle it: ${said.join(' ')}`;
  if (isReplayed(error) && (statusCode ?? 0) >= 500) return new StoredError(message, { retryable: true });
  return new Fault(message, { retryable: !(error instanceof Stripe.errors.StripeIdempotencyError) });
}

/** A refusal that is not about the shopper or the order: a fault of ours. */
export function misunderstanding({ kind, code, param }: StripeRefusal): Fault {
  return new Fault(`Stripe refused a ${kind}: ${code ?? 'without a code'}, ${param ?? 'no parameter'}`, {
    retryable: false,
  });
}

const textOf = (value: unknown): string | null =>
  typeof value === 'string' && /^[\w.[\]-]{1,100}$/.test(value) ? value : null;

/**
 * The library's own transport limits silence, not time, reads answers without a limit, and asks again by itself where a connection was
 * closed. This does none of that: whatever goes wrong is one error without a code, which the library hands on.
 */
class BoundedTransport extends Stripe.HttpClient {
  readonly #protocol: typeof http | typeof https;
  readonly #agent: http.Agent;

  constructor(protocol: typeof http | typeof https) {
    super();
    this.#protocol = protocol;
    this.#agent = new protocol.Agent({ keepAlive: true, maxSockets: MAX_CONNECTIONS, timeout: IDLE_MS });
  }

  override getClientName(): string {
    return 'node';
  }

  override async makeRequest(...asked: Parameters<Stripe.HttpClient['makeRequest']>): Promise<BoundedAnswer> {
    const [host, port, path, method, headers, body, , timeout] = asked;
    try {
      return await new Promise<BoundedAnswer>((resolve, reject) => {
        const outgoing = this.#protocol.request(
          {
            host,
            port,
            path,
            method,
            headers: headers as http.OutgoingHttpHeaders,
            agent: this.#agent,
            signal: AbortSignal.timeout(timeout),
          },
          (answer) => {
            boundedText(answer, MAX_ANSWER_BYTES).then((text) => resolve(new BoundedAnswer(answer, text)), reject);
          },
        );
        outgoing.on('error', reject);
        outgoing.end(body);
      });
    } catch (cause) {
      throw new Error(`Stripe gave no answer to ${method} ${path.split('?')[0]}`, { cause });
    }
  }

  close(): void {
    this.#agent.destroy();
  }
}

class BoundedAnswer extends Stripe.HttpClientResponse {
  readonly #text: string;

  constructor({ statusCode = 0, headers }: http.IncomingMessage, text: string) {
    super(statusCode, headers as Record<string, string>);
    this.#text = text;
  }

  override getRawResponse(): object {
    return {};
  }

  /** An answer that is neither a 200 nor one of Stripe's errors is not Stripe's. */
  override async toJSON(): Promise<unknown> {
    const json = JSON.parse(this.#text) as { readonly error?: unknown } | null;
    const isError = typeof json?.error === 'object' && json.error !== null;
    if (typeof json !== 'object' || json === null || (this.getStatusCode() === 200) === isError) {
      throw new Error('not an answer of Stripe');
    }
    return json;
  }
}
