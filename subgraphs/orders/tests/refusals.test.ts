import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { readSubgraphSdl } from '@ebuy/schema';
import { expect, test } from '@jest/globals';
import { Kind, parse } from 'graphql';
import { ORDER_STATUSES } from '../src/domain/order.ts';
import { QUERY_REFUSALS, REFUSALS } from '../src/refusals.ts';

const source = fileURLToPath(new URL('../src', import.meta.url));
const sources = globSync('**/*.ts', { cwd: source, exclude: ['generated/**', 'refusals.ts'] }).map((file) =>
  readFileSync(`${source}/${file}`, 'utf8'),
);
/** Thrown by the runtime's `once`, which every command with a key goes through. */
const THROWN_BY_ONCE = ['IDEMPOTENCY_KEY_REUSED', 'IDEMPOTENCY_KEY_IN_USE'];

function enumValues(name: string): string[] {
  const definition = parse(readSubgraphSdl('orders')).definitions.find(
    (node) => node.kind === Kind.ENUM_TYPE_DEFINITION && node.name.value === name,
  );
  return definition?.kind === Kind.ENUM_TYPE_DEFINITION
    ? (definition.values ?? []).map(({ name: { value } }) => value)
    : [];
}

test('the schema lists the refusals, all of them and no others', () => {
  expect(enumValues('OrderErrorCode').sort()).toEqual(Object.keys(REFUSALS).sort());
  expect(enumValues('OrderStatus')).toEqual([...ORDER_STATUSES]);
});

test.each(Object.keys(REFUSALS))('%s is thrown somewhere', (code) => {
  if (THROWN_BY_ONCE.includes(code)) return;
  expect(
    sources.some((text) => new RegExp(`(refusal|refused|refuseShowing)\\('${code}'|'${code}', \\[`).test(text)),
  ).toBe(true);
});

test.each(Object.keys(QUERY_REFUSALS))('%s is thrown by a query', (code) => {
  expect(sources.some((text) => text.includes(`queryRefusal('${code}'`))).toBe(true);
});
