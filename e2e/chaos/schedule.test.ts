import { FAILPOINTS } from '@ebuy/events';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { POINTS, type Schedule, scheduleOf, WARES, WINDOW_MS } from './schedule.ts';

const seeds = fc.nat({ max: 2 ** 31 - 1 });
const replicas = fc.constantFrom<1 | 2>(1, 2);
const everySchedule = (check: (schedule: Schedule) => void) =>
  fc.assert(fc.property(seeds, replicas, (seed, count) => check(scheduleOf(seed, count))));

const targetsOf = ({ kills, absent }: Schedule) => [
  ...absent,
  ...kills.flatMap((kill) => (kill.kind === 'process' ? kill.processes : kill.kind === 'freeze' ? [kill.process] : [])),
];

describe('a schedule', () => {
  test('is the same for the same seed, byte for byte', () => {
    fc.assert(
      fc.property(seeds, replicas, (seed, count) => {
        expect(JSON.stringify(scheduleOf(seed, count))).toBe(JSON.stringify(scheduleOf(seed, count)));
      }),
    );
  });

  test('is what it was when it was written: a seed in a report keeps its meaning', () => {
    const { orders, kills } = scheduleOf(1, 1);
    expect([orders.length, kills.map(({ kind, atMs }) => [kind, atMs])]).toMatchInlineSnapshot(`
[
  14,
  [
    [
      "failpoint",
      576,
    ],
    [
      "failpoint",
      680,
    ],
    [
      "process",
      2401,
    ],
    [
      "process",
      2468,
    ],
  ],
]
`);
  });

  test('differs between seeds', () => {
    const texts = Array.from({ length: 200 }, (_, seed) => JSON.stringify(scheduleOf(seed, 1)));
    expect(new Set(texts).size).toBe(200);
  });

  test('has 8 to 16 orders and 2 to 5 kills, all within the window and in the order of time', () => {
    everySchedule(({ orders, kills, changes }) => {
      expect(orders.length).toBeGreaterThanOrEqual(8);
      expect(orders.length).toBeLessThanOrEqual(16);
      expect(kills.length).toBeGreaterThanOrEqual(2);
      expect(kills.length).toBeLessThanOrEqual(5);
      expect(changes.length).toBeLessThanOrEqual(3);
      for (const acts of [orders, kills, changes]) {
        const times = acts.map(({ atMs }) => atMs);
        expect(times).toEqual([...times].sort((one, other) => one - other));
        expect(times.every((atMs) => Number.isInteger(atMs) && atMs >= 0 && atMs <= WINDOW_MS)).toBe(true);
      }
    });
  });

  test('kills at most one engine, arms no point twice, and kills no process twice at the same moment', () => {
    everySchedule(({ kills }) => {
      const points = kills.flatMap((kill) => (kill.kind === 'failpoint' ? [`${kill.service} ${kill.point}`] : []));
      expect(new Set(points).size).toBe(points.length);
      expect(kills.filter(({ kind }) => kind === 'engine').length).toBeLessThanOrEqual(1);
      for (const kill of kills) {
        if (kill.kind === 'process') expect(new Set(kill.processes).size).toBe(kill.processes.length);
        if (kill.kind === 'freeze') expect(kill.forMs).toBeLessThanOrEqual(14_000);
      }
    });
  });

  test('names second replicas only where there are some', () => {
    everySchedule((schedule) => {
      const second = targetsOf(schedule).filter((name) => name.endsWith('-2'));
      if (schedule.replicas === 1) expect(second).toEqual([]);
      expect(second).not.toContain('sandbox-2');
    });
  });

  test('orders at least one unit of what it sells', () => {
    everySchedule(({ orders, units }) => {
      for (const ware of WARES) expect(units[ware]).toBeGreaterThan(0);
      for (const { quantity, ware } of orders) expect(quantity).toBeLessThanOrEqual(ware === 'cold' ? 3 : 1);
    });
  });

  test('arms only points that there are', () => {
    expect(
      Object.values(POINTS)
        .flat()
        .filter((point) => !FAILPOINTS.includes(point)),
    ).toEqual([]);
  });

  test('reaches every kind of kill and every point within 200 seeds', () => {
    const all = Array.from({ length: 200 }, (_, seed) => scheduleOf(seed, 2).kills).flat();
    const armed = all.flatMap((kill) => (kill.kind === 'failpoint' ? [`${kill.service} ${kill.point}`] : []));
    expect(new Set(all.map(({ kind }) => kind)).size).toBe(4);
    const wanted = Object.entries(POINTS).flatMap(([service, points]) => points.map((point) => `${service} ${point}`));
    expect(wanted.filter((one) => !armed.includes(one))).toEqual([]);
  });
});
