import type { Violation } from './contract.ts';

/** Enough to see what is wrong with one document; the rest would only hide it. */
const MAX_DIFFERENCES = 20;

/** Where two JSON values differ, leaf by leaf. A property that is undefined is one that is not there. */
export function differences(where: string, expected: unknown, found: unknown): Violation[] {
  const violations: Violation[] = [];
  const compare = (field: string, left: unknown, right: unknown): void => {
    if (violations.length === MAX_DIFFERENCES || Object.is(left, right)) return;
    if (isBranch(left) && isBranch(right) && Array.isArray(left) === Array.isArray(right)) {
      for (const key of new Set([...Object.keys(left), ...Object.keys(right)])) {
        compare(field === '' ? key : `${field}.${key}`, left[key], right[key]);
      }
      return;
    }
    violations.push({ where, field, expected: left, found: right });
  };
  compare('', expected, found);
  return violations;
}

function isBranch(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

/** Compares two sets of documents by id: what is missing, what is too many, and what differs. */
export function compareAll<Document>(
  noun: string,
  expected: ReadonlyMap<string, Document>,
  found: ReadonlyMap<string, Document>,
): Violation[] {
  const violations: Violation[] = [];
  for (const [id, document] of expected) {
    const other = found.get(id);
    if (other === undefined)
      violations.push({ where: `${noun} ${id}`, field: '', expected: 'to be there', found: null });
    else violations.push(...differences(`${noun} ${id}`, document, other));
  }
  for (const id of found.keys()) {
    if (!expected.has(id)) violations.push({ where: `${noun} ${id}`, field: '', expected: null, found: 'is there' });
  }
  return violations;
}
