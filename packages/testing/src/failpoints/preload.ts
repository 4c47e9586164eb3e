/**
 * Kills, or holds up, the process that it is loaded into (`node --import …`) as it passes an armed failpoint (arm.ts arms them).
 *
 * - Only a service obeys, known by its main: `subgraphs/orders/src/main.ts` is `orders`, `subgraphs/payments/sandbox/main.ts` is `sandbox`.
 * - Of many replicas one wins: it is who renamed the file.
 * - The kill is SIGKILL, from within the passage: not one statement more is run, nothing is flushed or closed.
 * - Without EBUY_FAILPOINTS_DIR nothing is subscribed to. With NODE_ENV=production the process does not start.
 */
import { subscribe } from 'node:diagnostics_channel';
import { existsSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { FAILPOINT_CHANNEL } from '@ebuy/events/failpoint';
import { serviceOfMain } from './service-of-main.ts';

if (process.env.NODE_ENV === 'production') {
  throw new Error('Failpoints kill services and are for tests only. Take packages/testing out of NODE_OPTIONS.');
}
const dir = process.env.EBUY_FAILPOINTS_DIR;
const service = serviceOfMain(process.argv[1]);
if (dir && service !== undefined) subscribe(FAILPOINT_CHANNEL, (point) => pass(dir, `${service}.${String(point)}`));

/** How often each arming was passed, by its text, which has an id of its own. */
const passages = new Map<string, number>();

function pass(dir: string, name: string): void {
  const file = join(dir, name);
  if (!existsSync(file)) return;
  const arming = readIfThere(file);
  if (arming === undefined) return;
  const { after = 0, pauseMs = 0 } = JSON.parse(arming || '{}') as { after?: number; pauseMs?: number };
  const before = passages.get(arming) ?? 0;
  passages.set(arming, before + 1);
  if (before < after || !take(file)) return;
  const nobodyWakes = new Int32Array(new SharedArrayBuffer(4));
  if (pauseMs === 0) process.kill(process.pid, 'SIGKILL');
  Atomics.wait(nobodyWakes, 0, 0, pauseMs || undefined);
}

/** Another replica may take it between our looks. */
function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

function take(file: string): boolean {
  try {
    renameSync(file, `${file}.fired.${process.pid}`);
    return true;
  } catch {
    return false;
  }
}
