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

test('the schema lists the refusals of mutations, all of them and no others', () => {
  const definition = parse(readSubgraphSdl('catalog')).definitions.find(
    (node) => node.kind === Kind.ENUM_TYPE_DEFINITION && node.name.value === 'CollectionErrorCode',
  );
  const values = definition?.kind === Kind.ENUM_TYPE_DEFINITION ? definition.values : [];
  expect((values ?? []).map(({ name }) => name.value).sort()).toEqual(Object.keys(REFUSALS).sort());
});

test.each(Object.keys(REFUSALS))('%s is thrown somewhere', (code) => {
  expect(sources.some((text) => text.includes(`refuse('${code}'`))).toBe(true);
});

test.each(Object.keys(QUERY_REFUSALS))('%s is thrown by a query', (code) => {
  expect(sources.some((text) => text.includes(`refuseQuery('${code}'`))).toBe(true);
});
