/**
 * The picture server: stands in for the CDN of a real shop. `GET /pictures/<product>/<n>-<W>x<H>.webp` answers a committed picture, with
 * `?w=320` the narrowest of its widths that is at least that wide. Everything else is a plain 404.
 */
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';

/** Strict on purpose: nothing that this lets through can leave the folder. */
const PATH = /^\/pictures\/([a-z0-9]+(?:-[a-z0-9]+)*)\/([1-9]\d?-([1-9]\d{1,4})x[1-9]\d{1,4})\.webp$/;
/** Of a product: a file system refuses longer names in a way that would look like a fault of ours. */
const MAX_SLUG_CHARACTERS = 100;
const NARROWER_WIDTHS = [320, 640] as const;
const REQUEST_TIMEOUT_MS = 10_000;
/** A picture that changes gets another name or another number, so that no one has to ask again. */
const ONE_YEAR = 'public, max-age=31536000, immutable';

/** The file that answers this request target, from the folder of pictures; null when none does. */
export function fileFor(target: string): string | null {
  const [path = '', query = ''] = target.split('?', 2);
  const [, product, name, fullWidth] = PATH.exec(path) ?? [];
  if (product === undefined || name === undefined || product.length > MAX_SLUG_CHARACTERS) return null;
  const wanted = new URLSearchParams(query).get('w');
  if (wanted === null) return join(product, `${name}.webp`);
  if (!/^[1-9]\d{0,4}$/.test(wanted)) return null;
  const width = NARROWER_WIDTHS.find((one) => one >= Number(wanted) && one < Number(fullWidth));
  return join(product, width === undefined ? `${name}.webp` : `${name}.w${width}.webp`);
}

export function createPictureServer(folder: string, onError: (error: unknown) => void): Server {
  const server = createServer((request, response) => {
    answer(folder, request, response).catch((error: unknown) => {
      // A visitor who leaves in the middle of a picture is nobody's fault.
      if ((error as NodeJS.ErrnoException).code !== 'ERR_STREAM_PREMATURE_CLOSE') onError(error);
      response.destroy();
    });
  });
  server.requestTimeout = REQUEST_TIMEOUT_MS;
  server.maxHeadersCount = 100;
  return server;
}

async function answer(folder: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.writeHead(405, { allow: 'GET, HEAD', 'content-type': 'text/plain' }).end('Pictures are only read.\n');
    return;
  }
  const name = fileFor(request.url ?? '');
  const picture = name === null ? null : await openPicture(join(folder, name));
  if (picture === null) {
    response.writeHead(404, { 'content-type': 'text/plain', 'cache-control': 'no-store' }).end('No such picture.\n');
    return;
  }
  const headers = {
    etag: picture.etag,
    'cache-control': ONE_YEAR,
    'access-control-allow-origin': '*',
    'cross-origin-resource-policy': 'cross-origin',
    'x-content-type-options': 'nosniff',
  };
  if (request.headers['if-none-match'] === picture.etag) {
    await picture.close();
    response.writeHead(304, headers).end();
    return;
  }
  response.writeHead(200, { ...headers, 'content-type': 'image/webp', 'content-length': picture.size });
  if (request.method === 'HEAD') {
    await picture.close();
    response.end();
    return;
  }
  await pipeline(picture.read(), response);
}

async function openPicture(path: string) {
  try {
    const file = await open(path);
    const { size, mtimeMs } = await file.stat();
    return {
      size,
      etag: `"${size.toString(36)}-${Math.trunc(mtimeMs).toString(36)}"`,
      read: () => createReadStream(path, { fd: file }),
      close: () => file.close(),
    };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}
