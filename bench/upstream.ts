// What a fetch costs the router in processor time: its own HTTP client beside undici's Pool.dispatch, against one server, in turns.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Pool } from 'undici';
import { Connections } from '../router/src/upstream/connections.ts';

const ROUNDS = 40;
const FETCHES = 1_500;
const CLIENTS = 32;
const CONNECTIONS = 16;
const TIMEOUT_MS = 60_000;
const MAX_ANSWER_BYTES = 10_000_000;
/** As large as a signed identity. */
const IDENTITY = 'x'.repeat(500);
const BODY = JSON.stringify({ query: '{ product(id: "1") { id title } }'.repeat(12), variables: { id: '1' } });
const ANSWERS: Readonly<Record<string, string>> = {
  '/1kB': JSON.stringify({ data: { text: 'x'.repeat(1_000) } }),
  '/40kB': JSON.stringify({
    data: { list: Array.from({ length: 800 }, (_, id) => ({ id, title: 'Any title of any product' })) },
  }),
};

if (process.argv[2] === 'serve') serve();
else await compare();

function serve(): void {
  const server = createServer((request, response) => {
    const answer = ANSWERS[request.url ?? ''] ?? '';
    request.resume().on('end', () => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(answer) });
      response.end(answer);
    });
  }).listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
  process.on('disconnect', () => process.exit());
}

async function compare(): Promise<void> {
  const server = fork(import.meta.filename, ['serve']);
  const [port] = (await once(server, 'message')) as [number];
  const origin = `http://127.0.0.1:${port}`;
  const pool = new Pool(origin, { connections: CONNECTIONS, pipelining: 1 });
  for (const path of Object.keys(ANSWERS)) {
    const own = new Connections({
      url: origin + path,
      maxConnections: CONNECTIONS,
      maxWaiting: CLIENTS,
      connectTimeoutMs: TIMEOUT_MS,
      timeoutMs: TIMEOUT_MS,
      maxAnswerBytes: MAX_ANSWER_BYTES,
    });
    const [ours, theirs]: [number[], number[]] = [[], []];
    for (let round = 0; round < ROUNDS; round += 1) {
      theirs.push(await microsecondsOf(() => dispatch(pool, path)));
      ours.push(
        await microsecondsOf(() =>
          own.post({ headers: `x-identity: ${IDENTITY}\r\n`, body: BODY, isRepeatable: true }),
        ),
      );
    }
    const [a, b] = [middleOf(theirs), middleOf(ours)];
    console.log(
      `${path.slice(1)}: undici ${a.toFixed(1)} µs a fetch, ours ${b.toFixed(1)}: ${(a / b).toFixed(2)} times less`,
    );
    await own.close();
  }
  await pool.close();
  server.disconnect();
}

async function microsecondsOf(fetchOnce: () => Promise<unknown>): Promise<number> {
  let left = FETCHES;
  const before = process.cpuUsage();
  const askOn = async () => {
    while (left > 0) {
      left -= 1;
      await fetchOnce();
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, askOn));
  const { user, system } = process.cpuUsage(before);
  return (user + system) / FETCHES;
}

function middleOf(values: number[]): number {
  return values.sort((a, b) => a - b)[values.length >> 1] as number;
}

/** The least that undici needs: no streams, no response objects; and a deadline, as ours has. */
function dispatch(pool: Pool, path: string): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const deadline = setTimeout(reject, TIMEOUT_MS);
    const headers = { 'content-type': 'application/json', 'x-identity': IDENTITY };
    pool.dispatch(
      { method: 'POST', path, headers, body: BODY },
      {
        onRequestStart() {},
        onResponseStart() {},
        onResponseData(_controller, chunk) {
          chunks.push(chunk);
        },
        onResponseEnd() {
          clearTimeout(deadline);
          resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks));
        },
        onResponseError(_controller, error) {
          clearTimeout(deadline);
          reject(error);
        },
      },
    );
  });
}
