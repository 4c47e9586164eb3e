/** One field of a selection, prepared: its resolver, its arguments, what its resolver is told, and how it fails. */
import {
  type FieldNode,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLResolveInfo,
  getArgumentValues,
  isNonNullType,
  Kind,
  locatedError,
  responsePathAsArray,
  TypeNameMetaFieldDef,
  type ValueNode,
} from 'graphql';
import { completing, completingLeaf, type Place, type Shape, servingAsItIs } from './complete.ts';
import { isThenable, type Path, promised, type Run } from './run.ts';

export interface Field {
  /** In the answer. */
  readonly name: string;
  resolve(run: Run, source: unknown, parentPath: Path | undefined): unknown;
  /** Whatever it is a field of. */
  readonly constant?: string;
  /** Of what has no resolver, for code made to measure (shape.ts): the steps of `resolve`. */
  readonly reads?: Reads;
}

interface Reads {
  readonly key: string;
  /** An expression of `value`: whether it is the answer as it stands. */
  readonly asItIs: string;
  otherwise(run: Run, source: unknown, parentPath: Path | undefined, value: unknown): unknown;
  fail(run: Run, raw: unknown, parentPath: Path | undefined): null;
}

export interface Selected {
  readonly name: string;
  readonly parentType: GraphQLObjectType;
  readonly definition: GraphQLField<unknown, unknown>;
  /** All that the operation says of it. */
  readonly nodes: readonly FieldNode[];
  /** What every resolver's `info` says of the operation. */
  readonly origin: Pick<GraphQLResolveInfo, 'schema' | 'fragments' | 'operation'>;
  shapeOf(type: GraphQLObjectType, nodes: readonly FieldNode[]): Shape;
}

type Args = Record<string, unknown>;
type Fail = (run: Run, raw: unknown, path: Path) => null;
type Settle = (run: Run, value: unknown, path: Path, info: GraphQLResolveInfo | undefined) => unknown;

export function fieldOf(selected: Selected): Field {
  const { name, parentType, definition } = selected;
  if (definition === TypeNameMetaFieldDef) {
    return { name, constant: parentType.name, resolve: () => parentType.name };
  }
  const place = placeOf(selected);
  const fail = failing(selected);
  const settle = settling(selected, place, fail);
  return definition.resolve
    ? { name, resolve: calling(selected, definition.resolve, place, settle, fail) }
    : { name, ...reading(selected, place, settle, fail) };
}

/** As graphql-js: an error empties the field, or where that may not be empty, what it stands in. */
function failing({ definition, nodes }: Selected): Fail {
  const isRequired = isNonNullType(definition.type);
  return (run, raw, path) => {
    const error = locatedError(raw, nodes, responsePathAsArray(path));
    if (isRequired) throw error;
    run.add(error, path);
    return null;
  };
}

function settling({ definition }: Selected, place: Place, fail: Fail): Settle {
  const complete = completing(definition.type, place);
  return (run, value, path, info) => {
    const completed = isThenable(value)
      ? promised(value.then((resolved) => complete(run, resolved, path, info)))
      : complete(run, value, path, info);
    return completed instanceof Promise ? completed.then(undefined, (raw: unknown) => fail(run, raw, path)) : completed;
  };
}

function calling(
  selected: Selected,
  resolver: NonNullable<Selected['definition']['resolve']>,
  place: Place,
  settle: Settle,
  fail: Fail,
): Field['resolve'] {
  const { name, parentType } = selected;
  const argumentsFor = argumentsOf(selected);
  return (run, source, parentPath) => {
    const path: Path = { prev: parentPath, key: name, typename: parentType.name };
    try {
      run.assertAwaited();
      const info = place.infoOf(run, path);
      return settle(run, resolver(source, argumentsFor(run), run.contextValue, info), path, info);
    } catch (raw) {
      return fail(run, raw, path);
    }
  };
}

/** A field without a resolver of its own is a property, or a method, of what it is a field of. */
function reading(selected: Selected, place: Place, settle: Settle, fail: Fail): Pick<Field, 'resolve' | 'reads'> {
  const { name, parentType, definition } = selected;
  const key = definition.name;
  const argumentsFor = argumentsOf(selected);
  const { test, expression } = servingAsItIs(definition.type);
  const leaf = completingLeaf(definition.type, place);
  const pathBelow = (prev: Path | undefined): Path => ({ prev, key: name, typename: parentType.name });
  const otherwise: Reads['otherwise'] = (run, source, parentPath, value) => {
    let path: Path | undefined;
    try {
      if (leaf !== null && typeof value !== 'function' && !isThenable(value)) return leaf(value);
      path = pathBelow(parentPath);
      if (typeof value !== 'function') return settle(run, value, path, undefined);
      run.assertAwaited();
      const info = place.infoOf(run, path);
      return settle(run, value.call(source, argumentsFor(run), run.contextValue, info), path, info);
    } catch (raw) {
      return fail(run, raw, path ?? pathBelow(parentPath));
    }
  };
  return {
    reads: {
      key,
      asItIs: expression,
      otherwise,
      fail: (run, raw, parentPath) => fail(run, raw, pathBelow(parentPath)),
    },
    resolve(run, source, parentPath) {
      let value: unknown;
      try {
        value = isOpen(source) ? source[key] : undefined;
      } catch (raw) {
        return fail(run, raw, pathBelow(parentPath));
      }
      return test(value) ? value : otherwise(run, source, parentPath, value);
    },
  };
}

function isOpen(source: unknown): source is Record<string, unknown> {
  return (typeof source === 'object' && source !== null) || typeof source === 'function';
}

function placeOf({ parentType, definition, nodes, origin, shapeOf }: Selected): Place {
  const { schema, fragments, operation } = origin;
  return {
    schema,
    parentType,
    fieldName: definition.name,
    nodes,
    infoOf: (run, path) => ({
      fieldName: definition.name,
      fieldNodes: nodes,
      returnType: definition.type,
      parentType,
      path: pathOfField(path),
      schema,
      fragments,
      rootValue: run.rootValue,
      operation,
      variableValues: run.variables,
    }),
    shapeOf: (type) => shapeOf(type, nodes),
  };
}

/** Of the field that an element of its list stands in. */
function pathOfField(path: Path): Path {
  let at = path;
  while (typeof at.key === 'number' && at.prev !== undefined) at = at.prev;
  return at;
}

/** Each resolver is given arguments of its own: it may change them. */
function argumentsOf({ definition, nodes }: Selected): (run: Run) => Args {
  const [node] = nodes;
  if (node === undefined) throw new Error('A field is selected by a node at least');
  if (definition.args.length === 0) return () => ({});
  const anew = (run: Run) => getArgumentValues(definition, node, run.variables);
  if (node.arguments?.some(({ value }) => mentionsVariable(value))) return anew;
  try {
    const fixed = getArgumentValues(definition, node);
    const isFlat = Object.values(fixed).every((value) => typeof value !== 'object' || value === null);
    return isFlat ? () => ({ ...fixed }) : anew;
  } catch {
    return anew;
  }
}

function mentionsVariable(value: ValueNode): boolean {
  if (value.kind === Kind.VARIABLE) return true;
  if (value.kind === Kind.LIST) return value.values.some(mentionsVariable);
  return value.kind === Kind.OBJECT && value.fields.some((field) => mentionsVariable(field.value));
}
