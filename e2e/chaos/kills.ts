// Carries out the kills of a schedule, and measures how long it takes until the shop does again what died.
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { armFailpoint, firedFailpoints } from '@ebuy/testing';
import type { Shop } from '@ebuy/tools/shop/contract.ts';
import { isReady } from '@ebuy/tools/shop/service-process.ts';
import type { Kill } from './schedule.ts';

export interface KillRecord {
  readonly kind: Kill['kind'];
  /** `orders`, `orders-2`, `orders + cart`, `kafka`. */
  readonly target: string;
  /** Of a failpoint. */
  readonly point: string | null;
  /** False: the point was not passed in this run, or the process was away already. */
  readonly happened: boolean;
  /** From the kill until what died says that it is ready again; from the wake-up of what stood still. */
  readonly readyMs: number | null;
  /** From the kill until an order that somebody began to place at that moment was confirmed. */
  readonly orderMs: number | null;
}

export interface KillStage {
  readonly shop: Shop;
  readonly failpointsDir: string;
  readonly pids: PidBook;
  /** Resolves when somebody who begins now has an order confirmed. */
  readonly buyNow: () => Promise<void>;
  /** Aborted when the traffic is over and nothing is armed any more. */
  readonly trafficOver: AbortSignal;
  /** Aborted when the run's time is up. */
  readonly signal: AbortSignal;
}

const LOOK_EVERY_MS = 50;

export async function carryOut(stage: KillStage, kill: Kill): Promise<KillRecord> {
  switch (kill.kind) {
    case 'failpoint':
      return atFailpoint(stage, kill);
    case 'process':
      return killProcesses(stage, kill);
    case 'engine':
      return killEngine(stage, kill);
    case 'freeze':
      return freeze(stage, kill);
  }
}

async function atFailpoint(stage: KillStage, kill: Kill & { kind: 'failpoint' }): Promise<KillRecord> {
  const { failpointsDir, trafficOver, signal, pids } = stage;
  const { service, point, after } = kill;
  const record = { kind: kill.kind, target: service, point };
  const isIt = (fired: { service: string; point: string }) => fired.service === service && fired.point === point;
  const before = (await firedFailpoints(failpointsDir)).filter(isIt).map(({ pid }) => pid);
  await armFailpoint(failpointsDir, service, point, after);
  for (;;) {
    pids.look(stage.shop);
    const isLast = trafficOver.aborted;
    const fired = (await firedFailpoints(failpointsDir)).find((one) => isIt(one) && !before.includes(one.pid));
    if (fired !== undefined) {
      // The file is renamed at the moment of death.
      const { ctimeMs } = await stat(join(failpointsDir, `${service}.${point}.fired.${fired.pid}`));
      const name = pids.nameOf(fired.pid) ?? service;
      const sinceMs = Math.max(0, Date.now() - ctimeMs);
      return { ...record, target: name, happened: true, ...(await recovery(stage, [name], [fired.pid], sinceMs)) };
    }
    if (isLast) return { ...record, happened: false, readyMs: null, orderMs: null };
    await sleep(LOOK_EVERY_MS, undefined, { signal });
  }
}

async function killProcesses(stage: KillStage, { kind, processes }: Kill & { kind: 'process' }): Promise<KillRecord> {
  const dying = processes.flatMap((name) => {
    const pid = stage.shop.services.get(name)?.pid ?? null;
    return pid === null ? [] : [{ name, pid }];
  });
  const record = { kind, target: processes.join(' + '), point: null };
  for (const { pid } of dying) signalTo(pid, 'SIGKILL');
  if (dying.length === 0) return { ...record, happened: false, readyMs: null, orderMs: null };
  const names = dying.map(({ name }) => name);
  const pids = dying.map(({ pid }) => pid);
  return { ...record, target: names.join(' + '), happened: true, ...(await recovery(stage, names, pids, 0)) };
}

async function killEngine(stage: KillStage, { kind, engine }: Kill & { kind: 'engine' }): Promise<KillRecord> {
  const running = stage.shop.engines.get(engine);
  const { pid } = running;
  const record = { kind, target: engine, point: null };
  if (pid === null) return { ...record, happened: false, readyMs: null, orderMs: null };
  signalTo(pid, 'SIGKILL');
  const isBack = async () => running.pid !== null && running.pid !== pid;
  return { ...record, happened: true, ...(await measured(stage, isBack, 0)) };
}

async function freeze(stage: KillStage, kill: Kill & { kind: 'freeze' }): Promise<KillRecord> {
  const running = stage.shop.services.get(kill.process);
  const pid = running?.pid ?? null;
  const record = { kind: kill.kind, target: kill.process, point: null };
  if (pid === null || running === undefined) return { ...record, happened: false, readyMs: null, orderMs: null };
  const orderMs = timed(stage.buyNow);
  orderMs.catch(() => undefined);
  signalTo(pid, 'SIGSTOP');
  try {
    await sleep(kill.forMs, undefined, { signal: stage.signal });
  } finally {
    signalTo(pid, 'SIGCONT');
  }
  const readyMs = await timed(() => eventuallyTrue(() => isReady(running.adminUrl), stage.signal));
  return { ...record, happened: true, readyMs, orderMs: await orderMs };
}

function recovery(
  stage: KillStage,
  names: readonly string[],
  deadPids: readonly number[],
  sinceMs: number,
): Promise<{ readyMs: number; orderMs: number }> {
  const isBack = async (): Promise<boolean> => {
    const services = names.map((name) => stage.shop.services.get(name));
    const living = services.filter((one) => one !== undefined && one.pid !== null && !deadPids.includes(one.pid));
    if (living.length < names.length) return false;
    return (await Promise.all(living.map((one) => isReady(one?.adminUrl ?? '')))).every(Boolean);
  };
  return measured(stage, isBack, sinceMs);
}

async function measured({ buyNow, signal }: KillStage, isBack: () => Promise<boolean>, sinceMs: number) {
  const [readyMs, orderMs] = await Promise.all([timed(() => eventuallyTrue(isBack, signal)), timed(buyNow)]);
  return { readyMs: readyMs + sinceMs, orderMs: orderMs + sinceMs };
}

async function eventuallyTrue(check: () => Promise<boolean>, signal: AbortSignal): Promise<void> {
  while (!(await check())) await sleep(LOOK_EVERY_MS, undefined, { signal });
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const from = performance.now();
  await work();
  return performance.now() - from;
}

/** It may have died meanwhile. */
function signalTo(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** Who had which process id: a process that has died has none any more. */
export class PidBook {
  private readonly names = new Map<number, string>();

  look({ services }: Shop): void {
    for (const { name, pid } of services.values()) if (pid !== null) this.names.set(pid, name);
  }

  nameOf(pid: number): string | undefined {
    return this.names.get(pid);
  }
}
