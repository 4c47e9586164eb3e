import { ANONYMOUS } from '@ebuy/runtime';
import { shopper } from '@ebuy/testing';
import { describe, expect, test } from '@jest/globals';
import { Generations } from '../../src/generations.ts';
import { createOverriding } from '../../src/operations/override-labels.ts';
import { scopeOf } from '../../src/operations/scope.ts';

describe('generations', () => {
  test('hold at most twice their limits, and what was asked for lately', () => {
    const kept = new Generations<number>({ maxEntries: 10, maxWeight: 1_000 });
    for (let n = 0; n < 1_000; n += 1) {
      kept.set(`k${n}`, n, 1);
      expect(kept.get('k0')).toBe(0);
      expect(kept.size).toBeLessThanOrEqual(20);
    }
    expect(kept.get('k1')).toBeUndefined();
    expect(kept.get('k999')).toBe(999);
  });

  test('are bounded by weight, too; what is heavier than all of it is not kept', () => {
    const kept = new Generations<number>({ maxEntries: 100, maxWeight: 10 });
    kept.set('heavy', 1, 11);
    for (let n = 0; n < 50; n += 1) kept.set(`k${n}`, n, 4);
    expect(kept.get('heavy')).toBeUndefined();
    expect(kept.size).toBeLessThanOrEqual(4);
  });

  test('forget what is deleted, and know a key once', () => {
    const kept = new Generations<number>({ maxEntries: 2, maxWeight: 10 });
    for (const key of ['a', 'b', 'c', 'a', 'a']) kept.set(key, 1, 1);
    kept.delete('a');
    expect(kept.get('a')).toBeUndefined();
    kept.set('c', 2, 1);
    expect(kept.get('c')).toBe(2);
    expect(kept.young().filter((value) => value === 2)).toHaveLength(1);
  });
});

describe('a scope', () => {
  test('differs by whatever of a caller an answer can depend on', () => {
    const one = { ...shopper('s1') };
    expect(scopeOf(one)).toBe(scopeOf({ ...one }));
    const others = [
      { ...one, kind: 'client' as const },
      { ...one, id: 's2' },
      { ...one, email: 'other@example.com' },
      { ...one, emailVerified: !one.emailVerified },
      { ...one, displayName: 'Other' },
      { ...one, roles: ['admin'] },
      { ...one, scopes: ['orders:read'] },
      { ...one, clientId: 'other' },
      ANONYMOUS,
    ];
    expect(new Set([one, ...others].map(scopeOf)).size).toBe(others.length + 1);
  });
});

describe('override labels', () => {
  const overriding = createOverriding(['new-cart']);
  const isOn = (label: string, id: string) => overriding([label], shopper(id), 'c-1').labels.get(label) === true;

  test('are on when they are listed', () => {
    expect([isOn('new-cart', 's1'), isOn('old-cart', 's1')]).toEqual([true, false]);
  });

  test('of a share are on for that share of callers, for the same ones each time, and for those of every smaller share', () => {
    const ids = Array.from({ length: 4_000 }, (_, n) => `caller-${n}`);
    const on = ids.filter((id) => isOn('percent(25)', id));
    expect(on.length).toBeGreaterThan(850);
    expect(on.length).toBeLessThan(1_150);
    expect(ids.filter((id) => isOn('percent(25)', id))).toEqual(on);
    expect(ids.filter((id) => isOn('percent(10)', id)).every((id) => on.includes(id))).toBe(true);
    expect(ids.filter((id) => isOn('percent(0)', id))).toEqual([]);
    expect(ids.filter((id) => isOn('percent(100)', id))).toHaveLength(ids.length);
  });

  test('are drawn by the request for who is nobody in particular', () => {
    const drawn = Array.from({ length: 200 }, (_, n) => overriding(['percent(50)'], ANONYMOUS, `c-${n}`).key);
    expect(new Set(drawn)).toEqual(new Set(['', 'percent(50)']));
  });
});
