/** Reading requests and writing answers, with limits on both. */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Answer } from './answers.ts';

const MAX_BODY_BYTES = 16 * 1_024;

/** Null when it is larger than allowed. */
export async function readBody(request: IncomingMessage): Promise<Buffer | null> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

export function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString()) as unknown;
  } catch {
    return undefined;
  }
}

/** Compared as hashes, in constant time: neither the key's length nor its beginning can be felt out. */
export function hasApiKey(request: IncomingMessage, apiKey: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(request.headers.authorization ?? ''), digest(`Bearer ${apiKey}`));
}

export function writeJson(response: ServerResponse, { status, body }: Answer): void {
  const text = JSON.stringify(body);
  response
    .writeHead(status, {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(text),
      'cache-control': 'no-store',
      ...(status === 413 ? { connection: 'close' } : {}),
    })
    .end(text);
}

export function writePage(
  response: ServerResponse,
  status: number,
  headers: Record<string, string>,
  html: string,
): void {
  response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(html) }).end(html);
}
