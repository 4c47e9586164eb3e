import { readFile, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { findProgram } from '../artifacts/machine.mjs';
import { run } from './run.ts';

const NOBODY = 65_534;

interface Account {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/** How to run a program that refuses to be root. */
export interface Unprivileged {
  /** Put before the program and its arguments. */
  readonly prefix: readonly string[];
  /** Who the process is, and who must own its files; ourselves when absent. */
  readonly runAs?: { readonly uid: number; readonly gid: number };
  /** `, as user postgres`: for the line that says how an engine runs. */
  readonly label: string;
}

const AS_WE_ARE: Unprivileged = { prefix: [], label: '' };

/**
 * An ordinary user is fine. Root becomes the system's user postgres or nobody, if that user may walk to all `paths`; else (a tree
 * under /root) a user namespace in which root's files seem to be an ordinary user's. `dataDir`, once it exists, says by its owner which of both
 * it was made with. Throws with what to do where neither is possible.
 */
export const findUnprivileged = async (dataDir: string, paths: readonly string[]): Promise<Unprivileged> => {
  if (process.getuid?.() !== 0) return AS_WE_ARE;
  const owner = (await stat(dataDir).catch(() => null))?.uid ?? null;
  const accounts = await readAccounts();
  const account =
    owner === null
      ? accounts.find(({ name }) => ['postgres', 'nobody'].includes(name))
      : accounts.find(({ uid }) => uid === owner);
  if (account !== undefined && account.uid !== 0) {
    const reachable = await Promise.all(paths.map((path) => mayReach(account, path)));
    if (!reachable.includes(false)) {
      return { prefix: [], runAs: { uid: account.uid, gid: account.gid }, label: `, as user ${account.name}` };
    }
  }
  const namespace = owner === null || owner === 0 ? await userNamespace() : null;
  if (namespace !== null) return { prefix: namespace, label: ', in a user namespace of its own' };
  throw new Error(
    `PostgreSQL does not run as root, and ${account?.name ?? 'no other user'} can enter ${paths.join(' and ')}. Start as an ordinary user, or put the data where others may enter: --data /var/lib/ebuy`,
  );
};

const userNamespace = async (): Promise<string[] | null> => {
  const unshare = await findProgram('unshare');
  if (unshare === null) return null;
  const prefix = [unshare, '--user', `--map-user=${NOBODY}`, `--map-group=${NOBODY}`];
  const works = await run(unshare, [...prefix.slice(1), 'true'], { timeoutMs: 5_000 }).catch(() => null);
  return works === null ? null : prefix;
};

/** In order of preference. */
const readAccounts = async (): Promise<Account[]> => {
  const lines = (await readFile('/etc/passwd', 'utf8').catch(() => '')).split('\n').map((line) => line.split(':'));
  const accounts = lines.map(([name = '', , uid, gid]) => ({ name, uid: Number(uid), gid: Number(gid) }));
  return accounts.sort((a, b) => Number(b.name === 'postgres') - Number(a.name === 'postgres'));
};

/** Whether that user may walk down to `path`: every folder above it must let others (or them) through. */
const mayReach = async (account: Account, path: string): Promise<boolean> => {
  for (let folder = path; ; folder = dirname(folder)) {
    const entry = await stat(folder).catch(() => null);
    if (entry !== null) {
      const bits = entry.uid === account.uid ? 0o100 : entry.gid === account.gid ? 0o010 : 0o001;
      if ((entry.mode & bits) === 0) return false;
    }
    if (folder === dirname(folder)) return true;
  }
};
