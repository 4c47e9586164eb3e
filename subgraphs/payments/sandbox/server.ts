/** The provider's endpoints, by path. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '@ebuy/runtime';
import type { z } from 'zod';
import { type Answer, type AuthorizationRow, refused } from './answers.ts';
import {
  authorizationRequest,
  authorize,
  capture,
  captureRequest,
  decideAction,
  findAuthorization,
  type Terms,
  voidAuthorization,
} from './authorizations.ts';
import { chargesQuery, listCharges, listQuery, totalCharges } from './charges.ts';
import { type Database, inTransaction } from './database.ts';
import { actionPage, missingPage, PAGE_HEADERS } from './pages.ts';
import { behaviourOf, looksLikeCardNumber } from './payment-methods.ts';
import { findRefund, refund, refundRequest } from './refunds.ts';
import { countTry, type KeyedRequest } from './replay.ts';
import { hasApiKey, parseJson, readBody, writeJson, writePage } from './requests.ts';
import { queueWebhook } from './webhooks.ts';

export interface Sandbox {
  readonly database: Database;
  readonly apiKey: string;
  readonly terms: () => Terms;
  readonly logger: Logger;
  /** There may be something to settle or to send, now or in so many milliseconds. */
  readonly wake: (afterMs?: number) => void;
}

export function createSandboxServer(sandbox: Sandbox): Server {
  return createServer({ keepAliveTimeout: 65_000, requestTimeout: 15_000 }, (request, response) => {
    route(sandbox, request, response).catch((error: unknown) => {
      if (isTaken(error))
        return writeJson(response, refused(422, 'reference_taken', 'This reference was used with another key.'));
      sandbox.logger.error({ err: error }, 'a request failed');
      if (response.headersSent) response.destroy();
      else writeJson(response, refused(500, 'internal', 'Something went wrong. Try again with the same key.'));
    });
  });
}

/** PostgreSQL's unique_violation: keys are claimed without one, so it is a reference. */
const isTaken = (error: unknown) => (error as { code?: unknown }).code === '23505';

async function route(sandbox: Sandbox, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://sandbox');
  const action = /^\/actions\/([\w-]{20,100})$/.exec(pathname)?.[1];
  if (action !== undefined) return secondStep(sandbox, action, request, response);
  if (!pathname.startsWith('/v1/')) return writeJson(response, refused(404, 'not_found', 'There is nothing here.'));
  if (!hasApiKey(request, sandbox.apiKey))
    return writeJson(response, refused(401, 'unauthorized', 'Give the API key as a bearer token.'));
  if (request.method === 'GET') return writeJson(response, await lookUp(sandbox, pathname, searchParams));
  if (request.method !== 'POST') return writeJson(response, refused(405, 'method_not_allowed', 'GET or POST.'));
  return act(sandbox, pathname, request, response);
}

async function lookUp({ database, terms }: Sandbox, pathname: string, query: URLSearchParams): Promise<Answer> {
  const reference = query.get('reference') ?? '';
  const isReference = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i.test(reference);
  if (pathname === '/v1/charges') {
    const wanted = chargesQuery.safeParse(Object.fromEntries(query));
    return wanted.success
      ? totalCharges(database, wanted.data)
      : refused(400, 'invalid_request', 'orderId must be a UUID.');
  }
  if (pathname === '/v1/charges/list') {
    const wanted = listQuery.safeParse(Object.fromEntries(query));
    return wanted.success
      ? listCharges(database, wanted.data)
      : refused(400, 'invalid_request', 'since must be an ISO time.');
  }
  if (pathname !== '/v1/authorizations' && pathname !== '/v1/refunds')
    return refused(404, 'not_found', 'There is nothing here.');
  if (!isReference) return refused(400, 'invalid_request', 'reference must be a UUID.');
  return pathname === '/v1/refunds' ? findRefund(database, reference) : findAuthorization(database, reference, terms());
}

