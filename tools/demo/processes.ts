// The processes of a running shop as the kernel sees them (Linux: /proc), each under the name that its supervisor carries.
import { readdirSync, readFileSync } from 'node:fs';

export interface ShopProcess {
  readonly pid: number;
  /** `orders`, `postgresql`, …; `launcher` for what started them all. */
  readonly name: string;
  /** The program itself rather than a supervisor or a child, such as one of PostgreSQL's. */
  readonly isMain: boolean;
}

/** Every process that descends from `launcherPid`, itself included; without `exceptPid` and what descends from that. */
export function readProcesses(launcherPid: number, exceptPid?: number): ShopProcess[] {
  const children = new Map<number, number[]>();
  for (const pid of allPids()) {
    const parent = parentOf(pid);
    if (parent !== null && pid !== exceptPid) children.set(parent, [...(children.get(parent) ?? []), pid]);
  }
  const found: ShopProcess[] = [];
  const visit = (pid: number, name: string, isMain: boolean): void => {
    found.push({ pid, name, isMain });
    for (const child of children.get(pid) ?? []) {
      const supervised = supervisorName(child);
      const isChildMain = supervised === null && supervisorName(pid) !== null;
      visit(child, supervised ?? name, isChildMain);
    }
  };
  visit(launcherPid, 'launcher', true);
  return found;
}

function allPids(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

/** Null once the process is gone. */
function parentOf(pid: number): number | null {
  const fields = statOf(pid);
  return fields === null ? null : Number(fields[1]);
}

/** The fields of /proc/<pid>/stat from `state` on: the name before them may hold anything. Null once the process is gone. */
export function statOf(pid: number): string[] | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
  } catch {
    return null;
  }
}

/** What a supervisor (a shell) calls what it watches over; null for every other process. */
function supervisorName(pid: number): string | null {
  try {
    const [shell, flag, , name] = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
    return shell?.endsWith('sh') && flag === '-c' && name?.startsWith('ebuy-') ? name.slice('ebuy-'.length) : null;
  } catch {
    return null;
  }
}
