import type { GraphQLFormattedError } from 'graphql';
import { type Entity, type Gap, MAX_ERRORS, type Path, type Run } from './run.ts';
import type { FieldShape, FieldsShape, LeafShape, ObjectShape, ValueShape } from './shape.ts';

/** The answer in full, however broken what came is: what could be saved, and an error for everything else. */
export interface Completed {
  readonly data: Entity | null;
  readonly errors: readonly GraphQLFormattedError[];
}

/** What has to become null for the sake of something non-null in it. */
const VIOLATED = Symbol('violated');

/**
 * Completes values as the specification has it (section 6.4.4): a null where none may be empties the nearest field around it that may
 * be null. Each field that is null against its owner's will has an error: the subgraph's own, why its fetch failed, or what was wrong
 * with what came.
 */
export function complete(
  run: Run,
  shape: FieldsShape,
  introspect: (field: IntrospectionField) => unknown,
  toClientPath: (path: Path) => Path,
): Completed {
  return completeAt(run, { shape, object: run.data, path: [] }, introspect, toClientPath);
}

/** An object of the answer, and what of it is told. */
export interface Place {
  readonly shape: FieldsShape;
  readonly object: Entity;
  readonly path: Path;
}

/** The same for a part of the answer that is told apart from the rest; its errors' paths begin at the root all the same. */
export function completeAt(
  run: Run,
  { shape, object, path }: Place,
  introspect: (field: IntrospectionField) => unknown,
  toClientPath: (path: Path) => Path,
): Completed {
  const completion = new Completion(run, introspect, toClientPath);
  const completed = completion.fields(shape, object, path, NO_GAPS);
  const data = completed === VIOLATED ? null : completed;
  return { data, errors: completion.errors.map((error) => within(data, error, path.length)) };
}

const NO_GAPS: readonly Gap[] = [];

/** A subgraph may say of an error what it likes: its path goes as far as the answer does. */
function within(data: Entity | null, error: GraphQLFormattedError, start: number): GraphQLFormattedError {
  let value: unknown = data;
  for (const [index, step] of (error.path ?? []).entries()) {
    if (index < start) continue;
    if (value === null) break;
    value = typeof value === 'object' && Object.hasOwn(value as object, step) ? (value as Entity)[step] : undefined;
    if (value !== undefined) continue;
    const { path = [], ...rest } = error;
    return index === 0 ? rest : { ...rest, path: path.slice(0, index) };
  }
  return error;
}

export type IntrospectionField = Extract<FieldShape, { readonly kind: 'introspection' }>;
type Missing<Value> = Value | typeof VIOLATED;

class Completion {
  readonly errors: GraphQLFormattedError[];
  readonly #run: Run;
  readonly #introspect: (field: IntrospectionField) => unknown;
  /** The paths that are explained, as text. */
  readonly #explained: Set<string> = new Set();

  constructor(run: Run, introspect: (field: IntrospectionField) => unknown, toClientPath: (path: Path) => Path) {
    this.#run = run;
    this.#introspect = introspect;
    this.errors = run.errors.map((error) =>
      error.path === undefined ? error : { ...error, path: toClientPath(error.path) },
    );
    for (const { path } of this.errors) if (path !== undefined) this.#explain(path);
  }

  /** @param around what is lacking in this object as a part of another */
  fields(shape: FieldsShape, object: Entity, path: Path, around: readonly Gap[]): Missing<Entity> {
    const gaps = this.#gapsOf(object, around);
    const completed: Entity = Object.create(null) as Entity;
    let isViolated = false;
    for (const field of shape.fields) {
      const value = this.#field(shape, field, object, [...path, field.key], gaps);
      if (value === VIOLATED) isViolated = true;
      else completed[field.key] = value;
    }
    return isViolated ? VIOLATED : completed;
  }

