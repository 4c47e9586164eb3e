import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { openSecrets } from '../shop/secrets.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ebuy-secrets-'));
});
afterEach(() => rm(folder, { recursive: true }));

it('stay the same from start to start, in a file that only its owner may read', async () => {
  const file = join(folder, 'secrets.json');
  const first = await openSecrets(file);
  expect((await openSecrets(file)).of('sandbox/webhook')).toBe(first.of('sandbox/webhook'));
  expect((await stat(file)).mode & 0o777).toBe(0o600);
});

it('are never made anew over a file that cannot be read: the data would be lost with them', async () => {
  const file = join(folder, 'secrets.json');
  await writeFile(file, '{}');
  await expect(openSecrets(file)).rejects.toThrow('--fresh');
});
