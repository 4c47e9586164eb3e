import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { readSubgraphSdl } from '@ebuy/schema';
import { expect, test } from '@jest/globals';
import { Kind, parse } from 'graphql';
import { PAYMENT_STATUSES } from '../src/domain/payment.ts';
import { REFUSALS } from '../src/refusals.ts';

const source = fileURLToPath(new URL('../src', import.meta.url));
const sources = globSync('**/*.ts', { cwd: source, exclude: ['generated/**', 'refusals.ts'] }).map((file) =>
  readFileSync(`${source}/${file}`, 'utf8'),
);
/** Thrown by the runtime's `once`, which every command with a key goes through. */
const THROWN_BY_ONCE = ['IDEMPOTENCY_KEY_REUSED', 'IDEMPOTENCY_KEY_IN_USE'];
/** Cells of the status table, thrown where refundOrder meets them. */
const THROWN_BY_TABLE = ['NOT_CAPTURED', 'NOTHING_LEFT_TO_REFUND'];

function enumValues(name: string): string[] {
  const definition = parse(readSubgraphSdl('payments')).definitions.find(
    (node) => node.kind === Kind.ENUM_TYPE_DEFINITION && node.name.value === name,
  );
  return definition?.kind === Kind.ENUM_TYPE_DEFINITION
    ? (definition.values ?? []).map((value) => value.name.value)
    : [];
}

test('the schema lists the refusals, all of them and no others', () => {
  expect(enumValues('PaymentErrorCode').sort()).toEqual(Object.keys(REFUSALS).sort());
  expect(enumValues('PaymentStatus')).toEqual([...PAYMENT_STATUSES]);
});

test.each(Object.keys(REFUSALS))('%s is thrown somewhere', (code) => {
  if (THROWN_BY_ONCE.includes(code)) return;
  const needle = THROWN_BY_TABLE.includes(code) ? `kind: 'refused', code: '${code}'` : `refusal('${code}'`;
  expect(sources.some((text) => text.includes(needle))).toBe(true);
});
