// Kills a service of the shop as a crash would, and waits until its supervisor has brought it back.
import { eventually } from '@ebuy/testing';
import { readProcesses } from '@ebuy/tools/demo/processes.ts';
import { isReady as isUp } from '@ebuy/tools/shop/service-process.ts';
import { testShop } from './shop.ts';

const PATIENCE = { timeoutMs: 120_000, everyMs: 100 };

/** SIGKILL, then up again: resolves when another process answers `/readyz`. */
export async function crash(service: string): Promise<void> {
  const before = pidOf(service);
  if (before === undefined) throw new Error(`There is no process of ${service}`);
  process.kill(before, 'SIGKILL');
  await eventually(async () => {
    const now = pidOf(service);
    if (now === undefined || now === before) throw new Error(`${service} is still down`);
    if (!(await isReady(service))) throw new Error(`${service} is not ready`);
  }, PATIENCE);
}

/** Stops a service from running, as a machine that hangs would, while `during` lasts; then it goes on. */
export async function freeze<Result>(service: string, during: () => Promise<Result>): Promise<Result> {
  const pid = pidOf(service);
  if (pid === undefined) throw new Error(`There is no process of ${service}`);
  process.kill(pid, 'SIGSTOP');
  try {
    return await during();
  } finally {
    process.kill(pid, 'SIGCONT');
  }
}

function pidOf(service: string): number | undefined {
  return readProcesses(testShop().pid).find(({ name, isMain }) => isMain && name === service)?.pid;
}

function isReady(service: string): Promise<boolean> {
  const found = testShop().services.find(({ name }) => name === service);
  if (found === undefined) throw new Error(`This shop has no service ${service}`);
  return isUp(found.adminUrl);
}
