// Failpoints are off in production by construction: what a service runs knows no one who listens to them.
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FAILPOINT_CHANNEL } from '@ebuy/events';
import { expect, test } from '@jest/globals';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const NOT_OURS = new Set(['node_modules', 'generated', 'tests']);

/** Every source of a folder, tests apart, with its text. */
function sourcesIn(folder: string): { readonly file: string; readonly text: string }[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && /\.m?ts$/.test(entry.name))
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)))
    .filter((file) => !file.split(/[\\/]/).some((part) => NOT_OURS.has(part)))
    .map((file) => ({ file, text: readFileSync(join(ROOT, file), 'utf8') }));
}

const SERVED = [...sourcesIn('packages'), ...sourcesIn('subgraphs'), ...sourcesIn(join('router', 'src'))].filter(
  ({ file }) => !file.startsWith(join('packages', 'testing')),
);

test('nothing that a service runs imports what is for tests', () => {
  expect(SERVED.length).toBeGreaterThan(300);
  expect(SERVED.filter(({ text }) => text.includes('@ebuy/testing')).map(({ file }) => file)).toEqual([]);
});

test('nobody but the preload listens to failpoints', () => {
  const listening = /diagnostics_channel|FAILPOINT_CHANNEL/;
  const everybody = [...SERVED, ...sourcesIn(join('packages', 'testing')), ...sourcesIn('tools')];
  expect(
    everybody
      .filter(({ text }) => listening.test(text) || text.includes(FAILPOINT_CHANNEL))
      .map(({ file }) => file)
      .sort(),
  ).toEqual([
    'packages/events/src/failpoint.ts',
    'packages/events/src/index.ts',
    'packages/testing/src/failpoints/preload.ts',
  ]);
});

test('no service needs it installed, and the image that runs them leaves it out', () => {
  const manifests = readdirSync(join(ROOT, 'subgraphs')).map((name) => join('subgraphs', name, 'package.json'));
  for (const manifest of [...manifests, join('router', 'package.json')]) {
    const { dependencies } = JSON.parse(readFileSync(join(ROOT, manifest), 'utf8')) as { dependencies: object };
    expect([manifest, Object.keys(dependencies)]).not.toEqual([manifest, expect.arrayContaining(['@ebuy/testing'])]);
  }
  const image = readFileSync(join(ROOT, 'deploy', 'Dockerfile'), 'utf8');
  const [, service = ''] = image.split(/^FROM .* AS service$/m);
  expect(service).toContain('NODE_ENV=production');
  const origins = [...service.matchAll(/^COPY (?:--from=(\S+) )?.*\bpackages\b/gm)].map(([, stage]) => stage);
  expect(origins).toEqual(['generated']);
  const [, generated = ''] = image.split(/^FROM .* AS generated$/m);
  expect(generated.split(/^FROM /m)[0]).toMatch(/^RUN .*&& rm -r packages\/testing$/m);
});
