/**
 * Failpoints, from the outside: which process shall die, or stand still, and where.
 *
 * A service passes its failpoints (`failpoint()` in @ebuy/events) and knows nothing more. One that was started with the settings of
 * {@link failpointEnvironment} looks at each passage into the folder `dir` for a file `<service>.<point>`; who renames it to
 * `<service>.<point>.fired.<pid>` kills itself. So an arming fires once, in one of the replicas, and what has fired can be read.
 *
 * @example
 *   const shop = await startShop({ …, environment: { orders: failpointEnvironment(dir) } });
 *   await armFailpoint(dir, 'orders', 'store-after-commit');
 */
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Failpoint } from '@ebuy/events';
import { newId } from '@ebuy/kernel';

export interface FiredFailpoint {
  readonly service: string;
  readonly point: Failpoint;
  /** Of the process that was killed, or stood still. */
  readonly pid: number;
}

/** The settings that make a service obey what is armed in `dir`. It refuses to start with NODE_ENV=production. */
export function failpointEnvironment(dir: string): {
  readonly NODE_OPTIONS: string;
  readonly EBUY_FAILPOINTS_DIR: string;
} {
  return { NODE_OPTIONS: `--import=${new URL('./preload.ts', import.meta.url).href}`, EBUY_FAILPOINTS_DIR: dir };
}

/**
 * Arms a point of a service: the first of its replicas that has passed it `after` times since it was armed dies there, or stands still
 * for `pauseMs`, its event loop included, and goes on. Arming it again before it fired replaces it.
 */
export async function armFailpoint(
  dir: string,
  service: string,
  point: Failpoint,
  after = 0,
  pauseMs = 0,
): Promise<void> {
  await mkdir(dir, { recursive: true });
  // Whole at once: a process that passes at this moment must not read half of it.
  const unfinished = join(dir, `.${newId()}`);
  await writeFile(unfinished, JSON.stringify({ id: newId(), after, pauseMs }));
  await rename(unfinished, join(dir, `${service}.${point}`));
}

/** What has fired in this folder, ever. */
export async function firedFailpoints(dir: string): Promise<FiredFailpoint[]> {
  const found = (await namesIn(dir)).map((name) => /^([^.]+)\.([^.]+)\.fired\.(\d+)$/.exec(name));
  return found.flatMap((match) =>
    match?.[1] && match[2] ? [{ service: match[1], point: match[2] as Failpoint, pid: Number(match[3]) }] : [],
  );
}

/** Takes back whatever has not fired yet. Returns it, as `<service>.<point>`. */
export async function disarm(dir: string): Promise<string[]> {
  const armed = (await namesIn(dir)).filter((name) => /^[^.]+\.[^.]+$/.test(name));
  await Promise.all(armed.map((name) => rm(join(dir, name), { force: true })));
  return armed;
}

async function namesIn(dir: string): Promise<string[]> {
  return (await readdir(dir).catch(() => [])).sort();
}
