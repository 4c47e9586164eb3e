import { once } from 'node:events';
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

/** An answer that is told in parts, as they come. */
export interface AnswerInParts {
  readonly status: number;
  readonly head: Head;
  readonly parts: AsyncIterable<string>;
}

/** How long a client may take to make room for the next part. */
const PART_TIMEOUT_MS = 30_000;

/** Part by part, no faster than the client takes them; one who leaves, or takes none for too long, gets no more. */
export async function writeParts(
  response: ServerResponse,
  head: Head,
  { status, head: own, parts }: AnswerInParts,
): Promise<void> {
  if (response.destroyed) return;
  response.writeHead(status, [...head, ...own]);
  for await (const part of parts) {
    if (response.destroyed) return;
    if (response.write(part)) continue;
    const isTaken = once(response, 'drain', { signal: AbortSignal.timeout(PART_TIMEOUT_MS) });
    await Promise.race([isTaken, once(response, 'close')]).catch(() => response.destroy());
  }
  response.end();
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
