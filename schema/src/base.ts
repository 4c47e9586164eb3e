import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const repositoryFolder = fileURLToPath(new URL('../../', import.meta.url));

/**
 * A file as it stands at a git revision.
 *
 * @param revision what to compare with: a branch, a tag, a commit
 * @param path from the repository's root
 * @returns the text, or null where there is nothing to compare with: no git, no commit yet, or the file is not in that revision
 * @throws Error when the revision's name cannot be one, or git does not answer within 10 s
 */
export function readAtRevision(revision: string, path: string): string | null {
  if (!/^[A-Za-z0-9][\w./~^@{}-]*$/.test(revision))
    throw new Error(`"${revision.slice(0, 80)}" is not a git revision.`);
  const result = spawnSync('git', ['show', `${revision}:${path}`], {
    cwd: repositoryFolder,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    timeout: 10_000,
  });
  if (result.error !== undefined && !('code' in result.error && result.error.code === 'ENOENT')) throw result.error;
  return result.status === 0 ? result.stdout : null;
}
