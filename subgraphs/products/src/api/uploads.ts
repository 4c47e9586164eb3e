import type { IncomingMessage, ServerResponse } from 'node:http';
import { IDENTITY_HEADER, type IdentityKeys, type Logger, SIGNED_PURPOSES, verifyIdentity } from '@ebuy/runtime';
import { NoRoomForUpload, receiveUpload, UploadTooLarge } from '../commands/receive-upload.ts';
import type { Database } from '../store/index.ts';

export interface UploadDoorOptions {
  readonly database: Database;
  readonly identityKeys: IdentityKeys;
  readonly maxBytes: number;
  readonly logger: Logger;
}

/**
 * `POST /uploads`: a file as it comes, from the router alone. What is signed is the purpose (`SIGNED_PURPOSES.uploads`): the file is not
 * there yet when the router signs. The answer has the file's hash, so that whoever sent it can tell that it is whole.
 *
 * @returns for `App.beside`: whether the request was for it
 */
export function createUploadDoor(options: UploadDoorOptions) {
  return (request: IncomingMessage, response: ServerResponse): boolean => {
    if (request.url !== '/uploads') return false;
    receive(options, request, response).catch((error: unknown) => {
      if (request.destroyed && !request.complete) return response.destroy();
      options.logger.error({ err: error }, 'an upload failed');
      if (response.headersSent) return response.destroy();
      return refuse(response, 503, 'SERVICE_UNAVAILABLE', 'The file could not be kept. Send it again in a moment.');
    });
    return true;
  };
}

async function receive(
  { database, identityKeys, maxBytes }: UploadDoorOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const token = request.headers[IDENTITY_HEADER];
  const identity = verifyIdentity(
    typeof token === 'string' ? token : undefined,
    { to: 'products', body: SIGNED_PURPOSES.uploads },
    identityKeys,
  );
  if (request.method !== 'POST' || identity?.service !== 'router') {
    return refuse(response, 401, 'UNAUTHENTICATED', 'Files come through the router only.');
  }
  const { caller } = identity;
  if (!caller.scopes.includes('catalog:write'))
    return refuse(response, 403, 'FORBIDDEN', 'You are not allowed to do this.');
  try {
    const pieces = request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>;
    const upload = await receiveUpload(database, pieces, { who: `${caller.kind}:${caller.id ?? ''}`, maxBytes });
    response.writeHead(201, { 'content-type': 'application/json' }).end(JSON.stringify(upload));
  } catch (error) {
    if (error instanceof UploadTooLarge) {
      return refuse(response, 413, 'BODY_TOO_LARGE', `A file may have ${maxBytes} bytes. Split it.`);
    }
    if (!(error instanceof NoRoomForUpload)) throw error;
    return refuse(response, 503, 'NO_ROOM', 'Too many files are kept already; each goes after a day. Try again later.');
  }
}

/** Without reading the rest: the connection is of no use afterwards. */
function refuse(response: ServerResponse, status: number, code: string, message: string): void {
  response
    .writeHead(status, { 'content-type': 'application/json', connection: 'close' })
    .end(JSON.stringify({ errors: [{ message, extensions: { code } }] }));
}
