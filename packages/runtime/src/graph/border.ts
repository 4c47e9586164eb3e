/** HTTP: how a body comes in, how an answer leaves. No framework stands between router and subgraph: it would cost more than the resolvers. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Answer } from './answers.ts';

/** Largest request body: an import's CSV of 1 MB, escaped, and its envelope. */
export const MAX_BODY_BYTES = 3 * 1024 * 1024;

/** Whoever asked went away before all was said. */
export class Gone extends Error {}

/** Null when it is larger than allowed; the connection is then not read to its end. Rejects with Gone. */
export function readBody(request: IncomingMessage): Promise<Buffer | null> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= MAX_BODY_BYTES) return void chunks.push(chunk);
      request.pause();
      chunks.length = 0;
      resolve(null);
    });
    request.once('end', () => resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks)));
    request.once('error', () => reject(new Gone()));
    request.once('close', () => {
      if (!request.complete) reject(new Gone());
    });
  });
}

/** Head and body in one piece. */
export function send(response: ServerResponse, { status, text }: Answer): void {
  if (response.destroyed) return;
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(text),
    // The rest of what was not read is not waited for.
    ...(status === 413 ? { connection: 'close' } : {}),
  });
  response.end(text);
}
