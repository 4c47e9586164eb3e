import type { FetchNode } from '@apollo/query-planner';
import type { GraphQLSchema } from 'graphql';
import type { Entity, Path } from './run.ts';
import { typeTest } from './type-test.ts';

export type Rewrite = NonNullable<FetchNode['inputRewrites']>[number];

type Change = (value: unknown) => void;

const FRAGMENT = '... on ';
const NOTHING_TO_DO: Change = () => undefined;

/**
 * What the planner wants changed in an object after it came or before it goes: a type's name set (interface objects), a key renamed
 * (fields that had to be asked for under another name).
 */
export function rewritesOf(schema: GraphQLSchema, rewrites: readonly Rewrite[] | undefined): Change {
  if (rewrites === undefined || rewrites.length === 0) return NOTHING_TO_DO;
  const changes = rewrites.map((rewrite) => compileRewrite(schema, rewrite));
  return (value) => {
    for (const change of changes) change(value);
  };
}

function compileRewrite(schema: GraphQLSchema, rewrite: Rewrite): Change {
  const last = rewrite.path.at(-1);
  if (last === undefined) return NOTHING_TO_DO;
  const change = (object: Entity): void => {
    if (rewrite.kind === 'ValueSetter') {
      object[last] = rewrite.setValueTo;
    } else if (Object.hasOwn(object, last) && object[last] !== undefined) {
      object[rewrite.renameKeyTo] = object[last];
      delete object[last];
    }
  };
  return rewrite.path.slice(0, -1).reduceRight<Change>((next, step) => into(schema, step, next), each(change));
}

/** One step of a rewrite's path: a field, or a condition on the type; an object that does not say its type is taken to be of it. */
function into(schema: GraphQLSchema, step: string, next: Change): Change {
  if (!step.startsWith(FRAGMENT)) return each((object) => next(Object.hasOwn(object, step) ? object[step] : undefined));
  const isOfType = typeTest(schema, step.slice(FRAGMENT.length));
  return each((object) => {
    if (object.__typename === undefined || isOfType(object.__typename)) next(object);
  });
}

function each(change: (object: Entity) => void): Change {
  const changeAll: Change = (value) => {
    if (Array.isArray(value)) for (const one of value) changeAll(one);
    else if (typeof value === 'object' && value !== null) change(value as Entity);
  };
  return changeAll;
}

/** An error's path with the keys that the answer has after its rewrites. */
export function rewritePath(rewrites: readonly Rewrite[] | undefined, path: Path): Path {
  return (rewrites ?? []).reduce<Path>((renamed, rewrite) => {
    if (rewrite.kind !== 'KeyRenamer') return renamed;
    const keys = rewrite.path.filter((step) => !step.startsWith(FRAGMENT));
    let matched = 0;
    for (const [index, step] of renamed.entries()) {
      if (typeof step === 'number') continue;
      if (step !== keys[matched]) return renamed;
      matched += 1;
      if (matched === keys.length) return renamed.with(index, rewrite.renameKeyTo);
    }
    return renamed;
  }, path);
}
