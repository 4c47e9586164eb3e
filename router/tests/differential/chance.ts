/** The same number for the same words, whatever the machine: what everything generated is drawn from. */
export function hash(...words: readonly (string | number)[]): number {
  let state = 0x811c9dc5;
  for (const word of words) {
    const text = `${word}\u0000`;
    for (let index = 0; index < text.length; index += 1) {
      state = Math.imul(state ^ text.charCodeAt(index), 0x01000193);
    }
  }
  state ^= state >>> 16;
  state = Math.imul(state, 0x85ebca6b);
  state ^= state >>> 13;
  state = Math.imul(state, 0xc2b2ae35);
  return (state ^ (state >>> 16)) >>> 0;
}

/** One of the list, by a number of any size. */
export function pick<T>(from: readonly T[], number: number): T {
  if (from.length === 0) throw new Error('There is nothing to pick from.');
  return from[number % from.length] as T;
}

/** A run of numbers, the same for the same seed. */
export interface Dice {
  /** From 0 up to, not including, `sides`. */
  roll(sides: number): number;
  /** True once in `sides` times. */
  once(sides: number): boolean;
  of<T>(from: readonly T[]): T;
}

export function diceOf(seed: number): Dice {
  let rolls = 0;
  const next = () => {
    rolls += 1;
    return hash(seed, rolls);
  };
  return {
    roll: (sides) => next() % sides,
    once: (sides) => next() % sides === 0,
    of: (from) => pick(from, next()),
  };
}
