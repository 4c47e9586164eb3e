import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isSlug, nthSlug, slugOf } from '../src/index.ts';

test.each([
  ['Desk Lamp', 'desk-lamp'],
  ['  Crème brûlée — Set of 2! ', 'creme-brulee-set-of-2'],
  ['Straßenkarte für Łódź & Øresund', 'strassenkarte-fur-lodz-and-oresund'],
  ['Baker’s dozen', 'bakers-dozen'],
  ['ﬁne ½ Tea', 'fine-1-2-tea'],
  ['İstanbul', 'istanbul'],
  ['🏮🏮🏮', 'fallback'],
  ['مصباح', 'fallback'],
  ['ランプ', 'fallback'],
  ['---', 'fallback'],
])('%s becomes %s', (title, slug) => {
  expect(slugOf(title, 'fallback')).toBe(slug);
});

test.each(['lamp', 'lamp-2', '2-lamps', 'a'.repeat(100)])('%s is a slug', (slug) => {
  expect(isSlug(slug)).toBe(true);
});

test.each(['', '-lamp', 'lamp-', 'la--mp', 'Lamp', 'la mp', 'lämp', 'lamp\n', 'a'.repeat(101), '../etc', '💡'])(
  '%j is none',
  (text) => {
    expect(isSlug(text)).toBe(false);
  },
);

test('whatever the title, what comes out is a slug', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (title) => {
      expect(isSlug(slugOf(title, 'fallback'))).toBe(true);
    }),
    { numRuns: 500 },
  );
});

test('the next slugs are slugs, too, and differ', () => {
  const slug = fc.stringMatching(/^[a-z0-9]+(-[a-z0-9]+)*$/).filter(isSlug);
  fc.assert(
    fc.property(slug, (first) => {
      const tried = [1, 2, 9, 'abcdef012345'].map((nth) => nthSlug(first, nth));
      expect(tried[0]).toBe(first);
      expect(tried.every(isSlug)).toBe(true);
      expect(new Set(tried.slice(1)).size).toBe(3);
    }),
  );
});
