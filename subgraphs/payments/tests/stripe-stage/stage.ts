/**
 * A stand-in for Stripe with a memory: what the published API reference and guides say of PaymentIntents, refunds, idempotency keys,
 * errors and signed webhooks, as we read them, for API version 2026-10-28.endive. It was never compared with the real Stripe.
 * It refuses parameters that it does not know, as Stripe does, and other versions, keys and methods.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { close, listen, portOf } from '@ebuy/runtime';
import { Bank } from './bank.ts';
import { endpointOf } from './endpoints.ts';
import { createPosts } from './posts.ts';
import { StripeNo } from './shapes.ts';

export const STAGE_SECRETS = {
  secretKey: `sk_test_${'5tage'.repeat(5)}`,
  webhookSecret: `whsec_${'5ecret'.repeat(6)}`,
};

/** What goes wrong with the next request that fits: before it is done, or after. */
export interface Trouble {
  /** `POST /v1/payment_intents`, as a pattern. */
  readonly on: RegExp;
  readonly how: 'away' | 'busy' | 'conflict' | 'stored error' | 'done, stored error' | 'done, answer lost' | 'card';
}

export interface StripeStage {
  readonly url: string;
  readonly bank: Bank;
  /** What was asked so far. */
  readonly requests: { readonly line: string; readonly key: string | null; readonly status: number }[];
  /** While true nothing that was made is found by search yet. */
  searchLags: boolean;
  goWrong(...troubles: Trouble[]): void;
  /** Where its webhooks go. Sent again until they are accepted. */
  tellTo(webhookUrl: string): void;
  close(): Promise<void>;
}

export async function openStripeStage(): Promise<StripeStage> {
  const kept = new Map<string, Kept | 'busy'>();
  const troubles: Trouble[] = [];
  const posts = createPosts(STAGE_SECRETS.webhookSecret);
  let url = '';
  const bank = new Bank(posts.tell, (id) => `${url}/redirect/${id}`);

  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { pathname, searchParams } = new URL(request.url ?? '/', url);
    const line = `${request.method} ${pathname}`;
    const body = await textOf(request);
    if (pathname.startsWith('/redirect/')) {
      bank.secondStep(pathname.slice('/redirect/'.length), body === 'decision=approve');
      return void response.end('Thank you.');
    }
    const key = request.headers['idempotency-key']?.toString() ?? null;
    const at = troubles.findIndex(({ on }) => on.test(line));
    const [trouble] = at < 0 ? [] : troubles.splice(at, 1);
    const form = request.method === 'POST' ? new URLSearchParams(body) : searchParams;
    const refusal = atTheDoor(request, trouble);
    const { status, text, replayed } = refusal
      ? said(refusal)
      : await once(kept, key, `${line} ${body}`, () =>
          doIt(trouble, () => endpointOf(line)(bank, form, stage.searchLags)),
        );
    if (trouble?.how === 'done, answer lost') return void response.destroy();
    stage.requests.push({ line, key, status });
    const replay: Record<string, string> = replayed ? { 'idempotent-replayed': 'true' } : {};
    response.writeHead(status, { 'content-type': 'application/json', 'request-id': 'req_5tage', ...replay }).end(text);
  };

  const server = createServer((request, response) => {
    serve(request, response).catch((error: unknown) => response.destroy(error as Error));
  });
  await listen(server, '127.0.0.1', 0);
  url = `http://127.0.0.1:${portOf(server)}`;
  const stage: StripeStage = {
    url,
    bank,
    requests: [],
    searchLags: false,
    goWrong: (...more) => void troubles.push(...more),
    tellTo: posts.tellTo,
    async close() {
      await posts.stop();
      server.closeAllConnections();
      await close(server);
    },
  };
  return stage;
}

interface Answer {
  readonly status: number;
  readonly text: string;
  readonly replayed?: boolean;
}

interface Kept extends Answer {
  readonly fingerprint: string;
}

const said = ({ status, error }: StripeNo): Answer => ({ status, text: JSON.stringify({ error }, null, 2) });
const inUse = () => new StripeNo(409, { code: 'idempotency_key_in_use', message: 'Another request has this key.' });

/** Answers once to a key, and says the same again: https://docs.stripe.com/api/idempotent_requests. */
async function once(
  kept: Map<string, Kept | 'busy'>,
  key: string | null,
  fingerprint: string,
  work: () => Answer & { readonly keeps: boolean },
): Promise<Answer> {
  if (key === null) return work();
  const before = kept.get(key);
  if (before === 'busy') return said(inUse());
  if (before !== undefined && before.fingerprint !== fingerprint) {
    return said(new StripeNo(400, { type: 'idempotency_error', message: 'The key was used with other parameters.' }));
  }
  if (before !== undefined) return { ...before, replayed: true };
  kept.set(key, 'busy');
  // Long enough for another request with the same key to meet this one.
  await new Promise(setImmediate);
  const { keeps, ...answer } = work();
  if (keeps) kept.set(key, { fingerprint, ...answer });
  else kept.delete(key);
  return answer;
}

function doIt(trouble: Trouble | undefined, work: () => unknown): Answer & { readonly keeps: boolean } {
  const stored = said(new StripeNo(500, { type: 'api_error', message: 'Something broke.' }));
  if (trouble?.how === 'stored error') return { ...stored, keeps: true };
  try {
    if (trouble?.how === 'card') {
      throw new StripeNo(402, { code: 'card_declined', decline_code: 'issuer_not_available', message: 'No.' });
    }
    const answer = { status: 200, text: JSON.stringify(work(), null, 2) };
    return { ...(trouble?.how === 'done, stored error' ? stored : answer), keeps: true };
  } catch (error) {
    if (!(error instanceof StripeNo)) throw error;
    return { ...said(error), keeps: error.keeps };
  }
}

/** What is refused before anything is looked at. */
function atTheDoor(request: IncomingMessage, trouble: Trouble | undefined): StripeNo | null {
  if (trouble?.how === 'away') return new StripeNo(503, { type: 'api_error', message: 'Away.' });
  if (trouble?.how === 'busy') return new StripeNo(429, { code: 'rate_limit', message: 'Too many requests.' });
  if (trouble?.how === 'conflict') return inUse();
  return unwelcomeOf(request);
}

function unwelcomeOf({ method, headers }: IncomingMessage): StripeNo | null {
  if (headers.authorization !== `Bearer ${STAGE_SECRETS.secretKey}`) {
    return new StripeNo(401, { message: `Invalid API Key provided: ${headers.authorization}` });
  }
  if (headers['stripe-version'] !== '2026-10-28.endive') return new StripeNo(400, { message: 'Another version.' });
  if (headers['x-stripe-client-telemetry'] !== undefined) return new StripeNo(400, { message: 'Telemetry was off.' });
  if (method === 'POST' && headers['content-type'] !== 'application/x-www-form-urlencoded') {
    return new StripeNo(400, { message: 'Not a form.' });
  }
  return null;
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}
