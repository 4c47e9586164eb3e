import { describe, expect, test } from '@jest/globals';
import { compareAll, differences } from '../verify/differences.ts';
import { type Judgement, judge } from '../verify/judge.ts';
import type { Look } from '../verify/look.ts';

describe('differences', () => {
  test('are told leaf by leaf, with their path', () => {
    const expected = { title: 'Lamp', variants: [{ price: { amountMinor: 100 } }], tags: ['a'] };
    const found = { title: 'Lamp', variants: [{ price: { amountMinor: 99 } }], tags: ['a', 'b'] };
    expect(differences('product 1', expected, found)).toEqual([
      { where: 'product 1', field: 'variants.0.price.amountMinor', expected: 100, found: 99 },
      { where: 'product 1', field: 'tags.1', expected: undefined, found: 'b' },
    ]);
  });

  test.each([
    ['null and what is not there', { vendor: null }, {}],
    ['a list and an object', { tags: [] }, { tags: {} }],
    ['a number and its text', { count: 1 }, { count: '1' }],
  ])('%s are different', (_, expected, found) => {
    expect(differences('it', expected, found)).toHaveLength(1);
  });

  test('are at most twenty a document', () => {
    const many = (value: number) => Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`f${index}`, value]));
    expect(differences('it', many(1), many(2))).toHaveLength(20);
  });
});

test('what is missing and what is too many is found, too', () => {
  const violations = compareAll(
    'product',
    new Map([
      ['a', {}],
      ['b', {}],
    ]),
    new Map([
      ['b', {}],
      ['c', {}],
    ]),
  );
  expect(violations.map(({ where }) => where)).toEqual(['product a', 'product c']);
});

describe('the judge', () => {
  const failing = (times: number) => {
    let runs = 0;
    const violations = [{ where: 'it', field: '', expected: 1, found: 2 }];
    return {
      invariant: 'I10' as const,
      claim: 'it holds',
      counted: 'things',
      run: async () => ({ compared: 1, violations: ++runs > times ? [] : violations }),
    };
  };

  test('looks again while there is time', async () => {
    const [judgement] = await judge([failing(1)], { withinMs: 5_000 });
    expect(judgement?.verdict.violations).toEqual([]);
  });

  test('and says what is wrong when there is none', async () => {
    const [judgement] = await judge([failing(1)], { withinMs: 0 });
    expect(judgement?.verdict.violations).toHaveLength(1);
  });

  test('reads once a round what several checks need, and anew in the next', async () => {
    let reads = 0;
    const read = async (given: string) => `${given} ${++reads}`;
    const check = (name: string, failures: number) => {
      const inner = failing(failures);
      return {
        ...inner,
        claim: name,
        run: async (look: Look) => {
          seen.push(await look.at(read, 'read'));
          return inner.run();
        },
      };
    };
    const seen: string[] = [];
    const told: string[] = [];
    const onJudged = ({ check: { claim } }: Judgement) => told.push(claim);
    await judge([check('late', 1), check('prompt', 0)], { withinMs: 5_000, onJudged });
    expect(seen).toEqual(['read 1', 'read 1', 'read 2']);
    expect(told).toEqual(['late', 'prompt']);
  });

  test('waits for an engine that is away, and says so when it stays away', async () => {
    const away = (times: number) => {
      let runs = 0;
      const run = async () => {
        if (++runs <= times) throw new Error('no engine');
        return { compared: 1, violations: [] };
      };
      return { ...failing(0), run };
    };
    await expect(judge([away(1)], { withinMs: 5_000 })).resolves.toHaveLength(1);
    await expect(judge([away(1)], { withinMs: 0 })).rejects.toThrow('no engine');
  });
});
