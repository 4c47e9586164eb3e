import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Connections } from '../../src/upstream/connections.ts';
import { answerShop, type HostileSubgraphs, shopAnswerTo, startHostileSubgraphs } from '../hostile/hostile-graph.ts';
import { type RawRequest, sound } from '../hostile/raw-server.ts';

export interface SoakOptions {
  readonly requests: number;
  /** How many operations there are that differ in their text. */
  readonly texts: number;
  readonly clients: number;
  readonly checkpoints: number;
  report?(checkpoint: Checkpoint): void;
}

/** Of the router's process, its garbage collected. */
export interface Checkpoint {
  readonly requests: number;
  readonly seconds: number;
  readonly heapMb: number;
  readonly externalMb: number;
  readonly rssMb: number;
}

export interface SoakResult {
  readonly checkpoints: readonly Checkpoint[];
  /** From the second fifth to the last: what a leak grows by, once everything that is kept is there. */
  readonly growthMb: number;
  readonly statuses: Readonly<Record<string, number>>;
}

/** Asks a router for a long time, everything that it is asked in its life and much that goes wrong, and weighs its memory on the way. */
export async function soak(options: SoakOptions): Promise<SoakResult> {
  const subgraphs = await startHostileSubgraphs();
  subgraphs.shop.answer = mostlySound();
  const router = startProcess(subgraphs);
  try {
    const [{ port }] = (await once(router, 'message')) as [{ port: number }];
    return await run(port, router, subgraphs, options);
  } finally {
    router.disconnect();
    await once(router, 'exit');
    await subgraphs.stop();
  }
}

function startProcess({ settings }: HostileSubgraphs): ChildProcess {
  return fork(fileURLToPath(new URL('router-process.ts', import.meta.url)), {
    execArgv: ['--expose-gc', '--no-warnings'],
    env: { PATH: process.env.PATH, ...settings, SUBGRAPH_TIMEOUT_MS: '60000' },
  });
}

async function run(
  port: number,
  router: ChildProcess,
  { people, shop }: HostileSubgraphs,
  { requests, texts, clients, checkpoints, report }: SoakOptions,
): Promise<SoakResult> {
  const connections = new Connections({
    url: `http://127.0.0.1:${port}/graphql`,
    maxConnections: clients,
    maxWaiting: 0,
    connectTimeoutMs: 60_000,
    timeoutMs: 120_000,
    maxAnswerBytes: 1_000_000,
  });
  const statuses: Record<string, number> = {};
  const weighed: Checkpoint[] = [];
  const begunMs = performance.now();
  let sent = 0;
  const askUntil = async (last: number) => {
    while (sent < last) {
      const body = requestOf(sent, texts);
      sent += 1;
      const { status } = await connections.post({ headers: '', body, isRepeatable: true });
      statuses[status] = (statuses[status] ?? 0) + 1;
    }
  };
  for (let at = 1; at <= checkpoints; at += 1) {
    await Promise.all(Array.from({ length: clients }, () => askUntil(Math.round((requests * at) / checkpoints))));
    people.requests.length = 0;
    shop.requests.length = 0;
    const checkpoint = await weigh(router, sent, (performance.now() - begunMs) / 1_000);
    weighed.push(checkpoint);
    report?.(checkpoint);
  }
  await connections.close();
  return { checkpoints: weighed, growthMb: growthOf(weighed), statuses };
}

async function weigh(router: ChildProcess, requests: number, seconds: number): Promise<Checkpoint> {
  router.send('weigh');
  const [used] = (await once(router, 'message')) as [{ heapUsed: number; external: number; rss: number }];
  const [heapMb, externalMb, rssMb] = [used.heapUsed, used.external, used.rss].map(
    (bytes) => Math.round(bytes / 1e4) / 100,
  ) as [number, number, number];
  return { requests, seconds: Math.round(seconds), heapMb, externalMb, rssMb };
}

function growthOf(checkpoints: readonly Checkpoint[]): number {
  const fifth = Math.max(1, Math.floor(checkpoints.length / 5));
  const mean = (some: readonly Checkpoint[]) =>
    some.reduce((sum, { heapMb, externalMb }) => sum + heapMb + externalMb, 0) / some.length;
  return mean(checkpoints.slice(-fifth)) - mean(checkpoints.slice(fifth, 2 * fifth));
}

const KNOWN = '{ people { id name favourite } greeting }';

/** Of a hundred requests: 70 known, 20 with variables of their own, 5 of many texts, 3 refused, one mutation, one that is no GraphQL. */
function requestOf(at: number, texts: number): string {
  const kind = at % 100;
  if (kind < 70) return JSON.stringify({ query: KNOWN });
  if (kind < 90)
    return JSON.stringify({ query: 'query G($to: String) { greeting(to: $to) }', variables: { to: `number ${at}` } });
  if (kind < 95) return JSON.stringify({ query: `query Q${Math.floor(at / 20) % texts} ${KNOWN}` });
  if (kind < 98) return JSON.stringify({ query: `{ nothing${at} }` });
  return JSON.stringify({ query: kind === 98 ? 'mutation { count }' : `{ unfinished${at} ` });
}

/** Every fiftieth answer is something else. */
function mostlySound(): (request: RawRequest) => void {
  const wrongs: readonly ((request: RawRequest) => void)[] = [
    ({ socket }) => void socket.resetAndDestroy(),
    ({ socket }) => void socket.write(sound('{"data":{"greeting":"hel')),
    ({ socket }) => void socket.end(),
    ({ socket, body }) => void socket.end(`HTTP/1.1 200 OK\r\n\r\n${shopAnswerTo(body)}`),
    ({ socket }) => void socket.write(sound('{"data":{"_entities":[],"greeting":{}}}')),
    ({ socket }) => void socket.write(sound('Oops', '', '500 Internal Server Error')),
    ({ socket }) => void socket.write('HTTP/1.1 200 OK\r\ncontent-length: 104857600\r\n\r\n'),
  ];
  let answered = 0;
  return (request) => {
    answered += 1;
    const wrong = answered % 50 === 0 ? wrongs[(answered / 50) % wrongs.length] : undefined;
    (wrong ?? answerShop)(request);
  };
}
