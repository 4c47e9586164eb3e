import type { IncomingMessage, ServerResponse } from 'node:http';
import { corsHead } from './cors.ts';

/** Header names and values in turn, as node:http writes them in one go. */
export type Head = readonly string[];

/** What every answer carries; `strict-transport-security` only behind TLS, which production has. */
export function securityHead(isProduction: boolean): Head {
  return [
    ['x-content-type-options', 'nosniff'],
    ['referrer-policy', 'no-referrer'],
    ['cross-origin-resource-policy', 'same-site'],
    ['content-security-policy', "default-src 'none'; frame-ancestors 'none'"],
    ...(isProduction ? [['strict-transport-security', 'max-age=63072000; includeSubDomains']] : []),
  ].flat();
}

/** What all answers to one request have in common. */
export function headFor(
  { headers }: IncomingMessage,
  correlationId: string,
  security: Head,
  allowedOrigins: ReadonlySet<string>,
): Head {
  return [...security, 'x-correlation-id', correlationId, ...corsHead(headers.origin, allowedOrigins)];
}

/** For whoever writes the rest of the head without knowing of it. */
export function setHead(response: ServerResponse, head: Head): void {
  for (let at = 0; at + 1 < head.length; at += 2) response.setHeader(head[at] ?? '', head[at + 1] ?? '');
}
