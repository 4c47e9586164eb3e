/** From what a resolver gave to what the client gets: "Value Completion" of the specification, prepared for one field and its type. */
import {
  defaultTypeResolver,
  type FieldNode,
  type GraphQLAbstractType,
  GraphQLBoolean,
  GraphQLError,
  GraphQLFloat,
  GraphQLID,
  GraphQLInt,
  type GraphQLLeafType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  GraphQLString,
  isAbstractType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  locatedError,
  responsePathAsArray,
} from 'graphql';
import { inspect } from 'graphql/jsutils/inspect.js';
import { isThenable, type Path, promised, type Run } from './run.ts';

/** Gives the value, or a promise of it. `info` is the field's, where its resolver was given one. */
export type Complete = (run: Run, value: unknown, path: Path, info: GraphQLResolveInfo | undefined) => unknown;

/** The fields of one object type at one place of the operation. */
export interface Shape {
  /** Whether there is room to keep it: else it is made anew for each object. */
  readonly isKept: boolean;
  run(run: Run, source: unknown, path: Path | undefined): unknown;
}

export interface Place {
  readonly schema: GraphQLSchema;
  readonly parentType: GraphQLObjectType;
  readonly fieldName: string;
  readonly nodes: readonly FieldNode[];
  infoOf(run: Run, path: Path): GraphQLResolveInfo;
  shapeOf(type: GraphQLObjectType): Shape;
}

export function completing(type: GraphQLOutputType, place: Place): Complete {
  if (!isNonNullType(type)) return completingNullable(type, place);
  const inner = completingNullable(type.ofType, place);
  const message = nullMessage(place);
  return (run, value, path, info) => {
    const completed = inner(run, value, path, info);
    if (completed === null) throw new Error(message);
    return completed;
  };
}

function completingNullable(type: GraphQLOutputType, place: Place): Complete {
  const some = completingSome(type, place);
  return (run, value, path, info) => {
    if (value instanceof Error) throw value;
    return value == null ? null : some(run, value, path, info);
  };
}

function completingSome(type: GraphQLOutputType, place: Place): Complete {
  if (isListType(type)) return completingList(type.ofType, place);
  if (isLeafType(type)) {
    const serialize = serializing(type);
    return (_, value) => serialize(value);
  }
  if (isAbstractType(type)) return completingAbstract(type, place);
  if (isObjectType(type)) return completingObject(type, place);
  throw new Error(`No output type: ${String(type)}`);
}

/** Whether a value is serialized to itself: as a test, and as an expression of `value`. */
interface AsItIs {
  readonly test: (value: unknown) => boolean;
  readonly expression: string;
}

const NEVER: AsItIs = { test: () => false, expression: 'false' };
const TEXT: AsItIs = { test: (value) => typeof value === 'string', expression: 'typeof value === "string"' };
const AS_IT_IS: ReadonlyMap<GraphQLOutputType, AsItIs> = new Map<GraphQLOutputType, AsItIs>([
  [GraphQLString, TEXT],
  [GraphQLID, TEXT],
  [GraphQLBoolean, { test: (value) => typeof value === 'boolean', expression: 'typeof value === "boolean"' }],
  [
    GraphQLInt,
    {
      test: (value) => typeof value === 'number' && (value | 0) === value,
      expression: 'typeof value === "number" && (value | 0) === value',
    },
  ],
  [
    GraphQLFloat,
    {
      test: (value) => typeof value === 'number' && Number.isFinite(value),
      expression: 'typeof value === "number" && Number.isFinite(value)',
    },
  ],
]);

export function servingAsItIs(type: GraphQLOutputType): AsItIs {
  return AS_IT_IS.get(isNonNullType(type) ? type.ofType : type) ?? NEVER;
}

function serializing(type: GraphQLLeafType): (value: unknown) => unknown {
  const { test: asItIs } = servingAsItIs(type);
  return (value) => {
    if (asItIs(value)) return value;
    const serialized: unknown = type.serialize(value);
    if (serialized == null) {
      throw new Error(
        `Expected \`${inspect(type)}.serialize(${inspect(value)})\` to return non-nullable value, returned: ${inspect(serialized)}`,
      );
    }
    return isThenable(serialized) ? promised(serialized) : serialized;
  };
}

/** Leaves need neither a path nor an `info`: what reads them from an object makes none. Null for what is no leaf. */
export function completingLeaf(type: GraphQLOutputType, place: Place): ((value: unknown) => unknown) | null {
  const nullable = isNonNullType(type) ? type.ofType : type;
  if (!isLeafType(nullable)) return null;
  const serialize = serializing(nullable);
  const message = nullMessage(place);
  return (value) => {
    if (value instanceof Error) throw value;
    if (value != null) return serialize(value);
    if (nullable === type) return null;
    throw new Error(message);
  };
}

function nullMessage({ parentType, fieldName }: Place): string {
  return `Cannot return null for non-nullable field ${parentType.name}.${fieldName}.`;
}

