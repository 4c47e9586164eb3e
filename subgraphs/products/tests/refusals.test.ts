import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readSubgraphSdl } from '@ebuy/schema';
import { expect, test } from '@jest/globals';
import { type EnumTypeDefinitionNode, parse } from 'graphql';
import { QUERY_REFUSALS, REFUSALS } from '../src/refusals.ts';

const sourceFolder = new URL('../src/', import.meta.url).pathname;
const source = readdirSync(sourceFolder, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts') && !file.startsWith('generated') && file !== 'refusals.ts')
  .map((file) => readFileSync(join(sourceFolder, file), 'utf8'))
  .join('\n');

/** Thrown by `once` of the runtime, on the shop's behalf. */
const THROWN_BY_RUNTIME = ['INVALID_IDEMPOTENCY_KEY', 'IDEMPOTENCY_KEY_REUSED', 'IDEMPOTENCY_KEY_IN_USE'];

test('each refusal of a mutation is in the schema, and the other way round', () => {
  const codes = parse(readSubgraphSdl('products')).definitions.find(
    (node): node is EnumTypeDefinitionNode =>
      node.kind === 'EnumTypeDefinition' && node.name.value === 'ProductErrorCode',
  );
  expect(codes?.values?.map(({ name }) => name.value).sort()).toEqual(Object.keys(REFUSALS).sort());
});

test('each refusal is thrown somewhere', () => {
  const thrown = new Set([...source.matchAll(/'([A-Z]+(?:_[A-Z]+)*)'/g)].map(([, code]) => code));
  const listed = [...Object.keys(REFUSALS), ...Object.keys(QUERY_REFUSALS)];
  expect(listed.filter((code) => !thrown.has(code) && !THROWN_BY_RUNTIME.includes(code))).toEqual([]);
});
