import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { readSubgraphSdl } from '@ebuy/schema';
import { expect, test } from '@jest/globals';
import { Kind, parse } from 'graphql';
import { QUERY_REFUSALS, REFUSALS } from '../src/refusals.ts';

const source = fileURLToPath(new URL('../src', import.meta.url));
const sources = globSync('**/*.ts', { cwd: source, exclude: ['generated/**', 'refusals.ts'] }).map((file) =>
  readFileSync(`${source}/${file}`, 'utf8'),
);

test('the schema lists the refusals, all of them and no others', () => {
  const definition = parse(readSubgraphSdl('reviews')).definitions.find(
    (node) => node.kind === Kind.ENUM_TYPE_DEFINITION && node.name.value === 'ReviewErrorCode',
  );
  const values = definition?.kind === Kind.ENUM_TYPE_DEFINITION ? definition.values : [];
  expect((values ?? []).map(({ name }) => name.value).sort()).toEqual(Object.keys(REFUSALS).sort());
});

test.each([
  ...Object.keys(REFUSALS).map((code) => ['refusal', code]),
  ...Object.keys(QUERY_REFUSALS).map((code) => ['queryRefusal', code]),
])('%s %s is thrown somewhere', (thrower, code) => {
  expect(sources.some((text) => text.includes(`${thrower}('${code}'`))).toBe(true);
});
