import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import {
  type Caller,
  IDENTITY_HEADER,
  type IdentityKeys,
  type Logger,
  SIGNED_PURPOSES,
  signIdentity,
} from '@ebuy/runtime';
import { Pool } from 'undici';
import { HttpRefusal } from './answer.ts';
import { piecesOf } from './pieces.ts';

/** Files on their way through this process at the same time. */
const AT_ONCE = 8;
/** After a file that is too large: how much more of it is let in, so that its sender reads why. */
const MAX_DISCARDED_BYTES = 16 * 1024 * 1024;
const MAX_ANSWER_BYTES = 64 * 1024;
/** From the last byte to the answer. */
const ANSWER_TIMEOUT_MS = 30_000;

export interface UploadOptions {
  /** Of the subgraph products: its graph's address, beside which `/uploads` is. */
  readonly url: string;
  readonly keys: IdentityKeys;
  readonly authenticate: (request: IncomingMessage) => Promise<Caller>;
  readonly maxBytes: number;
  readonly idleTimeoutMs: number;
  readonly logger: Logger;
}

export interface Uploads {
  /** @throws HttpRefusal */
  receive(request: IncomingMessage, response: ServerResponse, correlationId: string): Promise<void>;
  close(): Promise<void>;
}

/**
 * `POST /uploads`: a file for importProducts, handed on to products as it comes, never kept here. Who sends it is asked before the first
 * byte is read; a sender that breaks off breaks off the other side, too, which then keeps nothing.
 */
export function createUploads(options: UploadOptions): Uploads {
  const pool = new Pool(new URL(options.url).origin, {
    connections: AT_ONCE,
    pipelining: 0,
    connect: { timeout: 2_000 },
    // Its clock runs while the file is on its way; senders that are slow are the idle timeout's.
    headersTimeout: 0,
    bodyTimeout: ANSWER_TIMEOUT_MS,
  });
  let underWay = 0;
  return {
    async receive(request, response, correlationId) {
      const caller = await admit(request, options);
      if (underWay === AT_ONCE) {
        const message = 'Too many files are being sent. Try again in a moment.';
        throw new HttpRefusal(503, 'TOO_MANY_UPLOADS', message, { 'retry-after': '5', connection: 'close' });
      }
      underWay += 1;
      try {
        const answer = await handOn(pool, request, { ...options, caller, correlationId });
        const headers = { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' };
        response.writeHead(201, headers).end(answer);
      } finally {
        underWay -= 1;
      }
    },
    // Nothing is on its way any more once the HTTP server has closed; what was broken off may still be counted.
    close: () => pool.destroy(),
  };
}

async function admit(request: IncomingMessage, { authenticate, maxBytes }: UploadOptions): Promise<Caller> {
  if (request.method !== 'POST')
    throw new HttpRefusal(405, 'METHOD_NOT_ALLOWED', 'Send the file with POST.', { allow: 'POST, OPTIONS' });
  const caller = await authenticate(request);
  if (caller.kind === 'anonymous') {
    throw new HttpRefusal(401, 'UNAUTHENTICATED', 'Sign in first.', {
      'www-authenticate': 'Bearer realm="ebuy"',
      connection: 'close',
    });
  }
  if (!caller.scopes.includes('catalog:write')) {
    throw new HttpRefusal(403, 'FORBIDDEN', 'Only merchandisers may import products.', { connection: 'close' });
  }
  const { headers } = request;
  if (!/^text\/csv\s*(;\s*charset="?utf-?8"?\s*)?$/i.test(headers['content-type'] ?? '')) {
    throw new HttpRefusal(415, 'UNSUPPORTED_MEDIA_TYPE', 'Send the file as text/csv in UTF-8.', {
      connection: 'close',
    });
  }
  if ((headers['content-encoding'] ?? 'identity').toLowerCase() !== 'identity') {
    throw new HttpRefusal(415, 'UNSUPPORTED_MEDIA_TYPE', 'Send the file uncompressed.', { connection: 'close' });
  }
  const announced = Number(headers['content-length'] ?? 0);
  if (announced > maxBytes) throw tooLarge(request, maxBytes, announced);
  return caller;
}

interface HandingOn extends UploadOptions {
  readonly caller: Caller;
  readonly correlationId: string;
}

async function handOn(pool: Pool, request: IncomingMessage, options: HandingOn): Promise<string> {
  const { caller, correlationId, keys, maxBytes, idleTimeoutMs, logger } = options;
  const body = SIGNED_PURPOSES.uploads;
  const identity = signIdentity({ from: 'router', to: 'products', body, caller, correlationId }, keys);
  const overdue = new AbortController();
  let refusal: HttpRefusal | null = null;
  let timer: NodeJS.Timeout | undefined;
  const counted = async function* () {
    let bytes = 0;
    try {
      for await (const piece of piecesOf(request, () => idleTimeoutMs)) {
        bytes += piece.length;
        if (bytes > maxBytes) throw tooLarge(request, maxBytes, bytes);
        yield piece;
      }
    } catch (error) {
      // undici tells of it in words of its own.
      if (error instanceof HttpRefusal) refusal = error;
      throw error;
    }
    timer = setTimeout(() => overdue.abort(new Error('no answer in time')), ANSWER_TIMEOUT_MS);
  };
  try {
    const headers = { 'content-type': 'text/csv', 'x-correlation-id': correlationId, [IDENTITY_HEADER]: identity };
    const answer = await pool.request({
      method: 'POST',
      path: '/uploads',
      headers,
      body: Readable.from(counted(), { objectMode: false }),
      signal: overdue.signal,
    });
    return await readAnswer(answer.statusCode, answer.body);
  } catch (error) {
    if (refusal !== null) throw refusal;
    if (error instanceof HttpRefusal) throw error;
    logger.warn({ err: error, correlationId }, 'an upload failed');
    const message = 'The file could not be kept. Send it again in a moment.';
    throw new HttpRefusal(503, 'SERVICE_UNAVAILABLE', message, { connection: 'close' });
  } finally {
    clearTimeout(timer);
  }
}

function tooLarge(request: IncomingMessage, maxBytes: number, bytes: number): HttpRefusal {
  let discarded = bytes;
  request.on('data', (chunk: Buffer) => {
    discarded += chunk.length;
    if (discarded > maxBytes + MAX_DISCARDED_BYTES) request.destroy();
  });
  return new HttpRefusal(413, 'BODY_TOO_LARGE', `A file may have ${maxBytes} bytes. Split it, and import its parts.`);
}

async function readAnswer(status: number, body: AsyncIterable<Buffer>): Promise<string> {
  let text = '';
  for await (const chunk of body) {
    text += chunk.toString();
    if (text.length > MAX_ANSWER_BYTES) throw new Error('an answer that is too long');
  }
  if (status === 201) return text;
  const { errors } = JSON.parse(text) as { errors?: { message: string; extensions: { code: string } }[] };
  const [first] = errors ?? [];
  if (first === undefined || status === 401) throw new Error(`status ${status}`);
  throw new HttpRefusal(status, first.extensions.code, first.message, { connection: 'close' });
}
