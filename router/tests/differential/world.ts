import {
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isEnumType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql';
import { hash, pick } from './chance.ts';
import type { FieldLaw, GraphLaws } from './laws.ts';

/** Something that has fields: an entity, or a value inside one. */
export interface Thing {
  readonly typename: string;
  /** Says which it is: `Book:2`, or for a value the way to it from its entity. */
  readonly key: string;
  /** What the router told of it, where it asks for an entity. */
  readonly told?: Readonly<Record<string, unknown>>;
}

/** All there is to know in one graph: every subgraph, and the whole read as one, see the same. */
export interface World {
  /** @param required what the field's @requires selects, as text */
  read(thing: Thing, fieldName: string, args: Readonly<Record<string, unknown>>, required: string): unknown;
  /** Which entity a representation means, or null. */
  find(representation: Readonly<Record<string, unknown>>): Thing | null;
  readonly laws: GraphLaws;
}

const HOW_MANY_OF_A_TYPE = 3;
const STRINGS = ['', 'plain', 'with "quotes" and \\', 'ünïcödé 🛒', 'line\nbreak', '\u2028', '__proto__', 'null', '1'];
const FLOATS = [0, -1.5, 3, 1e21, 0.1, -7e-9, 123456789.25];
const INTS = [0, 1, -1, 2_147_483_647, -2_147_483_648, 42];
const ANYTHING = [
  { __typename: 'Query', id: 'Book:1' },
  [],
  [[1], null, 'x'],
  {},
  'text',
  7.5,
  true,
  { a: { b: [null] } },
];

/** A world drawn from a seed: a value depends on nothing but the seed, the thing, the field and its arguments. */
export function createWorld(schema: GraphQLSchema, laws: GraphLaws, seed: number): World {
  const chance = (salt: string) => hash(seed, salt);
  const make = (type: GraphQLOutputType, salt: string, field: FieldLaw, isNonNull: boolean): unknown => {
    if (isNonNullType(type)) return make(type.ofType, salt, field, true);
    if (!isNonNull && chance(`${salt}?`) % 7 === 0) return null;
    if (isListType(type)) {
      const length = chance(`${salt}#`) % 4;
      return Array.from({ length }, (_, index) => make(type.ofType, `${salt}/${index}`, field, false));
    }
    if (isObjectType(type)) return thingOf(type.name, salt);
    if (isAbstractType(type)) {
      const types = field.possible ?? schema.getPossibleTypes(type).map(({ name }) => name);
      return types.length === 0 ? null : thingOf(pick(types, chance(`${salt}:`)), salt);
    }
    const named = getNamedType(type);
    if (isEnumType(named)) return pick(field.enumValues ?? named.getValues().map(({ name }) => name), chance(salt));
    return scalar(named.name, chance(salt));
  };
  const thingOf = (typename: string, salt: string): Thing =>
    laws.entities.has(typename)
      ? { typename, key: `${typename}:${chance(`${salt}!`) % HOW_MANY_OF_A_TYPE}` }
      : { typename, key: salt };
  return {
    laws,
    read(thing, fieldName, args, required) {
      const field = fieldOf(schema, thing.typename, fieldName);
      const law = laws.fields.get(`${thing.typename}.${fieldName}`) ?? {};
      if (law.isKey === true) return keyValue(field.type, thing, fieldName);
      return make(field.type, `${thing.key}/${fieldName}${argsText(args)}${required}`, law, law.isNonNull === true);
    },
    find: (representation) => find(schema, laws, representation),
  };
}

function fieldOf(schema: GraphQLSchema, typename: string, fieldName: string) {
  const type = schema.getType(typename);
  const field = isObjectType(type) || isInterfaceType(type) ? type.getFields()[fieldName] : undefined;
  if (field === undefined) throw new Error(`There is no ${typename}.${fieldName}.`);
  return field;
}

function scalar(name: string, number: number): unknown {
  switch (name) {
    case 'Int':
      return pick(INTS, number);
    case 'Float':
      return pick(FLOATS, number);
    case 'Boolean':
      return number % 2 === 0;
    case 'String':
      return number % 3 === 0 ? pick(STRINGS, number >>> 2) : `s${number % 1_000}`;
    case 'ID':
      return `i${number % 1_000}`;
    default:
      return pick(ANYTHING, number);
  }
}

/** A key says which entity it is of, so that any key finds it. A key may reach into a value or a list of values. */
function keyValue(type: GraphQLOutputType, thing: Thing, fieldName: string): unknown {
  if (isNonNullType(type)) return keyValue(type.ofType, thing, fieldName);
  if (isListType(type)) return [keyValue(type.ofType, thing, fieldName)];
  if (isObjectType(type)) return { typename: type.name, key: `${thing.key}/${fieldName}` } satisfies Thing;
  if (getNamedType(type).name === 'Int') return Number(/:(\d+)/.exec(thing.key)?.[1] ?? 0);
  return fieldName === 'id' ? thing.key : `${fieldName}=${thing.key}`;
}

function find(schema: GraphQLSchema, laws: GraphLaws, representation: Readonly<Record<string, unknown>>): Thing | null {
  const said = representation.__typename;
  if (typeof said !== 'string') return null;
  const { __typename: _, ...rest } = representation;
  const names = laws.keyFields.get(said) ?? new Set();
  const keys = Object.keys(rest)
    .filter((name) => names.has(name))
    .map((name) => rest[name]);
  const text = JSON.stringify(keys);
  const [, typename, number] =
    /([A-Z]\w*):(\d+)/.exec(text) ?? (/^\[\d+\]$/.test(text) ? [null, said, text.slice(1, -1)] : []);
  if (typename === undefined || typename === null || !isObjectType(schema.getType(typename))) return null;
  return { typename, key: `${typename}:${number}`, told: representation };
}

/** Arguments as text, in one order. */
function argsText(args: Readonly<Record<string, unknown>>): string {
  if (Object.keys(args).length === 0) return '';
  return JSON.stringify(args, (_, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
}
