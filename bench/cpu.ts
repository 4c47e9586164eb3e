// CPU time and memory of every process of the shop, by the name of what it belongs to, from /proc.
import { readFileSync } from 'node:fs';
import { readProcesses, statOf } from '@ebuy/tools/demo/processes.ts';

/** The kernel counts in hundredths of a second on every Linux of ours. */
const MS_PER_TICK = 10;
const PAGE_KB = 4;
// Places in /proc/<pid>/stat, counted from `state`, which follows the name: utime, stime, cutime, cstime, rss.
const TIMES = [11, 12, 13, 14];
const RSS = 21;

/** CPU milliseconds since each process began, those of its ended children included, by name. */
export type CpuReading = ReadonlyMap<string, number>;

export function readCpu(launcherPid: number): CpuReading {
  const total = new Map<string, number>();
  for (const { pid, name } of readProcesses(launcherPid, process.pid)) {
    const fields = statOf(pid);
    if (fields === null) continue;
    // PostgreSQL's own processes hand their time on to their parent when they end, which belongs to the same name.
    const ticks = TIMES.reduce((sum, place) => sum + Number(fields[place]), 0);
    total.set(name, (total.get(name) ?? 0) + ticks * MS_PER_TICK);
  }
  return total;
}

export function cpuBetween(before: CpuReading, after: CpuReading): Map<string, number> {
  return new Map([...after].map(([name, ms]) => [name, Math.max(0, ms - (before.get(name) ?? 0))]));
}

export function sumOf(cpu: ReadonlyMap<string, number>): number {
  return [...cpu.values()].reduce((sum, ms) => sum + ms, 0);
}

/** Megabytes by name: PSS where it may be read (what processes share is shared out among them), else RSS. */
export function readMemory(launcherPid: number): Map<string, number> {
  const total = new Map<string, number>();
  for (const { pid, name } of readProcesses(launcherPid, process.pid)) {
    total.set(name, (total.get(name) ?? 0) + memoryKb(pid) / 1_024);
  }
  return total;
}

function memoryKb(pid: number): number {
  try {
    const pss = /^Pss:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1];
    if (pss !== undefined) return Number(pss);
  } catch {
    // Another user's process, or gone.
  }
  return Number(statOf(pid)?.[RSS] ?? 0) * PAGE_KB;
}
