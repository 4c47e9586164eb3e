// The two processes at the other end of every gateway: the subgraphs, and the one who loads.
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { pinned } from '../gateways/place.ts';
import type { Load, Loaded } from './contract.ts';

const START_DEADLINE_MS = 30_000;
const OVERHEAD_MS = 40_000;

export interface Beside {
  readonly subgraphUrls: Readonly<Record<string, string>>;
  readonly pids: readonly number[];
  load(wanted: Load): Promise<Loaded>;
  stop(): void;
}

export async function startBeside(processors: string, isExecuting: boolean): Promise<Beside> {
  const room = join(import.meta.dirname, '..');
  const execute = isExecuting ? ['--execute'] : [];
  const subgraphs = await startChild(processors, [join(room, 'graph', 'subgraphs-main.ts'), ...execute]);
  const loader = await startChild(processors, [join(room, 'load', 'load-main.ts')]);
  const [subgraphUrls] = await Promise.all([
    nextMessage<Record<string, string>>(subgraphs, START_DEADLINE_MS),
    nextMessage(loader, START_DEADLINE_MS),
  ]);
  return {
    subgraphUrls,
    pids: [subgraphs, loader].map(({ pid }) => Number(pid)),
    async load(wanted) {
      const answer = nextMessage<{ loaded: Loaded } | { failed: string }>(loader, wanted.forMs + OVERHEAD_MS);
      loader.send(wanted);
      const said = await answer;
      if ('failed' in said) throw new Error(said.failed);
      return said.loaded;
    },
    stop() {
      for (const child of [subgraphs, loader]) child.kill('SIGTERM');
    },
  };
}

/** It ends when the channel to us closes, however we end. */
async function startChild(processors: string, words: readonly string[]): Promise<ChildProcess> {
  const [command, args] = await pinned(processors, [process.execPath, ...words]);
  return spawn(command, args, {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    env: { ...process.env, NODE_ENV: 'production' },
  });
}

function nextMessage<Message>(child: ChildProcess, withinMs: number): Promise<Message> {
  return new Promise((resolve, reject) => {
    const end = (act: () => void) => () => {
      clearTimeout(timer);
      child.removeAllListeners('message').removeAllListeners('exit').removeAllListeners('error');
      act();
    };
    const fail = (why: string) => end(() => reject(new Error(why)))();
    const timer = setTimeout(() => fail('The load or the subgraphs are silent'), withinMs);
    child.once('message', (message) => end(() => resolve(message as Message))());
    child.once('exit', () => fail('The load or the subgraphs ended'));
    child.once('error', (error) => fail(error.message));
  });
}