  #field(shape: FieldsShape, field: FieldShape, object: Entity, path: Path, gaps: readonly Gap[]): unknown {
    switch (field.kind) {
      case 'typename':
        return shape.typeName;
      case 'introspection':
        return this.#introspect(field);
      case 'refused':
        this.#report({ message: field.refusal.message, path, extensions: { code: field.refusal.code } });
        return field.isNullable ? null : VIOLATED;
      case 'value': {
        const value = Object.hasOwn(object, field.fetchedAs) ? object[field.fetchedAs] : undefined;
        const inside = gaps.length === 0 ? NO_GAPS : insideOf(gaps, field.fetchedAs);
        if (value === undefined) this.#explainGap(inside[0], path);
        return this.#value(field.value, value ?? null, path, field.coordinate, inside);
      }
    }
  }

  #value(shape: ValueShape, value: unknown, path: Path, coordinate: string, gaps: readonly Gap[]): unknown {
    const completed = value === null ? null : this.#present(shape, value, path, coordinate, gaps);
    if (completed !== null && completed !== VIOLATED) return completed;
    if (shape.isNullable) return null;
    if (!this.#isExplained(path)) this.#invalid(`${coordinate} is null, which it never should be.`, path);
    return VIOLATED;
  }

  #present(shape: ValueShape, value: unknown, path: Path, coordinate: string, gaps: readonly Gap[]): unknown {
    switch (shape.kind) {
      case 'leaf':
        if (isValidLeaf(shape, value)) return value;
        return this.#invalid(`${coordinate} has a value of another type.`, path);
      case 'list': {
        if (!Array.isArray(value)) return this.#invalid(`${coordinate} should be a list.`, path);
        const completed = value.map((one: unknown, index) =>
          this.#value(shape.of, one ?? null, [...path, index], coordinate, gaps),
        );
        return completed.includes(VIOLATED) ? VIOLATED : completed;
      }
      case 'object':
        return this.#object(shape, value, path, coordinate, gaps);
    }
  }

  #object(shape: ObjectShape, value: unknown, path: Path, coordinate: string, gaps: readonly Gap[]): unknown {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      return this.#invalid(`${coordinate} should be an object.`, path);
    const fields = shape.of((value as Entity).__typename);
    if (fields !== null) return this.fields(fields, value as Entity, path, gaps);
    this.#explainGap(insideOf(this.#gapsOf(value, gaps), '__typename')[0], path);
    return this.#isExplained(path) ? null : this.#invalid(`${coordinate} has an object of another type.`, path);
  }

  #invalid(message: string, path: Path): null {
    this.#report({ message, path, extensions: { code: 'DOWNSTREAM_SERVICE_ERROR' } });
    return null;
  }

  #gapsOf(object: object, around: readonly Gap[]): readonly Gap[] {
    const own = this.#run.gaps?.get(object);
    return own === undefined ? around : [...around, ...own];
  }

  /** The fetch that would have given the field failed, or one that it needed. */
  #explainGap(gap: Gap | undefined, path: Path): void {
    if (gap === undefined || this.#isExplained(path)) return;
    const { message } = gap.error;
    const extensions =
      'extensions' in gap.error ? gap.error.extensions : { code: (gap.error as { readonly code: string }).code };
    this.#report({ message, path, ...(extensions === undefined ? {} : { extensions }) });
  }

  #report(error: GraphQLFormattedError): void {
    if (this.errors.length >= MAX_ERRORS) return;
    this.errors.push(error);
    if (error.path !== undefined) this.#explain(error.path);
  }

  /** An error explains the nulls at its path, and those that follow from it further up. */
  #explain(path: Path): void {
    for (let length = path.length; length > 0; length -= 1) this.#explained.add(JSON.stringify(path.slice(0, length)));
  }

  #isExplained(path: Path): boolean {
    return this.#explained.has(JSON.stringify(path));
  }
}

function insideOf(gaps: readonly Gap[], key: string): readonly Gap[] {
  return gaps.flatMap(({ error, keys }) => {
    const inside = keys.get(key);
    return inside === undefined ? [] : [{ error, keys: inside }];
  });
}

function isValidLeaf({ accepts, values }: LeafShape, value: unknown): boolean {
  switch (accepts) {
    case 'String':
      return typeof value === 'string';
    case 'ID':
      return typeof value === 'string' || isInteger(value);
    case 'Int':
      return isInteger(value);
    case 'Float':
      return Number.isFinite(value);
    case 'Boolean':
      return typeof value === 'boolean';
    case 'enum':
      return typeof value === 'string' && values.has(value);
    case 'custom':
      return true;
  }
}

/** Beyond 1e21 a number's text has an exponent. */
function isInteger(value: unknown): boolean {
  return Number.isInteger(value) && Math.abs(value as number) < 1e21;
}
