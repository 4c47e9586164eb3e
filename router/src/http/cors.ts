import type { ServerResponse } from 'node:http';
import type { Head } from './head.ts';

const ALLOWED_HEADERS =
  'authorization, content-type, apollo-require-preflight, x-apollo-operation-name, x-correlation-id';
const SHOWN_HEADERS = 'x-correlation-id, retry-after, www-authenticate';
const VARY: Head = ['vary', 'origin'];

/**
 * Lets pages of the allowed origins read our answers, and nobody else's. Never with credentials: a browser's cookies mean nothing
 * here, whoever asks shows a token.
 */
export function corsHead(origin: string | undefined, allowedOrigins: ReadonlySet<string>): Head {
  if (origin === undefined || !allowedOrigins.has(origin)) return VARY;
  return [...VARY, 'access-control-allow-origin', origin, 'access-control-expose-headers', SHOWN_HEADERS];
}

export function answerPreflight(
  response: ServerResponse,
  head: Head,
  origin: string | undefined,
  allowedOrigins: ReadonlySet<string>,
): void {
  const isAllowed = origin !== undefined && allowedOrigins.has(origin);
  const granted: Head = isAllowed
    ? [
        'access-control-allow-methods',
        'GET, POST',
        'access-control-allow-headers',
        ALLOWED_HEADERS,
        'access-control-max-age',
        '600',
      ]
    : [];
  response.writeHead(204, [...head, ...granted, 'allow', 'GET, POST, OPTIONS']).end();
}
