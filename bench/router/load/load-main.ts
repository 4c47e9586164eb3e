// The one who loads: so many connections, each with one request in flight, over bare sockets with requests written beforehand. Does what its
// parent says, tells what it saw, and ends with it.
import { connect, type Socket } from 'node:net';
import type { Load, Loaded } from './contract.ts';
import { readMessages } from './http1.ts';

const CONNECT_DEADLINE_MS = 5_000;
/** What is not answered by then has failed. */
const LATE_MS = 20_000;

const requestOf = (port: number, body: string): Buffer =>
  Buffer.from(
    `POST /graphql HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nContent-Type: application/json\r\nAccept: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );

async function load({ port, bodies, answerBytes, connections, forMs }: Load): Promise<Loaded> {
  const requests = bodies.map((body) => requestOf(port, body));
  const sockets = await Promise.all(Array.from({ length: connections }, () => connectTo(port)));
  const durations: number[] = [];
  let failed = 0;
  let failure: string | null = null;
  let turn = 0;
  const startedAt = performance.now();
  const late = setTimeout(() => {
    for (const socket of sockets) socket.destroy(new Error(`no answer within ${LATE_MS} ms`));
  }, forMs + LATE_MS);

  const lane = (socket: Socket): Promise<void> =>
    new Promise((resolve) => {
      let asked = 0;
      let askedAt = 0;
      const fail = (why: string): void => {
        failed += 1;
        failure ??= why;
      };
      const ask = (): void => {
        askedAt = performance.now();
        if (askedAt - startedAt >= forMs) return void socket.end(resolve);
        asked = turn % requests.length;
        turn += 1;
        socket.write(requests[asked] as Buffer);
      };
      const read = readMessages((firstLine, body) => {
        durations.push(performance.now() - askedAt);
        const isGood = firstLine.startsWith('HTTP/1.1 200') && body.length === (answerBytes?.[asked] ?? body.length);
        if (!isGood) fail(`${firstLine}: ${body.toString().slice(0, 300)}`);
        ask();
      });
      socket.on('data', read);
      socket.on('close', () => resolve());
      socket.on('error', (error) => fail(error.message));
      socket.on('end', () => {
        if (performance.now() - startedAt < forMs) fail('the gateway closed a connection');
      });
      ask();
    });

  await Promise.all(sockets.map(lane));
  clearTimeout(late);
  const elapsedMs = performance.now() - startedAt;
  const sorted = Float64Array.from(durations).sort();
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
  return {
    answered: durations.length - failed,
    failed,
    failure,
    elapsedMs,
    p50Ms: at(0.5),
    p99Ms: at(0.99),
  };
}

function connectTo(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, noDelay: true });
    const timer = setTimeout(() => reject(new Error('The gateway takes no connection')), CONNECT_DEADLINE_MS);
    socket.once('error', reject);
    socket.once('connect', () => {
      clearTimeout(timer);
      socket.removeListener('error', reject);
      resolve(socket);
    });
  });
}

process.on('message', (wanted: Load) => {
  load(wanted).then(
    (loaded) => process.send?.({ loaded }),
    (error: Error) => process.send?.({ failed: error.message }),
  );
});
process.on('disconnect', () => process.exit(0));
process.send?.({ ready: true });