function completingList(itemType: GraphQLOutputType, place: Place): Complete {
  const complete = completing(itemType, place);
  const isRequired = isNonNullType(itemType);
  const { test: asItIs } = servingAsItIs(itemType);
  const fail = (run: Run, raw: unknown, path: Path) => {
    const error = locatedError(raw, place.nodes, responsePathAsArray(path));
    if (isRequired) throw error;
    run.add(error, path);
    return null;
  };
  const completeItem = (run: Run, item: unknown, path: Path, info: GraphQLResolveInfo | undefined) => {
    try {
      const completed = isThenable(item)
        ? promised(item.then((resolved) => complete(run, resolved, path, info)))
        : complete(run, item, path, info);
      return completed instanceof Promise
        ? completed.then(undefined, (raw: unknown) => fail(run, raw, path))
        : completed;
    } catch (raw) {
      return fail(run, raw, path);
    }
  };
  return (run, value, path, info) => {
    if (!isIterable(value)) {
      throw new GraphQLError(
        `Expected Iterable, but did not find one for field "${place.parentType.name}.${place.fieldName}".`,
      );
    }
    let isWaiting = false;
    const completed: unknown[] = [];
    try {
      for (const item of value) {
        const one = asItIs(item)
          ? item
          : completeItem(run, item, { prev: path, key: completed.length, typename: undefined }, info);
        if (one instanceof Promise) isWaiting = true;
        completed.push(one);
      }
    } catch (error) {
      // Those before it may fail, too: nobody would hear of it, and Node ends processes for that.
      if (isWaiting) void Promise.allSettled(completed);
      throw error;
    }
    return isWaiting ? Promise.all(completed) : completed;
  };
}

function isIterable(value: unknown): value is Iterable<unknown> {
  return (
    typeof value === 'object' && typeof (value as Partial<Iterable<unknown>> | null)?.[Symbol.iterator] === 'function'
  );
}

function completingObject(type: GraphQLObjectType, place: Place): Complete {
  let kept: Shape | undefined;
  const shape = () => {
    if (kept !== undefined) return kept;
    const made = place.shapeOf(type);
    if (made.isKept) kept = made;
    return made;
  };
  const { isTypeOf } = type;
  if (!isTypeOf) return (run, value, path) => shape().run(run, value, path);
  const isNot = (value: unknown) =>
    new GraphQLError(`Expected value of type "${type.name}" but got: ${inspect(value)}.`, { nodes: place.nodes });
  return (run, value, path, info) => {
    const fields = shape();
    const answer = isTypeOf(value, run.contextValue, info ?? place.infoOf(run, path));
    if (isThenable(answer)) {
      return promised(
        answer.then((isOne) => {
          if (!isOne) throw isNot(value);
          return fields.run(run, value, path);
        }),
      );
    }
    if (!answer) throw isNot(value);
    return fields.run(run, value, path);
  };
}

function completingAbstract(type: GraphQLAbstractType, place: Place): Complete {
  const resolveType = type.resolveType ?? defaultTypeResolver;
  const completers = new Map<GraphQLObjectType, Complete>();
  const completeAs = (runtimeType: GraphQLObjectType): Complete => {
    let complete = completers.get(runtimeType);
    if (complete === undefined) {
      complete = completingObject(runtimeType, place);
      completers.set(runtimeType, complete);
    }
    return complete;
  };
  return (run, value, path, info) => {
    const known = info ?? place.infoOf(run, path);
    const name: unknown = resolveType(value, run.contextValue, known, type);
    return isThenable(name)
      ? promised(
          name.then((resolved) => completeAs(runtimeTypeOf(type, resolved, value, place))(run, value, path, known)),
        )
      : completeAs(runtimeTypeOf(type, name, value, place))(run, value, path, known);
  };
}

/** @throws GraphQLError in graphql-js' words */
function runtimeTypeOf(type: GraphQLAbstractType, name: unknown, value: unknown, place: Place): GraphQLObjectType {
  const { schema, nodes, parentType, fieldName } = place;
  const field = `${parentType.name}.${fieldName}`;
  if (name == null) {
    throw new GraphQLError(
      `Abstract type "${type.name}" must resolve to an Object type at runtime for field "${field}". Either the "${type.name}" type should provide a "resolveType" function or each possible type should provide an "isTypeOf" function.`,
      { nodes },
    );
  }
  if (isObjectType(name)) {
    throw new GraphQLError(
      'Support for returning GraphQLObjectType from resolveType was removed in graphql-js@16.0.0 please return type name instead.',
    );
  }
  if (typeof name !== 'string') {
    throw new GraphQLError(
      `Abstract type "${type.name}" must resolve to an Object type at runtime for field "${field}" with value ${inspect(value)}, received "${inspect(name)}".`,
    );
  }
  const runtimeType = schema.getType(name);
  if (runtimeType == null) {
    throw new GraphQLError(
      `Abstract type "${type.name}" was resolved to a type "${name}" that does not exist inside the schema.`,
      { nodes },
    );
  }
  if (!isObjectType(runtimeType)) {
    throw new GraphQLError(`Abstract type "${type.name}" was resolved to a non-object type "${name}".`, { nodes });
  }
  if (!schema.isSubType(type, runtimeType)) {
    throw new GraphQLError(`Runtime Object type "${runtimeType.name}" is not a possible type for "${type.name}".`, {
      nodes,
    });
  }
  return runtimeType;
}
