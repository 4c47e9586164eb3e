import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { backoffMs } from '../src/domain/backoff.ts';

const PACE = { firstMs: 500, mostMs: 8_000 };

test('it doubles, up to its limit, and is never less than half of that', () => {
  expect([1, 2, 3, 4, 5, 6, 50, 10_000].map((tries) => backoffMs(tries, PACE, 0))).toEqual([
    250, 500, 1_000, 2_000, 4_000, 4_000, 4_000, 4_000,
  ]);
  fc.assert(
    fc.property(fc.nat(), fc.double({ min: 0, max: 0.999_999, noNaN: true }), (tries, chance) => {
      const delayMs = backoffMs(tries, PACE, chance);
      expect(delayMs).toBeGreaterThanOrEqual(PACE.firstMs / 2);
      expect(delayMs).toBeLessThanOrEqual(PACE.mostMs);
    }),
  );
});
