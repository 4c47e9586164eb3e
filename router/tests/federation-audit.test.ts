import { describe, expect, test } from '@jest/globals';
import { isAsExpected } from '../audit/run-suite.ts';

describe('an answer is as the audit expects', () => {
  test.each([
    [{ data: { a: [1, null] } }, { data: { a: [1, null] } }],
    [{ data: { b: 1, a: 2 } }, { data: { a: 2, b: 1 } }],
    [{ errors: [{}] }, { data: null, errors: true }],
    [{ data: null, errors: [{}] }, { errors: true }],
    [{ data: { a: 1 }, errors: [{}] }, { data: { a: 1 } }],
    [{ data: { a: 1 } }, { data: { a: 1 }, errors: false }],
    [
      { data: { a: 1 }, errors: [] },
      { data: { a: 1 }, errors: false },
    ],
  ])('%j to %j', (got, expected) => {
    expect(isAsExpected(got, expected)).toBe(true);
  });

  test.each([
    [{ data: { a: [1] } }, { data: { a: [1, null] } }],
    [{ data: { a: '1' } }, { data: { a: 1 } }],
    [{ data: { a: 1, b: 2 } }, { data: { a: 1 } }],
    [{ data: null }, { data: null, errors: true }],
    [{ data: null, errors: [] }, { errors: true }],
    [
      { data: { a: 1 }, errors: [{}] },
      { data: { a: 1 }, errors: false },
    ],
    ['no answer: timeout', { errors: true }],
    [null, {}],
  ])('not %j to %j', (got, expected) => {
    expect(isAsExpected(got, expected)).toBe(false);
  });
});
