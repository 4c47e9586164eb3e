import { createHash } from 'node:crypto';
import { access, mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

/** SHA-256 over files (by content; a missing one counts as such) and any further words. */
export const fingerprint = async (files: readonly string[], words: readonly string[] = []): Promise<string> => {
  const hash = createHash('sha256');
  for (const file of files) {
    const content = await readFile(file).catch(() => null);
    hash.update(`${file}\0${content === null ? 'missing' : content.length}\0`);
    if (content !== null) hash.update(content);
  }
  for (const word of words) hash.update(`\0${word}`);
  return hash.digest('hex');
};

export const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

/**
 * Runs `make` unless `output` is there and was made from the same fingerprint before.
 * The fingerprint of the last success is kept in `stamp`; a failure leaves the old stamp, so the next run tries again.
 */
export const makeWhenChanged = async (
  step: { readonly output: string; readonly stamp: string; readonly fingerprint: string },
  make: () => Promise<void>,
): Promise<'made' | 'unchanged'> => {
  const before = await readFile(step.stamp, 'utf8').catch(() => '');
  if (before === step.fingerprint && (await exists(step.output))) return 'unchanged';
  await make();
  await mkdir(dirname(step.stamp), { recursive: true });
  await writeFile(step.stamp, step.fingerprint);
  return 'made';
};
