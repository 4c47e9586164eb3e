import type { Caller } from '@ebuy/runtime';

/** Which labels of progressive @override are on for one request. */
export interface Overrides {
  /** The same for the same labels; empty: none is on. */
  readonly key: string;
  readonly labels: ReadonlyMap<string, boolean>;
}

export type Overriding = (labels: readonly string[], caller: Caller, correlationId: string) => Overrides;

export const NO_OVERRIDES: Overrides = { key: '', labels: new Map() };

/**
 * `@override(label: "percent(25)")` is on for a quarter of all callers: always the same ones, and those of 10 are among those of 25. Who is
 * nobody in particular is drawn anew for each request. Any other label is on when it is listed.
 */
export function createOverriding(listed: readonly string[]): Overriding {
  const known = new Map<string, Overrides>();
  return (labels, caller, correlationId) => {
    if (labels.length === 0) return NO_OVERRIDES;
    const share = shareOf(caller.id ?? correlationId);
    const on = labels.filter((label) => {
      const percent = percentOf(label);
      return percent === null ? listed.includes(label) : share < percent;
    });
    const key = on.join();
    let overrides = known.get(key);
    if (overrides === undefined) {
      overrides = { key, labels: new Map(on.map((label) => [label, true])) };
      if (known.size < MAX_COMBINATIONS) known.set(key, overrides);
    }
    return overrides;
  };
}

const MAX_COMBINATIONS = 256;

function percentOf(label: string): number | null {
  const percent = /^percent\((\d{1,3}(?:\.\d{1,8})?)\)$/.exec(label)?.[1];
  return percent === undefined ? null : Number(percent);
}

/** From 0 to 100, spread evenly over ids (FNV-1a, then mixed). */
function shareOf(id: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < id.length; at += 1) hash = Math.imul(hash ^ id.charCodeAt(at), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32) * 100;
}
