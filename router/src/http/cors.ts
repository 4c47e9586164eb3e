import type { IncomingMessage, ServerResponse } from 'node:http';

const ALLOWED_HEADERS =
  'authorization, content-type, apollo-require-preflight, x-apollo-operation-name, x-correlation-id';
const SHOWN_HEADERS = 'x-correlation-id, retry-after, www-authenticate';

/**
 * Lets pages of the allowed origins read our answers, and nobody else's. Never with credentials: a browser's cookies mean nothing
 * here, whoever asks shows a token.
 *
 * @returns whether the request was a preflight and is answered
 */
export function applyCors(
  request: IncomingMessage,
  response: ServerResponse,
  allowedOrigins: ReadonlySet<string>,
): boolean {
  response.setHeader('vary', 'origin');
  const { origin } = request.headers;
  const isAllowed = origin !== undefined && allowedOrigins.has(origin);
  if (isAllowed) {
    response.setHeader('access-control-allow-origin', origin);
    response.setHeader('access-control-expose-headers', SHOWN_HEADERS);
  }
  if (request.method !== 'OPTIONS') return false;
  if (isAllowed) {
    response.setHeader('access-control-allow-methods', 'GET, POST');
    response.setHeader('access-control-allow-headers', ALLOWED_HEADERS);
    response.setHeader('access-control-max-age', '600');
  }
  response.writeHead(204, { allow: 'GET, POST, OPTIONS' }).end();
  return true;
}
