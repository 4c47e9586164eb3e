import type { GraphQLFormattedError } from 'graphql';
import type { Fault } from './faults.ts';

type Path = readonly (string | number)[];

/** As many errors as an answer of the router has at most. */
export const MAX_ERRORS = 100;
/** Faults by which no subgraph keeps to the specification, and each null that follows is somebody's fault. */
const LOUD: readonly Fault['kind'][] = [
  'down',
  'no data',
  'null data',
  'fewer entities',
  'more entities',
  'no entities',
  'not an object',
  'broken JSON',
];

const own = (value: unknown, key: string | number): unknown =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, key)
    ? (value as Record<string, unknown>)[key]
    : undefined;

/** What stands at a path. */
export function valueAt(data: unknown, path: Path): unknown {
  return path.reduce(own, data);
}

/** The paths at which the one has something and the other null. */
export function newNulls(before: unknown, after: unknown, path: Path = []): Path[] {
  if (after === null) return before === null || before === undefined ? [] : [path];
  if (typeof after !== 'object') return [];
  const isList = Array.isArray(after);
  return Object.keys(after as object).flatMap((key) =>
    newNulls(own(before, key), own(after, key), [...path, isList ? Number(key) : key]),
  );
}

/** An error's path leads to a null, or to where there would be something but for a null; or to what a subgraph said of a value that it gave. */
export function pathProblem(data: unknown, path: Path | undefined): string | null {
  let value = data;
  for (const step of path ?? []) {
    if (value === null) return null;
    value = own(value, step);
    if (value === undefined) return `there is no ${step}`;
  }
  return null;
}

/** Whether the null at the path is the fault of something that has an error, or may come without. */
export function isExplained(errors: readonly GraphQLFormattedError[], faults: readonly Fault[], path: Path): boolean {
  if (errors.length >= MAX_ERRORS) return true;
  if (!faults.every(({ kind }) => LOUD.includes(kind))) return true;
  return isAbout(errors, path);
}

/** Whether one of the errors is at the path, deeper, where a null came from, or above. */
export function isAbout(errors: readonly GraphQLFormattedError[], path: Path): boolean {
  return errors.some((error) => {
    const steps = error.path ?? [];
    const shorter = Math.min(steps.length, path.length);
    return steps.slice(0, shorter).every((step, index) => step === path[index]);
  });
}

/** Whether the second is the first but for more nulls. */
export function isEqualBut(whole: unknown, nulled: unknown): boolean {
  if (nulled === null) return true;
  if (typeof whole !== 'object' || whole === null || typeof nulled !== 'object') return whole === nulled;
  const keys = Object.keys(whole);
  return (
    Array.isArray(whole) === Array.isArray(nulled) &&
    keys.length === Object.keys(nulled as object).length &&
    keys.every((key) => isEqualBut(own(whole, key), own(nulled, key)))
  );
}
