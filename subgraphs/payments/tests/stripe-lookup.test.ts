import { Fault } from '@ebuy/kernel';
import { expect, test } from '@jest/globals';
import { findByReference, type Listed, madeAtMs, undecided, type Window } from '../src/provider/stripe-lookup.ts';

const MADE_AT = Date.parse('2026-11-23T12:00:00.000Z');
const reference = (index: number, atMs = MADE_AT) =>
  `${atMs
    .toString(16)
    .padStart(12, '0')
    .replace(/^(.{8})(.{4})$/, '$1-$2')}-7000-8000-${String(index).padStart(12, '0')}`;
const WANTED = reference(1);

/** Stripe's list of what was made at these seconds after the reference; the newest first. */
function listOf(entries: readonly { readonly at: number; readonly reference: string }[]) {
  const asked: Window[] = [];
  const all = entries.map((entry, index) => ({
    id: `pi_${index}`,
    created: MADE_AT / 1_000 + entry.at,
    metadata: { reference: entry.reference },
  }));
  const read = async ({ gte, lt }: Window, after: string | undefined) => {
    asked.push({ gte, lt });
    const fitting = all.filter(({ created }) => created >= gte && created < lt).toReversed();
    const from = after === undefined ? 0 : fitting.findIndex(({ id }) => id === after) + 1;
    return { data: fitting.slice(from, from + 2) as readonly Listed[], has_more: fitting.length > from + 2 };
  };
  return { asked, read };
}

const others = (count: number, at: number) =>
  Array.from({ length: count }, (_, index) => ({ at, reference: reference(100 + index) }));

test('a reference says when it was made', () => {
  expect(madeAtMs(WANTED)).toBe(MADE_AT);
});

test.each([
  ['at once', 1],
  ['a clock behind', -200],
  ['some minutes later', 200],
  ['hours later, after a long night', 30_000],
])('what was made %s is found, behind others as well', async (_what, at) => {
  const list = listOf([{ at, reference: WANTED }, ...others(7, at)]);
  const found = await findByReference(WANTED, list.read, MADE_AT + 86_400_000);
  expect(found).toMatchObject({ id: 'pi_0' });
});

test('the likeliest time is read first, and no moment twice', async () => {
  const list = listOf(others(5, 3_000));
  expect(await findByReference(WANTED, list.read, MADE_AT + 7_200_000)).toBeNull();
  const [first] = list.asked;
  expect(first).toEqual({ gte: MADE_AT / 1_000 - 2, lt: MADE_AT / 1_000 + 30 });
  const windows = list.asked.filter((one, index, all) => index === 0 || one.gte !== all[index - 1]?.gte);
  const sorted = windows.toSorted((one, other) => one.gte - other.gte);
  for (const [index, one] of sorted.slice(1).entries()) expect(one.gte).toBe(sorted[index]?.lt);
});

test('nothing is said to be missing before all of it was read', async () => {
  const list = listOf(others(100, 5));
  expect(await findByReference(WANTED, list.read, MADE_AT + 60_000)).toBe('unknown');
  expect(list.asked.length).toBe(20);
  expect(undecided()).toBeInstanceOf(Fault);
  expect(undecided().retryable).toBe(true);
});

test('a reference without a time is not looked for in a time', async () => {
  const list = listOf([]);
  expect(await findByReference('8c9f5f0e-8a51-4c5b-9d0f-000000000000', list.read)).toBe('unknown');
  expect(list.asked).toEqual([]);
});