async function act(
  sandbox: Sandbox,
  pathname: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { database, terms, wake } = sandbox;
  const key = request.headers['idempotency-key'];
  if (typeof key !== 'string' || !/^[\x21-\x7e]{1,255}$/.test(key)) {
    return writeJson(response, refused(400, 'idempotency_key_missing', 'Every POST needs an idempotency-key.'));
  }
  const raw = await readBody(request);
  if (raw === null) return writeJson(response, refused(413, 'too_large', 'The body is too large.'));
  const body = parseJson(raw);
  const keyed = <Schema extends z.ZodType>(schema: Schema): (KeyedRequest & { body: z.output<Schema> }) | null => {
    const read = schema.safeParse(body);
    return read.success ? { key, path: pathname, body: read.data } : null;
  };
  const [, id, verb] = /^\/v1\/authorizations\/([\w-]{1,100})\/(capture|void)$/.exec(pathname) ?? [];
  if (pathname === '/v1/authorizations') {
    const wanted = keyed(authorizationRequest);
    return wanted === null ? writeJson(response, UNREADABLE) : makeAuthorization(sandbox, wanted, response);
  }
  if (pathname === '/v1/refunds') {
    const wanted = keyed(refundRequest);
    writeJson(response, wanted === null ? UNREADABLE : await refund(database, wanted));
    return wake(2_000);
  }
  if (id !== undefined && verb === 'void') {
    return writeJson(response, await voidAuthorization(database, id, { key, path: pathname, body: null }, terms()));
  }
  if (id !== undefined && verb === 'capture') {
    const wanted = keyed(captureRequest);
    return writeJson(response, wanted === null ? UNREADABLE : await capture(database, id, wanted, terms()));
  }
  writeJson(response, refused(404, 'not_found', 'There is nothing here.'));
}

const UNREADABLE = refused(400, 'invalid_request', 'The body has not the shape it should have.');

type AuthorizationKeyed = Parameters<typeof authorize>[1];

async function makeAuthorization(
  sandbox: Sandbox,
  request: AuthorizationKeyed,
  response: ServerResponse,
): Promise<void> {
  const { paymentMethod } = request.body;
  if (looksLikeCardNumber(paymentMethod)) {
    return writeJson(response, refused(400, 'card_number_refused', 'This looks like a card number. Never send one.'));
  }
  const behaviour = behaviourOf(paymentMethod);
  const { unavailableTries, losesFirstAnswer, delayMs } = behaviour;
  const counts = unavailableTries !== undefined || losesFirstAnswer === true || delayMs !== undefined;
  const tries = counts ? await countTry(sandbox.database, request.key) : 1;
  if (tries <= (unavailableTries ?? 0)) return writeJson(response, refused(503, 'unavailable', 'Not right now.'));
  if (delayMs !== undefined) await sleep(delayMs);
  const answer = await authorize(sandbox.database, request, sandbox.terms());
  if (behaviour.webhookCopies !== undefined) sandbox.wake();
  if (behaviour.settlesAfterMs !== undefined) sandbox.wake(behaviour.settlesAfterMs);
  if (losesFirstAnswer === true && tries === 1) return void response.destroy();
  if (response.destroyed) return tellWhatNobodyHeard(sandbox, answer);
  writeJson(response, answer);
}

/** Whoever asked has hung up meanwhile: what was done is told by webhook instead. */
async function tellWhatNobodyHeard({ database, wake }: Sandbox, answer: Answer): Promise<void> {
  if (answer.status !== 200) return;
  await queueWebhook(database, { type: 'authorization.updated', data: answer.body });
  wake();
}

async function secondStep(
  sandbox: Sandbox,
  token: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (request.method === 'POST') {
    const decision = new URLSearchParams((await readBody(request))?.toString()).get('decision');
    if (decision !== 'approve' && decision !== 'decline') return writePage(response, 400, PAGE_HEADERS, missingPage());
    await inTransaction(sandbox.database, (client) => decideAction(client, token, decision, sandbox.terms()));
    sandbox.wake();
    return void response.writeHead(303, { location: `/actions/${token}`, 'cache-control': 'no-store' }).end();
  }
  const { rows } = await sandbox.database.query<AuthorizationRow>(
    'SELECT * FROM card_authorization WHERE action_token = $1',
    [token],
  );
  const [row] = rows;
  if (row === undefined) return writePage(response, 404, PAGE_HEADERS, missingPage());
  writePage(response, 200, PAGE_HEADERS, actionPage(row));
}
