import type { IncomingMessage } from 'node:http';
import { ANONYMOUS, type Caller } from '@ebuy/runtime';
import type { GraphQLFormattedError } from 'graphql';
import { hashOf } from '../documents.ts';
import type { DeferredAnswer } from '../executor/deferral.ts';
import type { RequestRecord } from '../graph/context.ts';
import { codesOf, presentError } from '../graph/errors.ts';
import { isPartner } from '../graph/partner-safelist.ts';
import type { PersistedQueries } from '../graph/persisted-queries.ts';
import type { TokenVerifier } from '../identity/authenticate.ts';
import type { Admitted, Asker, Operations } from '../operations/operations.ts';
import { type Answer, type AnswerInParts, HttpRefusal } from './answer.ts';
import { type Asked, askedInBody, askedInSearch } from './asked.ts';
import { callerOf } from './caller.ts';
import { clientAddressOf } from './client-address.ts';
import { ContentTypes } from './content-types.ts';
import { acceptsParts, PARTS_CONTENT_TYPE, toParts } from './parts.ts';
import type { Pipeline } from './pipeline.ts';
import { readJsonBody } from './read-body.ts';

const MAX_BODY_BYTES = 1024 * 1024;
/** importProducts takes a CSV of 1 MB, which is longer once it is escaped. */
const MAX_MERCHANDISER_BODY_BYTES = 3 * 1024 * 1024;

export interface DoorOptions {
  readonly operations: Operations;
  /** For whatever is not known, or not plain. */
  readonly pipeline: Pipeline;
  readonly verify: TokenVerifier;
  readonly persistedQueries: PersistedQueries;
  readonly isSafelisted: (text: string) => boolean;
  /** Proxies of ours before this router, see clientAddressOf. */
  readonly trustedProxies: number;
  readonly isProduction: boolean;
}

export interface DoorRequest {
  readonly request: IncomingMessage;
  readonly correlationId: string;
  readonly record: RequestRecord;
}

/** What a request is allowed to ask, and as whom; then it is asked. */
export type Door = (asked: DoorRequest) => Promise<Answer | AnswerInParts>;

/**
 * The graph over HTTP: who asks, how much they may send, whether they may ask this at all. An operation that is known is executed at once;
 * every other request goes through the pipeline, which answers it when there is something to say against it.
 * It throws an HttpRefusal for whatever is refused before the operation is looked at.
 */
export function createDoor(options: DoorOptions): Door {
  const { operations, pipeline, verify, trustedProxies, isProduction } = options;
  const contentTypes = new ContentTypes();
  return async ({ request, correlationId, record }) => {
    const method = methodOf(request);
    const { accept, authorization } = request.headers;
    const caller = authorization === undefined ? ANONYMOUS : await callerOf(request, verify);
    const search = method === 'GET' ? searchOf(request) : '';
    const body = method === 'POST' ? await readJsonBody(request, bodyLimitOf(caller)) : undefined;
    const asked = method === 'POST' ? askedInBody(body) : askedInSearch(search);
    const asker: Asker = { caller, correlationId, clientAddress: clientAddressOf(request, trustedProxies) };

    let contentType = contentTypes.of(accept);
    let admitted = contentType === undefined ? null : prepareKnown(options, request, asked, asker);
    if (admitted === null || contentType === undefined) {
      refuseWrongHash(asked);
      if (isPartner(caller)) await refuseUnlisted(options, asked);
      const outcome = await pipeline({ method, headers: request.headers, search, body }, asker, record);
      if (outcome.admitted === null) return outcome.answer;
      ({ admitted, contentType } = outcome);
      contentTypes.learn(accept, contentType);
    } else record.isKnown = true;
    const { name, kind } = admitted.operation;
    record.operationName = name;
    record.operationType = kind;
    const inParts = acceptsParts(accept) ? operations.executeDeferred(admitted, asker) : null;
    if (inParts !== null) return answerInParts(await inParts, record, isProduction, correlationId);
    const answer = await operations.execute(admitted, asker);
    record.errorCodes = codesOf(answer.errors);
    const errors = answer.errors.map((error) => presentError(error, isProduction, correlationId));
    const cacheControl = errors.length === 0 ? (answer.cacheControl ?? 'no-store') : 'no-store';
    return {
      status: 200,
      head: ['content-type', contentType, 'cache-control', cacheControl],
      body: answer.bodyWith(errors),
    };
  };
}

function answerInParts(
  answer: DeferredAnswer,
  record: RequestRecord,
  isProduction: boolean,
  correlationId: string,
): AnswerInParts {
  const present = (errors: readonly GraphQLFormattedError[]) => {
    record.errorCodes = [...new Set([...record.errorCodes, ...codesOf(errors)])];
    return errors.map((error) => presentError(error, isProduction, correlationId));
  };
  const head = ['content-type', PARTS_CONTENT_TYPE, 'cache-control', 'no-store'];
  return { status: 200, head, parts: toParts(answer, present) };
}

/** Null for anything that is not plain and well known. */
function prepareKnown(
  { operations, isSafelisted }: DoorOptions,
  request: IncomingMessage,
  asked: Asked,
  asker: Asker,
): Admitted | null {
  const { query, hash, operationName, variables } = asked;
  if (!asked.isPlain || (query === undefined && hash === undefined)) return null;
  const text = query === undefined ? operations.findPersisted(hash ?? '') : operations.find(query);
  if (text === undefined || (hash !== undefined && hash !== text.persistedHash)) return null;
  const operation = text.operations.get(operationName);
  if (operation === undefined) return null;
  if (request.method === 'GET' && !(operation.kind === 'query' && isPreflighted(request))) return null;
  if (isPartner(asker.caller) && !isSafelisted(text.text)) return null;
  return operations.prepare(operation, variables, asker);
}

/** Whether no page elsewhere could have sent this without asking first. */
function isPreflighted({ headers }: IncomingMessage): boolean {
  if (headers['content-type'] !== undefined) return false;
  return Boolean(headers['apollo-require-preflight']) || Boolean(headers['x-apollo-operation-name']);
}

function methodOf({ method = '' }: IncomingMessage): 'GET' | 'POST' {
  if (method === 'GET' || method === 'POST') return method;
  throw new HttpRefusal(405, 'METHOD_NOT_ALLOWED', 'Ask with GET or POST.', { allow: 'GET, POST, OPTIONS' });
}

function refuseWrongHash({ query, hash }: Asked): void {
  if (query === undefined || hash === undefined || hashOf(query) === hash) return;
  throw new HttpRefusal(
    400,
    'PERSISTED_QUERY_HASH_MISMATCH',
    'The hash is not the SHA-256 of the text that came with it.',
  );
}

async function refuseUnlisted({ persistedQueries, isSafelisted }: DoorOptions, { query, hash }: Asked): Promise<void> {
  const text = query ?? (hash === undefined ? undefined : await persistedQueries.get(`apq:${hash}`));
  if (text === undefined || isSafelisted(text)) return;
  throw new HttpRefusal(
    403,
    'OPERATION_NOT_SAFELISTED',
    'Partners may send their registered operations only. Ask us to register it.',
  );
}

function bodyLimitOf(caller: Caller): number {
  return caller.scopes.includes('catalog:write') ? MAX_MERCHANDISER_BODY_BYTES : MAX_BODY_BYTES;
}

function searchOf({ url = '' }: IncomingMessage): string {
  const at = url.indexOf('?');
  return at < 0 ? '' : url.slice(at);
}
