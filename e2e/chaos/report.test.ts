import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { KillRecord } from './kills.ts';
import { lineOf, median, pageOf, ranges } from './report.ts';
import type { RunResult } from './run.ts';

const kill = (change: Partial<KillRecord>): KillRecord => ({
  kind: 'process',
  target: 'orders',
  point: null,
  happened: true,
  readyMs: 1_000,
  orderMs: 2_000,
  ...change,
});
const result = (change: Partial<RunResult> = {}): RunResult => ({
  code: 'c0ffee',
  engines: ['Kafka 4'],
  seed: 1,
  replicas: 1,
  tookMs: 12_000,
  spentMs: { fire: 8_000, rest: 2_000, verdict: 1_000 },
  orders: { CONFIRMED: 3, refused: 1 },
  acknowledged: 3,
  repeats: 7,
  kills: [],
  absent: [],
  compared: 50,
  claims: 11,
  violations: [],
  ...change,
});
const surroundings = { command: 'npm run chaos', node: '24', processors: '2 × CPU' };

describe('the page', () => {
  test('tells kills by kind, whichever replica it was', () => {
    const kills = [
      kill({}),
      kill({ target: 'orders-2', readyMs: 3_000 }),
      kill({ target: 'orders + orders-2' }),
      kill({ target: 'orders + cart' }),
      kill({ kind: 'engine', target: 'kafka' }),
      kill({ kind: 'failpoint', target: 'cart-2', point: 'store-after-commit' }),
      kill({
        kind: 'failpoint',
        target: 'cart',
        point: 'store-after-commit',
        happened: false,
        readyMs: null,
        orderMs: null,
      }),
    ];
    const page = pageOf([result({ kills })], surroundings);
    expect(page).toContain('| service: orders | 2 | 3.0 s | 3.0 s | 2.0 s | 2.0 s |');
    expect(page).toContain('| both replicas: orders | 1 |');
    expect(page).toContain('| two services together | 1 |');
    expect(page).toContain('| engine: kafka | 1 |');
    expect(page).toContain('| at a failpoint: cart | 1 |');
    expect(page).toContain('| cart | store-after-commit | 2 | 1 |');
    expect(page).toContain('none failed');
    expect(page).toContain('Node 24, Kafka 4');
  });

  test('names what failed', () => {
    const page = pageOf([result(), result({ seed: 9, violations: ['I4 gone'] })], surroundings);
    expect(page).toContain('**1 of 2 runs failed.**');
    expect(page).toContain('- seed 9 × 1: I4 gone');
    expect(lineOf(result({ violations: ['I4 gone'] }))).toContain('FAILED: I4 gone');
  });
});

test('a seed that was run again counts as it went last, and its failure is told', () => {
  const page = pageOf([result({ violations: ['I4 gone'] }), result({ seed: 2 }), result()], surroundings);
  expect(page).toContain('**2 runs, none failed.**');
  expect(page).toMatch(/## Failed at first, and run again[\s\S]*- seed 1 × 1: I4 gone/);
});

test('ranges names every number once, and no other', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(300)), (numbers) => {
      const told = ranges(numbers)
        .split(', ')
        .filter((part) => part !== '–')
        .flatMap((part) => {
          const [from = 0, to = from] = part.split('–').map(Number);
          return Array.from({ length: to - from + 1 }, (_, index) => from + index);
        });
      expect(told).toEqual([...new Set(numbers)].sort((one, other) => one - other));
    }),
  );
});

test('the median is the middle one, the upper of two', () => {
  expect([median([3, 1, 2]), median([4, 1]), median([])]).toEqual([2, 4, 0]);
});
