import { connect, createServer, type Socket } from 'node:net';
import { freePort } from './free-port.ts';

/** A way to an engine that can be cut, as a network would. */
export interface Wire {
  /** The engine's URL by this way. */
  readonly url: string;
  /** Lets connections through again. */
  join(): Promise<void>;
  /** Breaks every connection and refuses new ones. */
  cut(): Promise<void>;
}

/** Opens a way to the engine at `url`; it is whole at first. Cut it when the test is over. */
export async function wireTo(url: string): Promise<Wire> {
  const target = new URL(url);
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(Number(target.port), target.hostname);
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(one);
      one.on('error', () => undefined).on('close', () => other.destroy());
      one.pipe(other);
    }
  });
  const port = await freePort();
  const join = () =>
    new Promise<void>((resolve, reject) => {
      server.once('error', reject).listen(port, '127.0.0.1', () => {
        server.off('error', reject);
        resolve();
      });
    });
  await join();
  return {
    url: `${target.protocol}//127.0.0.1:${port}${target.pathname}`,
    join,
    cut() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      sockets.clear();
      return closed;
    },
  };
}
