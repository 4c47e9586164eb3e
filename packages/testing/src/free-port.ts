import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

// Below the ports that engines and services take (20,000 and up) and that systems give to whoever asks for any (32,768 and up): nobody takes
// it between this look and its use, nor while who had it is down.
const FROM = 12_000;
const BELOW = 20_000;
const TRIES = 100;

/** A port that stays free until it is used, for what has to name its address before it listens, or listens there again. */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < TRIES; tries += 1) {
    const port = randomInt(FROM, BELOW);
    if (await isFree(port)) return port;
  }
  throw new Error(`No free port between ${FROM} and ${BELOW}; end some of what listens there`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ host: '127.0.0.1', port, exclusive: true }, () => server.close(() => resolve(true)));
  });
}
