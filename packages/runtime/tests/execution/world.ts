// A world behind any schema: whatever is asked for, the same place has the same value, delay or failure each time.
import {
  type GraphQLFieldResolver,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  isAbstractType,
  isEnumType,
  isListType,
  isNonNullType,
  isObjectType,
  responsePathAsArray,
} from 'graphql';
import { chanceOf } from './chance.ts';

export interface World {
  readonly seed: string;
  /** Of a hundred values how many fail or have the wrong shape. */
  readonly failures: number;
  /** Of a hundred values how many are promised. */
  readonly delays: number;
  /** What resolvers were called with, in the order of their calls. */
  readonly calls: string[];
}

/** Gives half of the fields a resolver, a third of the types an isTypeOf and every entity its reference; the rest is left to the defaults. */
export function populate(schema: GraphQLSchema): GraphQLSchema {
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || type.name.startsWith('__') || type.name === '_Service') continue;
    if (chanceOf(type.name) < 0.33) type.isTypeOf = isTypeOf(type);
    type.extensions = { ...type.extensions, apollo: { subgraph: { resolveReference: resolveReference(type) } } };
    for (const field of Object.values(type.getFields())) {
      if (field.resolve || chanceOf(type.name, field.name) < 0.5) continue;
      field.resolve = resolver;
    }
  }
  return schema;
}

/** What the operation begins with. */
export function rootOf(world: World, type: GraphQLObjectType): unknown {
  return objectOf(world, type, type.name);
}

const resolver: GraphQLFieldResolver<unknown, World> = (_, args, world, info) => {
  const place = told(world, args, info);
  return valueAt(world, info.returnType, place);
};

function isTypeOf(type: GraphQLNamedType) {
  return (value: unknown, world: World, info: GraphQLResolveInfo) => {
    const place = told(world, { is: type.name }, info);
    const isOne =
      (value as { __typename?: string }).__typename === type.name || chanceOf(place, 'is') * 100 > world.failures;
    return chanceOf(world.seed, place, 'later') * 100 < world.delays ? Promise.resolve(isOne) : isOne;
  };
}

function resolveReference(type: GraphQLObjectType) {
  return (reference: object, world: World, info: GraphQLResolveInfo) =>
    valueAt(world, type, told(world, reference, info) + JSON.stringify(reference));
}

function told(world: World, args: unknown, info: GraphQLResolveInfo): string {
  const place = responsePathAsArray(info.path).join('.');
  const { fieldName, parentType, returnType, fieldNodes, operation, fragments, variableValues } = info;
  const about = [
    fieldName,
    parentType.name,
    String(returnType),
    fieldNodes.length,
    operation.kind,
    Object.keys(fragments),
  ];
  world.calls.push(
    JSON.stringify([place, args, about, variableValues, info.path.typename, info.schema.getQueryType()?.name]),
  );
  return place;
}

function valueAt(world: World, type: GraphQLOutputType, place: string): unknown {
  const at = (what: string) => chanceOf(world.seed, place, what) * 100;
  const failure = at('failure');
  if (failure < world.failures * 0.2) throw new Error(`thrown at ${place}`);
  if (failure < world.failures * 0.3) return new Error(`given at ${place}`);
  if (failure < world.failures * 0.4 && world.delays > 0) return Promise.reject(new TypeError(`rejected at ${place}`));
  if (failure < world.failures * 0.5) return failure < world.failures * 0.45 ? null : undefined;
  const value = plainValueOf(world, type, place, failure < world.failures);
  return at('delay') < world.delays ? later(value, at('ticks')) : value;
}

async function later(value: unknown, chance: number): Promise<unknown> {
  for (let ticks = chance / 20; ticks > 0; ticks -= 1) await null;
  return value;
}

function plainValueOf(world: World, type: GraphQLOutputType, place: string, isWrong: boolean): unknown {
  const chance = chanceOf(world.seed, place, 'plain');
  if (isNonNullType(type)) return plainValueOf(world, type.ofType, place, isWrong);
  if (!isWrong && chance < 0.08 && !place.endsWith('!')) return null;
  if (isListType(type)) {
    if (isWrong) return chance < 0.5 ? 'no list' : { length: 1 };
    const items = Array.from({ length: Math.floor(chance * 4) }, (_, index) =>
      valueOr(world, type.ofType, `${place}.${index}`),
    );
    // graphql-js leaves a rejection behind when one fails at once while another is waited for (programs.test.ts), and that ends the process.
    const shown = world.delays > 0 && isNonNullType(type.ofType) ? items.map(asPromise) : items;
    return chance * 10 - Math.floor(chance * 10) < 0.1 ? new Set(shown) : shown;
  }
  if (isObjectType(type)) return isWrong ? 'no object' : objectOf(world, type, place);
  if (isAbstractType(type))
    return isWrong ? { __typename: chance < 0.5 ? 'Query' : 'Nobody' } : someOf(world, type, place);
  if (isEnumType(type))
    return isWrong ? 'NO_SUCH_VALUE' : type.getValues()[Math.floor(chance * type.getValues().length)]?.value;
  if (isWrong) return { no: 'leaf' };
  if (type.name === 'Boolean') return chance < 0.5;
  if (type.name === 'Int' || type.name === 'MinorUnits') return Math.floor(chance * 1_000);
  if (type.name === 'Float') return chance * 1_000;
  return chance < 0.1 ? Math.floor(chance * 1_000) : `text of ${place}`;
}

/** An element that throws on its way would take its list with it. */
function valueOr(world: World, type: GraphQLOutputType, place: string): unknown {
  try {
    return valueAt(world, type, place);
  } catch (error) {
    return error;
  }
}

async function asPromise(value: unknown): Promise<unknown> {
  if (value instanceof Error) throw value;
  return value;
}

function someOf(world: World, type: GraphQLOutputType, place: string): unknown {
  if (!isAbstractType(type)) return null;
  const possible = possibleTypes.get(type) ?? [];
  const chosen = possible[Math.floor(chanceOf(world.seed, place, 'type') * possible.length)];
  return chosen === undefined ? null : objectOf(world, chosen, place);
}

const possibleTypes = new Map<unknown, readonly GraphQLObjectType[]>();

/** Who has unions and interfaces has to say so first. */
export function knowTypes(schema: GraphQLSchema): void {
  for (const type of Object.values(schema.getTypeMap())) {
    if (isAbstractType(type)) possibleTypes.set(type, schema.getPossibleTypes(type));
  }
}

/** A property for every field, made when it is read; one in ten is a method. */
function objectOf(world: World, type: GraphQLObjectType, place: string): object {
  const one = { __typename: type.name };
  for (const field of Object.values(type.getFields())) {
    const below = `${place}/${field.name}`;
    const isMethod = chanceOf(world.seed, below, 'method') < 0.1;
    Object.defineProperty(one, field.name, {
      enumerable: true,
      get: () => {
        if (!isMethod) return valueAt(world, field.type, below);
        return (args: unknown, given: World, info: GraphQLResolveInfo) =>
          valueAt(world, field.type, told(given, args, info));
      },
    });
  }
  return one;
}
