import type { ServerResponse } from 'node:http';

/** Refused at the door: an HTTP status, and an error that a GraphQL client understands. */
export class HttpRefusal extends Error {
  override readonly name = 'HttpRefusal';
  readonly status: number;
  readonly code: string;
  readonly headers: Readonly<Record<string, string>>;

  /** `message` says what to do next; it is shown as it is. */
  constructor(status: number, code: string, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.headers = headers;
  }
}

/** What every answer carries; `strictTransport` only behind TLS, which production has. */
export function setSecurityHeaders(response: ServerResponse, isProduction: boolean): void {
  response.setHeader('x-content-type-options', 'nosniff');
  response.setHeader('referrer-policy', 'no-referrer');
  response.setHeader('cross-origin-resource-policy', 'same-site');
  response.setHeader('content-security-policy', "default-src 'none'; frame-ancestors 'none'");
  if (isProduction) response.setHeader('strict-transport-security', 'max-age=63072000; includeSubDomains');
}

/** A refusal as a GraphQL answer without data. */
export function answerRefusal(response: ServerResponse, refusal: HttpRefusal, correlationId: string): void {
  const body = JSON.stringify({
    errors: [{ message: refusal.message, extensions: { code: refusal.code, correlationId } }],
  });
  response.writeHead(refusal.status, {
    'content-type': 'application/json; charset=utf-8',
    'cache-control': 'no-store',
    ...refusal.headers,
  });
  response.end(body);
}
