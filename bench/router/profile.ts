// Where our router's time goes: one question and one kind of load at a time, sampled by V8 through the inspector, by package and by function.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { ROOT } from '@ebuy/tools/repo/paths.ts';
import { say } from '../shop.ts';
import { type Gateway, startOurs } from './gateways/list.ts';
import { PLACE, shareProcessors } from './gateways/place.ts';
import { type RunningGateway, runGateway } from './gateways/run.ts';
import { QUESTIONS } from './graph/queries.ts';
import type { Beside } from './load/beside.ts';
import { type LoadKind, measure } from './measure.ts';

const SAMPLE_US = 200;
const TOP_PACKAGES = 24;
const TOP_FUNCTIONS = 45;
const ANSWER_DEADLINE_MS = 30_000;

interface Profile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
    readonly children?: readonly number[];
  }[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

export async function profileOurs(
  beside: Beside,
  { connections, forMs }: { readonly connections: number; readonly forMs: number },
): Promise<void> {
  const gateway: Gateway = {
    name: 'ours',
    kind: 'ours',
    isSharing: false,
    start: startOurs(false, ['--inspect=127.0.0.1:0']),
  };
  const running = await runGateway(gateway, 1, beside.subgraphUrls, shareProcessors(1));
  try {
    const inspector = await openInspector(running);
    for (const question of QUESTIONS) {
      for (const load of ['identical', 'distinct'] as const satisfies readonly LoadKind[]) {
        const wanted = { running, question, load, connections, forMs, compared: null };
        await measure(beside, wanted);
        await inspector.ask('Profiler.enable', {});
        await inspector.ask('Profiler.setSamplingInterval', { interval: SAMPLE_US });
        await inspector.ask('Profiler.start', {});
        const { aSecond, cpuMs, failure } = await measure(beside, wanted);
        const { profile } = (await inspector.ask('Profiler.stop', {})) as { profile: Profile };
        if (failure !== null) throw new Error(failure);
        const file = join(PLACE, 'profiles', `${question.name.replace(' ', '-')}-${load}.cpuprofile`);
        mkdirSync(join(PLACE, 'profiles'), { recursive: true });
        writeFileSync(file, JSON.stringify(profile));
        say(`${question.name}, ${load}: ${aSecond.toFixed(0)} a second, ${cpuMs.toFixed(3)} ms CPU; ${file}`);
        summarize(profile, (aSecond * forMs) / 1_000);
      }
    }
    inspector.close();
  } finally {
    await running.stop();
  }
}

async function openInspector({ logFile, pid }: RunningGateway) {
  // The log is appended to: the last address is this process's.
  const address = readFileSync(logFile, 'utf8')
    .match(/ws:\/\/127\.0\.0\.1:\d+\/[\w-]+/g)
    ?.at(-1);
  if (address === undefined) throw new Error(`Process ${pid} has no inspector`);
  const socket = new WebSocket(address);
  await new Promise((resolve, reject) => {
    socket.addEventListener('open', resolve);
    socket.addEventListener('error', () => reject(new Error('The inspector does not answer')));
  });
  let last = 0;
  const ask = (method: string, params: object): Promise<unknown> => {
    last += 1;
    const id = last;
    const answer = new Promise((resolve) => {
      const read = ({ data }: MessageEvent) => {
        const message = JSON.parse(String(data)) as { id?: number; result?: unknown };
        if (message.id !== id) return;
        socket.removeEventListener('message', read);
        resolve(message.result);
      };
      socket.addEventListener('message', read);
    });
    socket.send(JSON.stringify({ id, method, params }));
    const late = sleep(ANSWER_DEADLINE_MS, undefined, { ref: false }).then(() => {
      throw new Error(`The inspector is silent about ${method}`);
    });
    return Promise.race([answer, late]);
  };
  return { ask, close: () => socket.close() };
}

/** Microseconds a request, by package and by function: self time, which adds up. What is native counts for who called it. */
function summarize({ nodes, samples, timeDeltas }: Profile, requests: number): void {
  const frames = new Map(nodes.map((node) => [node.id, node.callFrame]));
  const parents = new Map(nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id])));
  const byPackage = new Map<string, number>();
  const byFunction = new Map<string, number>();
  let total = 0;
  const add = (to: Map<string, number>, key: string, us: number) => to.set(key, (to.get(key) ?? 0) + us);
  for (const [index, id] of samples.entries()) {
    const frame = frames.get(id);
    const us = timeDeltas[index + 1] ?? 0;
    if (frame === undefined || us <= 0 || frame.functionName === '(idle)') continue;
    total += us;
    let at = id;
    while (frames.get(at)?.url === '' && parents.has(at)) at = parents.get(at) ?? 0;
    const caller = frames.get(at);
    const isOwn = at === id || caller === undefined || caller.url === '';
    add(byPackage, isOwn ? packageOf(frame.url, frame.functionName) : packageOf(caller.url, ''), us);
    const name = `${frame.functionName || '(anonymous)'}  ${placeOf(frame.url, frame.lineNumber)}`;
    const from = isOwn ? '' : `${caller.functionName || '(anonymous)'}  ${placeOf(caller.url, caller.lineNumber)}`;
    add(byFunction, isOwn ? name : `${frame.functionName || '(anonymous)'} for ${from}`, us);
  }
  const show = (title: string, from: ReadonlyMap<string, number>, top: number) => {
    console.log(`\n  ${title}, µs a request (share)`);
    for (const [key, us] of [...from].sort(([, a], [, b]) => b - a).slice(0, top)) {
      console.log(
        `  ${(us / requests).toFixed(1).padStart(8)}  ${((us / total) * 100).toFixed(1).padStart(5)}%  ${key}`,
      );
    }
  };
  show('by package', byPackage, TOP_PACKAGES);
  show('by function', byFunction, TOP_FUNCTIONS);
  console.log('');
}

function packageOf(url: string, functionName: string): string {
  if (url === '') return functionName.startsWith('(') ? functionName : '(native)';
  if (url.startsWith('node:')) return url;
  const path = placeOf(url, null);
  const installed = /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1];
  return installed ?? path.replace(/\/[^/]+$/, '');
}

function placeOf(url: string, line: number | null): string {
  const path = url.startsWith('file:') ? relative(ROOT, fileURLToPath(url)) : url;
  return line === null ? path : `${path}:${line + 1}`;
}
