// One run: everything that its schedule says, then quiet, then the verdict.
import { rm } from 'node:fs/promises';
import { loadavg } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { disarm } from '@ebuy/testing';
import { readShopFile } from '@ebuy/tools/shop/shop-file.ts';
import { checksOf } from '@ebuy/tools/verify/checks.ts';
import { type Judgement, judge } from '@ebuy/tools/verify/judge.ts';
import { openStores } from '@ebuy/tools/verify/stores.ts';
import type { Entry } from './journal.ts';
import { carryOut, type KillRecord, PidBook } from './kills.ts';
import { openScene, type Scene } from './scene.ts';
import type { Schedule } from './schedule.ts';
import { settle } from './settle.ts';
import type { ChaosShop } from './shop.ts';
import { buyNow, runTraffic } from './traffic.ts';

/** A run that takes longer has not come to rest. */
const RUN_DEADLINE_MS = 480_000;
/** How long what is on its way may take to arrive in the read models. */
const JUDGE_WITHIN_MS = 60_000;

export interface RunResult {
  /** The commit that ran; `-dirty` with changes beside it. */
  readonly code: string;
  /** `PostgreSQL 15.18 from the system`, … */
  readonly engines: readonly string[];
  readonly seed: number;
  readonly replicas: 1 | 2;
  readonly tookMs: number;
  /** Of it: traffic and kills, until everybody is back; until all had come to rest; verify. */
  readonly spentMs: { readonly fire: number; readonly rest: number; readonly verdict: number };
  /** By status in the end; `refused` is what was never acknowledged. */
  readonly orders: Readonly<Record<string, number>>;
  readonly acknowledged: number;
  /** Requests that were sent again. */
  readonly repeats: number;
  readonly kills: readonly KillRecord[];
  readonly absent: readonly string[];
  /** How many processes wanted to run when it ended, on average over a minute: a busy machine recovers slowly. Unknown of older runs. */
  readonly load?: number;
  /** What verify compared, in all. */
  readonly compared: number;
  readonly claims: number;
  /** Why it failed; empty when all is well. */
  readonly violations: readonly string[];
}

export interface Run {
  readonly result: RunResult;
  /** For whoever looks for the cause. */
  readonly entries: readonly Entry[];
  readonly judgements: readonly Judgement[];
}

export async function runOnce(chaos: ChaosShop, schedule: Schedule, code: string): Promise<Run> {
  const from = performance.now();
  const signal = AbortSignal.timeout(RUN_DEADLINE_MS);
  chaos.fallen.length = 0;
  await rm(chaos.failpointsDir, { recursive: true, force: true });
  const violations: string[] = [];
  let kills: readonly KillRecord[] = [];
  let judgements: readonly Judgement[] = [];
  const spentMs = { fire: 0, rest: 0, verdict: 0 };
  let scene: Scene | null = null;
  try {
    const opened = await openScene(chaos.shop, schedule, signal);
    scene = opened;
    kills = await timed(spentMs, 'fire', () => underFire(chaos, schedule, opened, signal));
    violations.push(...(await timed(spentMs, 'rest', () => settle(chaos, opened, schedule))));
    judgements = await timed(spentMs, 'verdict', () => verdict(chaos));
    violations.push(...judgements.flatMap(violationsOf));
  } catch (error) {
    violations.push(`no rest: ${error instanceof Error ? error.message : String(error)}`);
  }
  violations.push(...(scene?.journal.violations ?? []), ...chaos.fallen);
  const entries = scene?.journal.entries ?? [];
  const result = {
    code,
    engines: chaos.shop.engines.list().map(({ how }) => how),
    seed: schedule.seed,
    replicas: schedule.replicas,
    tookMs: performance.now() - from,
    spentMs,
    orders: outcomes(entries, scene?.journal.refusals ?? []),
    acknowledged: entries.length,
    repeats: scene?.journal.repeats ?? 0,
    kills,
    absent: schedule.absent,
    load: loadavg()[0] ?? 0,
    compared: judgements.reduce((sum, judgement) => sum + judgement.verdict.compared, 0),
    claims: judgements.length,
    violations: [...new Set(violations)],
  };
  return { result, entries, judgements };
}

/** Traffic and kills at the same time, until both are over and everybody is back. */
async function underFire(
  { shop, failpointsDir }: ChaosShop,
  schedule: Schedule,
  scene: Scene,
  signal: AbortSignal,
): Promise<KillRecord[]> {
  const absent = schedule.absent.flatMap((name) => shop.services.get(name) ?? []);
  await Promise.all(absent.map((replica) => replica.kill()));
  const trafficOver = new AbortController();
  const stage = {
    shop,
    failpointsDir,
    pids: new PidBook(),
    buyNow: () => buyNow(scene),
    trafficOver: trafficOver.signal,
    signal,
  };
  const began = performance.now();
  const killing = Promise.all(
    schedule.kills.map(async (kill) => {
      await sleep(Math.max(0, began + kill.atMs - performance.now()), undefined, { signal });
      return carryOut(stage, kill);
    }),
  );
  killing.catch(() => undefined);
  try {
    await runTraffic(scene, schedule);
  } finally {
    await disarm(failpointsDir);
    trafficOver.abort();
  }
  const records = await killing;
  await Promise.all(absent.map((replica) => replica.restart()));
  return records;
}

async function verdict({ dataDir }: ChaosShop): Promise<Judgement[]> {
  const file = await readShopFile(dataDir);
  if (file === null) throw new Error(`${dataDir} has no shop.json`);
  const stores = await openStores(file);
  try {
    return await judge(checksOf(stores), { withinMs: JUDGE_WITHIN_MS });
  } finally {
    await stores.close();
  }
}

async function timed<Name extends string, Result>(
  spentMs: Record<Name, number>,
  name: Name,
  work: () => Promise<Result>,
): Promise<Result> {
  const from = performance.now();
  try {
    return await work();
  } finally {
    spentMs[name] = performance.now() - from;
  }
}

const SHOWN = 5;

function violationsOf({ check, verdict: { violations } }: Judgement): string[] {
  return violations
    .slice(0, SHOWN)
    .map(
      ({ where, field, expected, found }) =>
        `verify, ${check.claim}: ${where} ${field}: expected ${JSON.stringify(expected)}, found ${JSON.stringify(found)}`,
    );
}

function outcomes(entries: readonly Entry[], refusals: readonly string[]): Record<string, number> {
  const counted: Record<string, number> = {};
  const add = (name: string) => {
    counted[name] = (counted[name] ?? 0) + 1;
  };
  for (const { seen, promised } of entries) add(promised.refundedMinor ? 'REFUNDED' : seen.status);
  for (const _ of refusals) add('refused');
  return counted;
}
