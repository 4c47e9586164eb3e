// What docs/ says is shown by a test is shown by one that is there.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ENGINE_NAMES } from '@ebuy/engines';
import { expect, test } from '@jest/globals';
import { ROOT } from '../repo/paths.ts';
import { SERVICE_NAMES } from '../shop/topology.ts';

const DOCS = join(ROOT, 'docs');
const TEST_FILE = /(?:[\w-]+\/)+[\w-]+(?:\.component|\.contract)?\.(?:test|e2e)\.ts/g;

const pages = readdirSync(DOCS, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.md'));
const named = pages.flatMap((page) =>
  [...readFileSync(join(DOCS, page), 'utf8').matchAll(TEST_FILE)].map(([file]) => ({ page, file })),
);

test('every test file that docs/ names exists', () => {
  expect(named.filter(({ file }) => !existsSync(join(ROOT, file)))).toEqual([]);
});

test('every line of the failure modes names a test of its own, or its table does', () => {
  const text = readFileSync(join(DOCS, 'failure-modes.md'), 'utf8');
  const tables = text.split(/\n(?=## )/).filter((section) => section.includes('\n|'));
  const unshown = tables.flatMap((section) => {
    const [prose = ''] = section.split('\n|');
    if (prose.match(TEST_FILE)) return [];
    const rows = section.split('\n').filter((line) => line.startsWith('| ') && !line.startsWith('| fault'));
    return rows.filter((row) => !row.match(TEST_FILE));
  });
  expect(tables).toHaveLength(3);
  expect(unshown).toEqual([]);
});

test('every engine and every process has a line in the failure modes', () => {
  const text = readFileSync(join(DOCS, 'failure-modes.md'), 'utf8');
  const first = text.split('\n').flatMap((line) => (line.startsWith('| ') ? [line.split('|')[1]!.toLowerCase()] : []));
  const wanted = [...ENGINE_NAMES, ...SERVICE_NAMES, 'launcher'];
  expect(wanted.filter((name) => !first.some((cell) => cell.includes(name)))).toEqual([]);
});
