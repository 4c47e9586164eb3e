// One gateway, one question, one kind of load, for some seconds.
import { readCpu, sumOf } from '../cpu.ts';
import type { Compared } from './answers.ts';
import type { RunningGateway } from './gateways/run.ts';
import { bodyOf, PAGES, type Question } from './graph/queries.ts';
import type { Beside } from './load/beside.ts';

export type LoadKind = 'identical' | 'distinct';

export interface Sample {
  readonly aSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Of the gateway's processes, for each request. */
  readonly cpuMs: number;
  /** How much of one processor the load and the subgraphs took: near 1 (and not near the number of theirs) they are what limits. */
  readonly besideBusy: number;
  readonly failed: number;
  readonly failure: string | null;
}

export interface Measuring {
  readonly running: RunningGateway;
  readonly question: Question;
  readonly load: LoadKind;
  readonly connections: number;
  readonly forMs: number;
  /** Null while warming up. */
  readonly compared: Compared | null;
}

const cpuOf = (pids: readonly number[]): number => pids.reduce((sum, pid) => sum + sumOf(readCpu(pid)), 0);

export async function measure(beside: Beside, wanted: Measuring): Promise<Sample> {
  const { running, question, load, connections, forMs, compared } = wanted;
  const pages = load === 'identical' ? 1 : PAGES;
  const gatewayBefore = cpuOf([running.pid]);
  const besideBefore = cpuOf(beside.pids);
  const loaded = await beside.load({
    port: running.port,
    bodies: Array.from({ length: pages }, (_, page) => bodyOf(question, page)),
    answerBytes: compared === null ? null : compared.answerBytes.slice(0, pages),
    connections,
    forMs,
  });
  return {
    aSecond: (loaded.answered / loaded.elapsedMs) * 1_000,
    p50Ms: loaded.p50Ms,
    p99Ms: loaded.p99Ms,
    cpuMs: (cpuOf([running.pid]) - gatewayBefore) / (loaded.answered + loaded.failed),
    besideBusy: (cpuOf(beside.pids) - besideBefore) / loaded.elapsedMs,
    failed: loaded.failed,
    failure: loaded.failure,
  };
}

/** The round in the middle, figure by figure. */
export function middle(samples: readonly Sample[]): Sample {
  const of = (read: (sample: Sample) => number): number => {
    const sorted = samples.map(read).sort((a, b) => a - b);
    return sorted[sorted.length >> 1] ?? Number.NaN;
  };
  return {
    aSecond: of(({ aSecond }) => aSecond),
    p50Ms: of(({ p50Ms }) => p50Ms),
    p99Ms: of(({ p99Ms }) => p99Ms),
    cpuMs: of(({ cpuMs }) => cpuMs),
    besideBusy: of(({ besideBusy }) => besideBusy),
    failed: samples.reduce((sum, { failed }) => sum + failed, 0),
    failure: samples.find(({ failure }) => failure !== null)?.failure ?? null,
  };
}
