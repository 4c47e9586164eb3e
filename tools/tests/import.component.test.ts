import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { ROOT } from '../repo/paths.ts';

const run = (...words: string[]) =>
  spawnSync(process.execPath, ['--no-warnings', join(ROOT, 'tools', 'import.ts'), ...words], {
    cwd: ROOT,
    encoding: 'utf8',
    timeout: 20_000,
    env: { ...process.env, NODE_OPTIONS: '', EBUY_TOKEN: words.includes('--graph') ? 'x.y.z' : '' },
  });

it.each([
  ['without a file', []],
  ['with two files', ['a.csv', 'b.csv']],
  ['with an option that there is not', ['a.csv', '--publsh']],
  ['with an address that is none', ['a.csv', '--graph', 'shop']],
])('npm run import %s ends with 2 and says how it is called', (_, words) => {
  const { status, stderr } = run(...words);
  expect([status, stderr]).toEqual([2, expect.stringContaining('npm run import -- products.csv')]);
});

it('npm run import of a file that is not there ends with 1', () => {
  const { status, stderr } = run('/nowhere/products.csv', '--graph', 'http://127.0.0.1:9/graphql');
  expect([status, stderr]).toEqual([1, expect.stringContaining('/nowhere/products.csv')]);
});
