// A gateway as a process of its own, on processors of its own, which cannot outlive the bench.
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openPortBook, type Supervised, supervise } from '@ebuy/engines';
import { ROOT } from '@ebuy/tools/repo/paths.ts';
import type { Command, Gateway, Start } from './list.ts';
import { PLACE, type Processors, pinned } from './place.ts';

const READY_DEADLINE_MS = 90_000;
const GRACE_MS = 3_000;

export interface RunningGateway {
  readonly gateway: Gateway;
  readonly port: number;
  readonly pid: number;
  readonly logFile: string;
  stop(): Promise<void>;
}

/** @throws Error when it does not answer within a minute and a half, naming its log */
export async function runGateway(
  gateway: Gateway,
  processes: number,
  subgraphUrls: Start['subgraphUrls'],
  processors: Processors,
): Promise<RunningGateway> {
  const ports = await openPortBook(join(PLACE, 'ports.json'));
  const owner = `${gateway.kind}-${gateway.isSharing}-${processes}`;
  const port = await ports.choose(owner, null);
  const adminPort = await ports.choose(`${owner}-admin`, null);
  const logFile = join(PLACE, 'logs', `${owner}.log`);
  const child = await start(gateway.start({ port, adminPort, processes, subgraphUrls }), processors, owner, logFile);
  try {
    await untilAnswering(port, child);
  } catch {
    await child.stop();
    throw new Error(`${gateway.name} does not answer; its log: ${logFile}`);
  }
  return { gateway, port, pid: child.pid, logFile, stop: () => child.stop() };
}

async function start({ words, env }: Command, processors: Processors, owner: string, logFile: string) {
  const [command, args] = await pinned(processors.gateway, words);
  const { PATH = '', HOME = '' } = process.env;
  return supervise({
    name: `ebuy-bench-${owner}`,
    command,
    args,
    env: { PATH, HOME, ...env },
    cwd: ROOT,
    logFile,
    stopSignal: 'TERM',
    graceMs: GRACE_MS,
  });
}

async function untilAnswering(port: number, child: Supervised): Promise<void> {
  const deadline = performance.now() + READY_DEADLINE_MS;
  while (performance.now() < deadline && !child.hasExited()) {
    const answer = await ask(port, '{"query":"{ __typename }"}').catch(() => null);
    if (answer?.includes('"Query"')) return;
    await sleep(200);
  }
  throw new Error('not ready');
}

/** One request, at leisure; once more when the connection it was sent on had just been closed for its idleness. */
export async function ask(port: number, body: string): Promise<string> {
  const send = async () => {
    const response = await fetch(`http://127.0.0.1:${port}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json', 'accept-encoding': 'identity' },
      body,
      signal: AbortSignal.timeout(20_000),
    });
    return response.text();
  };
  return send().catch(send);
}
