import { newId } from '@ebuy/kernel';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { cursorOf, positionOf } from '../src/domain/cursor.ts';
import { countOf, histogramOf, nextVersion, sameHistogram } from '../src/domain/rating.ts';

describe('a histogram', () => {
  test('counts what is published, by stars, in any order', () => {
    const one = fc.record({
      status: fc.constantFrom('PENDING', 'PUBLISHED', 'REJECTED'),
      stars: fc.integer({ min: 1, max: 5 }),
    });
    fc.assert(
      fc.property(fc.array(one), (reviews) => {
        const histogram = histogramOf(reviews);
        const published = reviews.filter(({ status }) => status === 'PUBLISHED');
        expect(countOf(histogram)).toBe(published.length);
        for (const stars of [1, 2, 3, 4, 5]) {
          expect(histogram[stars - 1]).toBe(published.filter((review) => review.stars === stars).length);
        }
        expect(sameHistogram(histogramOf([...reviews].reverse()), histogram)).toBe(true);
      }),
    );
  });

  test('is another when one star is', () => {
    expect(sameHistogram([0, 1, 2, 3, 4], [0, 1, 2, 3, 4])).toBe(true);
    expect(sameHistogram([0, 1, 2, 3, 4], [0, 1, 2, 3, 5])).toBe(false);
  });

  test('has a version above the last, and above what was lost', () => {
    const now = new Date('2026-11-23T12:00:00Z');
    expect(nextVersion(0, now)).toBe(now.getTime());
    expect(nextVersion(now.getTime() + 5, now)).toBe(now.getTime() + 6);
  });
});

describe('a cursor', () => {
  const place = { id: newId(), createdAt: new Date('2026-11-23T12:00:00.123Z') };

  test('names a place in its own list', () => {
    expect(positionOf('product', cursorOf('product', place))).toEqual(place);
    expect(() => positionOf('staff', cursorOf('product', place))).toThrow('cursor');
  });

  const encoded = (json: unknown) => Buffer.from(JSON.stringify(json)).toString('base64url');
  test.each([
    '',
    'x'.repeat(10_000),
    '%%%',
    'bnVsbA',
    encoded(['product', 1]),
    encoded(['product', '1', place.id]),
    encoded(['product', 1.5, place.id]),
    encoded(['product', 1e300, place.id]),
    encoded(['product', { $gt: 0 }, place.id]),
    encoded(['product', 1, { $ne: null }]),
    encoded(['product', 1, 'x']),
    `${cursorOf('product', place)}\n`,
  ])('%j is none', (cursor) => expect(() => positionOf('product', cursor)).toThrow('cursor'));
});
