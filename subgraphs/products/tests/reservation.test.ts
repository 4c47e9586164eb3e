import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { stepInstead } from '../src/commands/step-instead.ts';
import {
  linesOfEvent,
  RESERVATION_STATUSES,
  RESERVATION_STEPS,
  type ReservationStep,
  shortagesOf,
  sumByVariant,
} from '../src/domain/reservation.ts';

/** What each step leaves behind; a wish for stock is MADE or REFUSED. */
const AFTER: Partial<Record<ReservationStep, readonly string[]>> = {
  reserve: ['MADE', 'REFUSED'],
  remember: ['CANCELLED_BEFORE'],
  release: ['RELEASED'],
  consume: ['CONSUMED'],
};
const causes = ['order.placed', 'order.cancelled', 'order.shipped'] as const;
const statuses = ['NONE', ...RESERVATION_STATUSES] as const;

describe('the status table', () => {
  test('says for every event and every status what happens', () => {
    for (const cause of causes) expect(Object.keys(RESERVATION_STEPS[cause]).sort()).toEqual([...statuses].sort());
  });

  test('does nothing for an event that comes again', () => {
    for (const cause of causes) {
      for (const status of statuses) {
        for (const after of AFTER[RESERVATION_STEPS[cause][status]] ?? []) {
          expect(RESERVATION_STEPS[cause][after as 'MADE']).toBe('ignore');
        }
      }
    }
  });

  test('reserves only what was never heard of, and ends only what is held', () => {
    const where = (step: ReservationStep) =>
      causes.flatMap((cause) => statuses.filter((status) => RESERVATION_STEPS[cause][status] === step));
    expect(where('reserve')).toEqual(['NONE']);
    expect(where('remember')).toEqual(['NONE']);
    expect(where('release')).toEqual(['MADE']);
    expect(where('consume')).toEqual(['MADE']);
  });

  test('whatever the order of events, units are taken at most once and given back or consumed at most once', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...causes), { maxLength: 12 }), fc.boolean(), (events, enough) => {
        let status: (typeof statuses)[number] = 'NONE';
        const taken: string[] = [];
        for (const event of events) {
          const step: ReservationStep = RESERVATION_STEPS[event][status];
          const after: readonly string[] = AFTER[step] ?? [];
          if (step === 'reserve') status = enough ? 'MADE' : 'REFUSED';
          else if (after[0]) status = after[0] as typeof status;
          if ((step === 'reserve' && enough) || step === 'release' || step === 'consume') taken.push(step);
        }
        expect(taken.length).toBeLessThanOrEqual(2);
        if (taken.length === 2) expect(taken[0]).toBe('reserve');
      }),
    );
  });
});

test('what contradicts the table waits for people; what moved at this moment is tried again', () => {
  expect(stepInstead('order.cancelled', 'REFUSED', 'o')).toBe('ignore');
  expect(stepInstead('order.cancelled', null, 'o')).toBe('remember');
  expect(() => stepInstead('order.shipped', null, 'o')).toThrow(expect.objectContaining({ retryable: false }));
  expect(() => stepInstead('order.cancelled', 'CONSUMED', 'o')).toThrow(expect.objectContaining({ retryable: false }));
  expect(() => stepInstead('order.shipped', 'MADE', 'o')).toThrow(expect.objectContaining({ retryable: true }));
});

test('the README shows the table as it is', () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  for (const cause of causes) {
    const row = readme.split('\n').find((line) => line.startsWith(`| ${cause} `)) ?? '';
    const steps = row.split('|').slice(2, -1);
    expect(steps.map((step) => step.trim())).toEqual(statuses.map((status) => RESERVATION_STEPS[cause][status]));
  }
});

describe('lines', () => {
  const line = fc.record({
    variantId: fc.constantFrom('a', 'b', 'c'),
    sku: fc.constant('s'),
    quantity: fc.integer({ min: 1, max: 999 }),
  });
  const lines = fc.array(line, { minLength: 1, maxLength: 100 });
  const total = (some: readonly { quantity: number }[]) => some.reduce((sum, { quantity }) => sum + quantity, 0);

  test('are summed by variant, each once', () => {
    fc.assert(
      fc.property(lines, (some) => {
        const sums = sumByVariant(some);
        expect(new Set(sums.map(({ variantId }) => variantId)).size).toBe(sums.length);
        expect(total(sums)).toBe(total(some));
      }),
    );
  });

  test('of events say the same sums, none more than 999, and no more lines than the order had', () => {
    fc.assert(
      fc.property(lines, (some) => {
        const said = linesOfEvent(sumByVariant(some));
        expect(sumByVariant(said)).toEqual(sumByVariant(some));
        expect(Math.max(...said.map(({ quantity }) => quantity))).toBeLessThanOrEqual(999);
        expect(said.length).toBeLessThanOrEqual(some.length);
      }),
    );
  });

  test('are short exactly when a sum is more than there is', () => {
    const levels = fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.nat({ max: 3_000 }));
    fc.assert(
      fc.property(lines, levels, (some, units) => {
        const available = new Map(Object.entries(units));
        const fits = sumByVariant(some).every(({ variantId, quantity }) => quantity <= (available.get(variantId) ?? 0));
        expect(shortagesOf(some, available).length === 0).toBe(fits);
      }),
    );
  });
});
