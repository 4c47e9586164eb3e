import { readFile, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

export interface Account {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/** True when we are root: PostgreSQL refuses to run as that. */
export const isRoot = (): boolean => process.getuid?.() === 0;

/** The first of these users that the system knows. */
export const findAccount = async (names: readonly string[]): Promise<Account | null> => {
  const lines = (await readFile('/etc/passwd', 'utf8').catch(() => '')).split('\n').map((line) => line.split(':'));
  for (const name of names) {
    const line = lines.find((fields) => fields[0] === name);
    if (line !== undefined) return { name, uid: Number(line[2]), gid: Number(line[3]) };
  }
  return null;
};

/** Whether that user may walk down to `path`: every folder above it must let others (or them) through. */
export const mayReach = async (account: Account, path: string): Promise<boolean> => {
  for (let folder = path; ; folder = dirname(folder)) {
    const entry = await stat(folder).catch(() => null);
    if (entry !== null) {
      const bits = entry.uid === account.uid ? 0o100 : entry.gid === account.gid ? 0o010 : 0o001;
      if ((entry.mode & bits) === 0) return false;
    }
    if (folder === dirname(folder)) return true;
  }
};
