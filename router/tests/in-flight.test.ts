import { describe, expect, test } from '@jest/globals';
import { InFlight } from '../src/in-flight.ts';

function createReads() {
  let nowMs = 0;
  const inFlight = new InFlight<number>(() => nowMs);
  const begun: ((answer: number | Error) => void)[] = [];
  const begin = () =>
    new Promise<number>((resolve, reject) =>
      begun.push((answer) => (answer instanceof Error ? reject(answer) : resolve(answer))),
    );
  return {
    inFlight,
    begun,
    ask: (scope: string, key: string) => inFlight.share(scope, key, begin),
    pass: (ms: number) => {
      nowMs += ms;
    },
  };
}

describe('reads in flight', () => {
  test('equal ones of one scope share an answer, and only while it is on its way', async () => {
    const { ask, begun, inFlight } = createReads();
    const both = [ask('a', '{1}'), ask('a', '{1}')];
    expect(begun).toHaveLength(1);
    begun[0]?.(7);
    expect(await Promise.all(both)).toEqual([7, 7]);
    expect(inFlight.size).toBe(0);
    void ask('a', '{1}');
    expect(begun).toHaveLength(2);
  });

  test('another scope, another key, or a scope that runs into a key, shares nothing', () => {
    const { ask, begun } = createReads();
    for (const [scope, key] of [
      ['a', '{1}'],
      ['b', '{1}'],
      ['a', '{2}'],
      ['a{', '1}'],
    ] as const)
      void ask(scope, key);
    expect(begun).toHaveLength(4);
  });

  test('a failure is shared and not kept', async () => {
    const { ask, begun } = createReads();
    const both = [ask('a', '{1}'), ask('a', '{1}')];
    begun[0]?.(new Error('away'));
    await expect(Promise.all(both)).rejects.toThrow('away');
    await expect(both[1]).rejects.toThrow('away');
    void ask('a', '{1}');
    expect(begun).toHaveLength(2);
  });

  test('after a mutation nothing that began before is joined, by that scope', async () => {
    const { ask, begun, inFlight } = createReads();
    const [before, other] = [ask('a', '{1}'), ask('b', '{1}')];
    inFlight.forget('a');
    const [after, otherAfter] = [ask('a', '{1}'), ask('b', '{1}')];
    begun.forEach((land, index) => void land(index));
    expect(await Promise.all([before, other, after, otherAfter])).toEqual([0, 1, 2, 1]);
    expect(inFlight.size).toBe(0);
  });

  test('what has been on its way for a while is joined by nobody', async () => {
    const { ask, begun, pass, inFlight } = createReads();
    const first = ask('a', '{1}');
    pass(99);
    void ask('a', '{1}');
    expect(begun).toHaveLength(1);
    pass(1);
    const later = ask('a', '{1}');
    expect(begun).toHaveLength(2);
    begun[0]?.(1);
    expect(await first).toBe(1);
    void ask('a', '{1}');
    expect(begun).toHaveLength(2);
    begun[1]?.(2);
    expect(await later).toBe(2);
    expect(inFlight.size).toBe(0);
  });

  test('there are only so many', () => {
    const { ask, begun, inFlight } = createReads();
    for (let at = 0; at < 5_000; at += 1) void ask('a', String(at));
    expect(begun).toHaveLength(5_000);
    expect(inFlight.size).toBe(4_096);
  });
});
