import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';

export interface RawRequest {
  readonly head: string;
  readonly body: string;
  readonly socket: Socket;
  /** How many came on this connection before. */
  readonly before: number;
}

export interface RawServer {
  readonly url: string;
  readonly requests: RawRequest[];
  /** How many connections were opened. */
  readonly opened: () => number;
  readonly open: () => number;
  answer: (request: RawRequest) => void;
  /** Breaks every connection off, as a process that dies. */
  reset(): void;
  stop(): Promise<void>;
}

/** A server that answers in bytes, however wrong they are. */
export async function startRawServer(answer: RawServer['answer'], port = 0): Promise<RawServer> {
  const sockets = new Set<Socket>();
  const requests: RawRequest[] = [];
  let opened = 0;
  const server = createServer({ noDelay: true }, (socket) => {
    opened += 1;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket)).on('error', () => {});
    let before = 0;
    let pending = Buffer.alloc(0);
    socket.on('data', (bytes) => {
      pending = Buffer.concat([pending, bytes]);
      for (let whole = takeRequest(pending); whole !== null; whole = takeRequest(pending)) {
        pending = pending.subarray(whole.bytes);
        const request = { head: whole.head, body: whole.body, socket, before };
        before += 1;
        requests.push(request);
        raw.answer(request);
      }
    });
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const raw: RawServer = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`,
    requests,
    opened: () => opened,
    open: () => sockets.size,
    answer,
    reset() {
      for (const socket of sockets) socket.resetAndDestroy();
    },
    async stop() {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
  return raw;
}

function takeRequest(bytes: Buffer): { head: string; body: string; bytes: number } | null {
  const end = bytes.indexOf('\r\n\r\n');
  if (end === -1) return null;
  const head = bytes.toString('latin1', 0, end);
  const length = Number(/\r\ncontent-length: (\d+)/.exec(head)?.[1] ?? 0);
  const whole = end + 4 + length;
  return bytes.length < whole ? null : { head, body: bytes.toString('utf8', end + 4, whole), bytes: whole };
}

/** A sound answer. */
export const sound = (body: string, headers = '', status = '200 OK') =>
  `HTTP/1.1 ${status}\r\ncontent-type: application/json\r\n${headers}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
