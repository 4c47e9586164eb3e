// Where the bench keeps its things, and which processors who may use.
import { cpus } from 'node:os';
import { join } from 'node:path';
import { findProgram } from '@ebuy/engines';
import { STATE_DIR } from '@ebuy/tools/repo/paths.ts';

export const PLACE = join(STATE_DIR, 'bench-router');
export const SUPERGRAPH_PATH = join(PLACE, 'supergraph.graphql');

/** The first processors are the gateway's, the rest belongs to those who load and those who are asked; with none left they share all. */
export interface Processors {
  readonly gateway: string;
  readonly load: string;
}

export function shareProcessors(forGateway: number): Processors {
  const last = cpus().length - 1;
  const range = (from: number, to: number) => (from === to ? String(from) : `${from}-${to}`);
  return {
    gateway: range(0, Math.min(forGateway - 1, last)),
    load: forGateway > last ? range(0, last) : range(forGateway, last),
  };
}

/**
 * A command that keeps to the given processors.
 *
 * @throws Error where there is no taskset: figures of processes that push one another about are worth nothing
 */
export async function pinned(processors: string, command: readonly string[]): Promise<[string, string[]]> {
  const taskset = await findProgram('taskset');
  if (taskset === null) throw new Error('taskset is missing: this bench runs on Linux with util-linux.');
  return [taskset, ['-c', processors, ...command]];
}
