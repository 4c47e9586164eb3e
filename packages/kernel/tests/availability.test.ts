import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { availabilityOf, bestAvailability } from '../src/index.ts';

test.each([
  [0, 'OUT_OF_STOCK'],
  [1, 'LOW_STOCK'],
  [5, 'LOW_STOCK'],
  [6, 'IN_STOCK'],
  [1_000_000_000, 'IN_STOCK'],
])('%d units are %s', (units, availability) => {
  expect(availabilityOf(units)).toBe(availability);
});

test('a product is as available as the best of its variants', () => {
  const units = fc.array(fc.nat({ max: 20 }), { minLength: 1, maxLength: 10 });
  fc.assert(
    fc.property(units, (all) => {
      const each = all.map(availabilityOf);
      const best = (['IN_STOCK', 'LOW_STOCK', 'OUT_OF_STOCK'] as const).find((level) => each.includes(level));
      expect(bestAvailability(all)).toBe(best);
    }),
  );
});

test('five sizes with two units each run low', () => {
  expect(bestAvailability([2, 2, 2, 2, 2])).toBe('LOW_STOCK');
});
