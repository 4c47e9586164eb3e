import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { REFUSALS } from '../src/refusals.ts';

const source = fileURLToPath(new URL('../src', import.meta.url));
const sources = globSync('**/*.ts', { cwd: source, exclude: ['generated/**', 'refusals.ts'] }).map((file) =>
  readFileSync(`${source}/${file}`, 'utf8'),
);

test.each(Object.keys(REFUSALS))('%s is thrown somewhere', (code) => {
  expect(sources.some((text) => text.includes(`refusal('${code}'`))).toBe(true);
});
