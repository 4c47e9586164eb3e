// Takes an engine away from the running shop: killed and brought back by its supervisor, or frozen for as long as somebody looks.
import { eventually } from '@ebuy/testing';
import { readProcesses } from '@ebuy/tools/demo/processes.ts';
import { askReadiness } from '@ebuy/tools/shop/service-process.ts';
import { testShop } from '../client/shop.ts';

/** Keycloak needs a quarter of a minute on a free machine, and many of them on a busy one. */
const PATIENCE = { timeoutMs: 480_000, everyMs: 100 };

/** What `/readyz` says. */
export interface Readiness {
  readonly ready: boolean;
  readonly degraded?: boolean;
  readonly checks?: Readonly<Record<string, boolean>>;
}

/** SIGKILL of the engine's own process: no goodbye, no flush. Resolves when its supervisor has started it again and it answers. */
export async function crashEngine(engine: string): Promise<void> {
  const before = pidOf(engine);
  process.kill(before, 'SIGKILL');
  await eventually(() => {
    if (pidOf(engine) === before) throw new Error(`${engine} is still down`);
  }, PATIENCE);
}

/** Stops the engine, and every process of its own, from running while `during` lasts: connections stay open, and nobody answers. */
export async function freezeEngine<Result>(engine: string, during: () => Promise<Result>): Promise<Result> {
  const pids = readProcesses(pidOf(engine)).map(({ pid }) => pid);
  signal(pids, 'SIGSTOP');
  try {
    return await during();
  } finally {
    signal(pids, 'SIGCONT');
  }
}

/** The processes of all services, by name. */
export function servicePids(): Record<string, number> {
  const services = new Set(testShop().services.map(({ name }) => name));
  const mains = readProcesses(testShop().pid).filter(({ name, isMain }) => isMain && services.has(name));
  return Object.fromEntries(mains.map(({ name, pid }) => [name, pid]));
}

/** What every service says about its readiness, by name. Rejects when one of them does not say. */
export async function readinessOfAll(): Promise<Record<string, Readiness>> {
  const answers = testShop().services.map(async ({ name, adminUrl }) => {
    const answer = await askReadiness(adminUrl);
    if (answer === null) throw new Error(`${name} does not answer`);
    return [name, JSON.parse(answer.text) as Readiness] as const;
  });
  return Object.fromEntries(await Promise.all(answers));
}

function pidOf(engine: string): number {
  const pid = testShop().engines.find(({ name }) => name === engine)?.pid;
  if (pid === undefined || pid === null) throw new Error(`This shop has not started ${engine}: it is not ours to kill`);
  return pid;
}

function signal(pids: readonly number[], name: 'SIGSTOP' | 'SIGCONT'): void {
  for (const pid of pids) {
    try {
      process.kill(pid, name);
    } catch (error) {
      // One of its children has ended meanwhile.
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }
}
