import type { Entity } from './run.ts';

/**
 * Puts what a subgraph answered into what is there, in place: objects field by field, lists of the same length one by one, everything
 * else replaced. Answers are JSON: a key named `__proto__` is a key.
 */
export function merge(target: Entity, source: Entity): void {
  for (const key of Object.keys(source)) {
    const value = source[key];
    if (value === undefined) continue;
    const there = Object.hasOwn(target, key) ? target[key] : undefined;
    if (isMergeable(there) && isMergeable(value) && mergeBoth(there, value)) continue;
    set(target, key, value);
  }
}

type Mergeable = Entity | unknown[];

function isMergeable(value: unknown): value is Mergeable {
  return typeof value === 'object' && value !== null;
}

/** False when they are not of a kind. */
function mergeBoth(target: Mergeable, source: Mergeable): boolean {
  if (target === source) return true;
  if (!Array.isArray(target)) {
    if (Array.isArray(source)) return false;
    merge(target, source);
    return true;
  }
  if (!Array.isArray(source) || source.length !== target.length) return false;
  for (const [index, value] of source.entries()) {
    const there: unknown = target[index];
    if (!(isMergeable(there) && isMergeable(value) && mergeBoth(there, value))) target[index] = value;
  }
  return true;
}

function set(target: Entity, key: string, value: unknown): void {
  if (key === '__proto__')
    Object.defineProperty(target, key, { value, enumerable: true, writable: true, configurable: true });
  else target[key] = value;
}
