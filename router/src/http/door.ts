import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { type ApolloServer, HeaderMap, type HTTPGraphQLResponse } from '@apollo/server';
import type { Caller } from '@ebuy/runtime';
import type { GraphContext, RequestRecord } from '../graph/context.ts';
import { isPartner } from '../graph/partner-safelist.ts';
import type { PersistedQueries } from '../graph/persisted-queries.ts';
import { requestScope } from '../graph/request-scope.ts';
import type { TokenVerifier } from '../identity/authenticate.ts';
import { HttpRefusal } from './answer.ts';
import { callerOf } from './caller.ts';
import { clientAddressOf } from './client-address.ts';
import { readJsonBody } from './read-body.ts';

const MAX_BODY_BYTES = 1024 * 1024;
/** importProducts takes a CSV of 1 MB, which is longer once it is escaped. */
const MAX_MERCHANDISER_BODY_BYTES = 3 * 1024 * 1024;
/** Of a request's headers Apollo sees these, and nothing that could turn a feature on. */
const SEEN_HEADERS = ['accept', 'content-type', 'apollo-require-preflight', 'x-apollo-operation-name'] as const;

export interface DoorOptions {
  readonly apollo: ApolloServer<GraphContext>;
  readonly verify: TokenVerifier;
  readonly persistedQueries: PersistedQueries;
  readonly isSafelisted: (text: string) => boolean;
  /** Proxies of ours before this router, see clientAddressOf. */
  readonly trustedProxies: number;
}

export interface DoorRequest {
  readonly request: IncomingMessage;
  readonly correlationId: string;
  readonly record: RequestRecord;
}

/** What a request is allowed to ask, and as whom; then it is asked. */
export type Door = (asked: DoorRequest) => Promise<HTTPGraphQLResponse>;

/**
 * The graph over HTTP: who asks, how much they may send, whether they may ask this at all; then Apollo's pipeline.
 * It throws an HttpRefusal for whatever is refused before the operation is looked at.
 */
export function createDoor({ apollo, verify, persistedQueries, isSafelisted, trustedProxies }: DoorOptions): Door {
  const refuseUnlisted = async (asked: Asked): Promise<void> => {
    const text =
      asked.query ?? (asked.hash === undefined ? undefined : await persistedQueries.get(`apq:${asked.hash}`));
    if (text === undefined || isSafelisted(text)) return;
    throw new HttpRefusal(
      403,
      'OPERATION_NOT_SAFELISTED',
      'Partners may send their registered operations only. Ask us to register it.',
    );
  };
  return async ({ request, correlationId, record }) => {
    const method = request.method ?? '';
    if (method !== 'GET' && method !== 'POST') {
      throw new HttpRefusal(405, 'METHOD_NOT_ALLOWED', 'Ask with GET or POST.', { allow: 'GET, POST, OPTIONS' });
    }
    const caller = await callerOf(request, verify);
    const search = searchOf(request);
    const body = method === 'POST' ? await readJsonBody(request, bodyLimitOf(caller)) : undefined;
    const asked = method === 'POST' ? askedInBody(body) : askedInSearch(search);
    refuseWrongHash(asked);
    if (isPartner(caller)) await refuseUnlisted(asked);
    const clientAddress = clientAddressOf(request, trustedProxies);
    const context: GraphContext = { caller, correlationId, clientAddress, record };
    return requestScope.run({ correlationId }, () =>
      apollo.executeHTTPGraphQLRequest({
        httpGraphQLRequest: { method, headers: seenHeaders(request), search, body },
        context: async () => context,
      }),
    );
  };
}

interface Asked {
  readonly query: string | undefined;
  readonly hash: string | undefined;
}

function askedInBody(body: unknown): Asked {
  const { query, extensions } = (body ?? {}) as { query?: unknown; extensions?: unknown };
  return { query: textOrNothing(query), hash: hashIn(extensions) };
}

function askedInSearch(search: string): Asked {
  const parameters = new URLSearchParams(search);
  let extensions: unknown;
  try {
    extensions = JSON.parse(parameters.get('extensions') ?? '{}');
  } catch {
    extensions = {};
  }
  return { query: parameters.get('query') ?? undefined, hash: hashIn(extensions) };
}

function refuseWrongHash({ query, hash }: Asked): void {
  if (query === undefined || hash === undefined || createHash('sha256').update(query).digest('hex') === hash) return;
  throw new HttpRefusal(
    400,
    'PERSISTED_QUERY_HASH_MISMATCH',
    'The hash is not the SHA-256 of the text that came with it.',
  );
}

function hashIn(extensions: unknown): string | undefined {
  const persisted = (extensions as { persistedQuery?: { sha256Hash?: unknown } } | null | undefined)?.persistedQuery;
  return textOrNothing(persisted?.sha256Hash);
}

function textOrNothing(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function bodyLimitOf(caller: Caller): number {
  return caller.scopes.includes('catalog:write') ? MAX_MERCHANDISER_BODY_BYTES : MAX_BODY_BYTES;
}

function searchOf({ url = '' }: IncomingMessage): string {
  const at = url.indexOf('?');
  return at < 0 ? '' : url.slice(at);
}

function seenHeaders({ headers }: IncomingMessage): HeaderMap {
  const seen = new HeaderMap();
  for (const name of SEEN_HEADERS) {
    const value = headers[name];
    if (typeof value === 'string') seen.set(name, value);
  }
  return seen;
}
