import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import { HttpRefusal } from './answer.ts';
import { cameTooSlowly, endedEarly } from './pieces.ts';

/** An operation is small: whoever takes longer holds a connection for nothing. */
const BODY_TIMEOUT_MS = 20_000;
const MAX_DISCARDED_BYTES = 16 * 1024 * 1024;

/**
 * A POST's body as JSON, read no further than its limit.
 *
 * @throws HttpRefusal 415 for anything but plain application/json, 413 beyond the limit, 408 for what takes too long, 400 for what is not
 *   JSON or not UTF-8
 */
export async function readJsonBody(request: IncomingMessage, maxBytes: number): Promise<unknown> {
  refuseOtherTypes(request);
  const text = await readText(request, maxBytes);
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new HttpRefusal(400, 'BAD_REQUEST', 'The body is not JSON. Send {"query": "…", "variables": {…}}.');
  }
}

function refuseOtherTypes({ headers }: IncomingMessage): void {
  // Anything else would reach us without a preflight (CSRF), or could unpack to more than was sent.
  if (!/^application\/json\s*(;\s*charset="?utf-?8"?\s*)?$/i.test(headers['content-type'] ?? '')) {
    throw new HttpRefusal(415, 'UNSUPPORTED_MEDIA_TYPE', 'Send the operation as application/json in UTF-8.');
  }
  if ((headers['content-encoding'] ?? 'identity').toLowerCase() !== 'identity') {
    throw new HttpRefusal(415, 'UNSUPPORTED_MEDIA_TYPE', 'Send the body uncompressed.');
  }
}

function readText(request: IncomingMessage, maxBytes: number): Promise<string> {
  const announced = Number(request.headers['content-length'] ?? 0);
  if (announced > maxBytes) return Promise.reject(tooLarge(maxBytes, announced <= MAX_DISCARDED_BYTES));
  if (request.destroyed) return Promise.reject(endedEarly());
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const take = (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > maxBytes) return refuse(tooLarge(maxBytes, false));
      chunks.push(chunk);
    };
    const end = () => {
      leave();
      const [only] = chunks;
      const body = chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks, bytes);
      if (isUtf8(body)) resolve(withoutMark(body.toString('utf8')));
      else reject(new HttpRefusal(400, 'BAD_REQUEST', 'The body is not UTF-8.'));
    };
    const refuse = (refusal: HttpRefusal) => {
      leave();
      // Thrown away: the connection stays open for the refusal.
      request.resume();
      reject(refusal);
    };
    const breakOff = () => refuse(endedEarly());
    const deadline = setTimeout(() => refuse(cameTooSlowly()), BODY_TIMEOUT_MS);
    const leave = () => {
      clearTimeout(deadline);
      request.off('data', take).off('end', end).off('close', breakOff);
    };
    request.on('data', take).on('end', end).on('close', breakOff).on('error', breakOff);
  });
}

/** The mark that some editors put before UTF-8. */
function withoutMark(text: string): string {
  return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
}

/**
 * When the rest is let in and thrown away, the sender reads why it was refused; a connection that closes under its hands tells it nothing.
 * Beyond {@link MAX_DISCARDED_BYTES}, or of unknown length, it is not worth that.
 */
function tooLarge(maxBytes: number, willDiscard: boolean): HttpRefusal {
  return new HttpRefusal(
    413,
    'BODY_TOO_LARGE',
    `A body may have ${maxBytes} bytes. Send less at a time.`,
    willDiscard ? {} : { connection: 'close' },
  );
}
