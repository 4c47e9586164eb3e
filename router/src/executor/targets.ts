import type { ResponsePath } from '@apollo/query-planner';
import type { Entity, Path } from './run.ts';

/** The objects at a plan's path (`@` stands for each of a list), in the order of the answer; what is null or missing is left out. */
export function targetsAt(data: Entity, path: ResponsePath): Entity[] {
  const found: Entity[] = [];
  gather(data, path, 0, found);
  return found;
}

function gather(value: unknown, path: ResponsePath, at: number, found: Entity[]): void {
  if (typeof value !== 'object' || value === null) return;
  if (Array.isArray(value)) {
    const next = path[at] === '@' ? at + 1 : at;
    for (const one of value) gather(one, path, next, found);
    return;
  }
  const step = path[at];
  if (step === undefined) found.push(value as Entity);
  else if (step !== '@' && Object.hasOwn(value, step)) gather((value as Entity)[step], path, at + 1, found);
}

/** Where each of the objects is in the answer: to be asked only when something must be said about one. */
export function pathsOf(data: Entity, path: ResponsePath): Map<object, Path[]> {
  const paths = new Map<object, Path[]>();
  const visit = (value: unknown, at: number, here: Path): void => {
    if (typeof value !== 'object' || value === null) return;
    if (Array.isArray(value)) {
      const next = path[at] === '@' ? at + 1 : at;
      for (const [index, one] of value.entries()) visit(one, next, [...here, index]);
      return;
    }
    const step = path[at];
    if (step === undefined) paths.set(value, [...(paths.get(value) ?? []), here]);
    else if (step !== '@' && Object.hasOwn(value, step)) visit((value as Entity)[step], at + 1, [...here, step]);
  };
  visit(data, 0, []);
  return paths;
}
