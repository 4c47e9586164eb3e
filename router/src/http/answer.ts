import type { ServerResponse } from 'node:http';
import type { Head } from './head.ts';

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

/** A whole answer, ready to be written. */
export interface Answer {
  readonly status: number;
  readonly head: Head;
  readonly body: string | Buffer;
}

/** Head and body in one go. Nobody is written to who has left. */
export function write(response: ServerResponse, head: Head, { status, head: own, body }: Answer): void {
  if (response.destroyed) return;
  const bytes = typeof body === 'string' ? Buffer.byteLength(body) : body.length;
  response.writeHead(status, [...head, ...own, 'content-length', String(bytes)]);
  // A text goes out with its head in one piece; one without any but ASCII is only copied for it.
  if (typeof body === 'string' && bytes === body.length) response.end(body, 'latin1');
  else response.end(body);
}

/** A refusal as a GraphQL answer without data. */
export function refusalAnswer(refusal: HttpRefusal, correlationId: string): Answer {
  const error = { message: refusal.message, extensions: { code: refusal.code, correlationId } };
  return {
    status: refusal.status,
    head: [
      ...['content-type', 'application/json; charset=utf-8', 'cache-control', 'no-store'],
      ...Object.entries(refusal.headers).flat(),
    ],
    body: JSON.stringify({ errors: [error] }),
  };
}
