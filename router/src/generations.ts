export interface GenerationLimits {
  readonly maxEntries: number;
  /** Of all weights together; a value's weight is told when it is set. */
  readonly maxWeight: number;
}

/**
 * A bounded map that forgets what was not asked for lately. A hit costs one look into one map: values live in the young generation, which
 * becomes the old one when it is full, and whatever is asked of the old one is young again. So it holds at most twice its limits.
 */
export class Generations<Value> {
  readonly #limits: GenerationLimits;
  #young = new Map<string, Weighed<Value>>();
  #old = new Map<string, Weighed<Value>>();
  #weight = 0;

  constructor(limits: GenerationLimits) {
    this.#limits = limits;
  }

  get(key: string): Value | undefined {
    const young = this.#young.get(key);
    if (young !== undefined) return young.value;
    const old = this.#old.get(key);
    if (old === undefined) return undefined;
    this.#put(key, old);
    return old.value;
  }

  /** A value that is heavier than all together may be is not kept. */
  set(key: string, value: Value, weight: number): void {
    if (weight > this.#limits.maxWeight) return;
    this.#put(key, { value, weight });
  }

  delete(key: string): void {
    this.#weight -= this.#young.get(key)?.weight ?? 0;
    this.#young.delete(key);
    this.#old.delete(key);
  }

  /** What was asked for lately, oldest first. */
  young(): Value[] {
    return [...this.#young.values()].map(({ value }) => value);
  }

  get size(): number {
    return this.#young.size + this.#old.size;
  }

  #put(key: string, weighed: Weighed<Value>): void {
    this.delete(key);
    const { maxEntries, maxWeight } = this.#limits;
    if (this.#young.size === maxEntries || this.#weight + weighed.weight > maxWeight) {
      this.#old = this.#young;
      this.#young = new Map();
      this.#weight = 0;
    }
    this.#young.set(key, weighed);
    this.#weight += weighed.weight;
  }
}

interface Weighed<Value> {
  readonly value: Value;
  readonly weight: number;
}
