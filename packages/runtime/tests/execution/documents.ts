// Operations drawn from a schema: aliases, fragments, conditions, arguments as words and as variables.
import {
  type GraphQLArgument,
  type GraphQLCompositeType,
  type GraphQLInputType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isObjectType,
  isRequiredArgument,
  isRequiredInputField,
} from 'graphql';
import { type Dice, dice } from './chance.ts';

export interface Drawn {
  readonly text: string;
  readonly variables: Record<string, unknown>;
}

interface Drawing {
  readonly schema: GraphQLSchema;
  readonly dice: Dice;
  readonly declared: Map<string, string>;
  readonly values: Record<string, unknown>;
  readonly fragments: string[];
}

const WORDS: Readonly<Record<string, unknown>> = {
  Int: 3,
  Float: 1.5,
  Boolean: true,
  MinorUnits: 4_200,
  CurrencyCode: 'EUR',
  CountryCode: 'DE',
  DateTime: '2026-11-23T16:20:00Z',
};

export function drawDocument(schema: GraphQLSchema, seed: string, kind: 'query' | 'mutation'): Drawn | null {
  const root = kind === 'query' ? schema.getQueryType() : schema.getMutationType();
  if (!root) return null;
  const drawing: Drawing = { schema, dice: dice(seed), declared: new Map(), values: {}, fragments: [] };
  const selection = selectionOf(drawing, root, 4);
  const declared = [...drawing.declared].map(([name, type]) => `$${name}: ${type}`).join(', ');
  const text = `${kind} Drawn${declared === '' ? '' : `(${declared})`} ${selection}\n${drawing.fragments.join('\n')}`;
  return { text, variables: drawing.values };
}

function selectionOf(drawing: Drawing, type: GraphQLCompositeType, depth: number): string {
  const { dice: chance } = drawing;
  const parts: string[] = chance.next() < 0.2 ? ['__typename'] : [];
  for (let left = 1 + Math.floor(chance.next() * 3); left > 0; left -= 1) {
    const part = partOf(drawing, type, depth);
    if (part !== null) parts.push(part);
  }
  return `{ ${parts.length === 0 ? '__typename' : parts.join(' ')} }`;
}

function partOf(drawing: Drawing, type: GraphQLCompositeType, depth: number): string | null {
  const { dice: chance, schema } = drawing;
  const kind = chance.next();
  if (depth > 0 && (kind < 0.15 || (isAbstractType(type) && kind < 0.7))) {
    const within = isAbstractType(type) ? chance.among(schema.getPossibleTypes(type)) : type;
    const body = selectionOf(drawing, within, depth - 1);
    if (chance.next() < 0.5)
      return `...${chance.next() < 0.8 ? ` on ${within.name}` : ''}${conditionOf(drawing)} ${isAbstractType(type) ? selectionOf(drawing, type, 0) : body}`;
    const name = `F${drawing.fragments.length}`;
    drawing.fragments.push(`fragment ${name} on ${within.name} ${body}`);
    return `...${name}${conditionOf(drawing)}`;
  }
  if (!('getFields' in type)) return null;
  const fields = Object.values(type.getFields()).filter(
    (field) => depth > 0 || !isCompositeType(getNamedType(field.type)),
  );
  if (fields.length === 0) return null;
  const field = chance.among(fields);
  const named = getNamedType(field.type);
  const alias = chance.next() < 0.2 ? `${chance.among(['a', 'b', 'then', 'constructor', '__proto__'])}: ` : '';
  const given = field.args.filter((argument) => isRequiredArgument(argument) || chance.next() < 0.5);
  const args = given.length === 0 ? '' : `(${given.map((argument) => argumentOf(drawing, argument)).join(', ')})`;
  const below = isCompositeType(named) ? ` ${selectionOf(drawing, named, depth - 1)}` : '';
  return `${alias}${field.name}${args}${conditionOf(drawing)}${below}`;
}

function argumentOf(drawing: Drawing, { name, type }: GraphQLArgument): string {
  const value = wordOf(drawing, type);
  if (drawing.dice.next() < 0.5) return `${name}: ${literalOf(type, value)}`;
  const variable = `v${drawing.declared.size}`;
  drawing.declared.set(variable, String(type));
  if (isNonNullType(type) || drawing.dice.next() < 0.8) drawing.values[variable] = value;
  return `${name}: $${variable}`;
}

function conditionOf(drawing: Drawing): string {
  if (drawing.dice.next() > 0.12) return '';
  const variable = drawing.dice.among(['c0', 'c1', 'c2']);
  drawing.declared.set(variable, drawing.dice.next() < 0.3 ? 'Boolean = true' : 'Boolean!');
  if (drawing.declared.get(variable) === 'Boolean!' || drawing.dice.next() < 0.5)
    drawing.values[variable] = drawing.dice.next() < 0.5;
  else if (drawing.dice.next() < 0.3) drawing.values[variable] = null;
  return ` @${drawing.dice.among(['skip', 'include'])}(if: $${variable})`;
}

function wordOf(drawing: Drawing, type: GraphQLInputType): unknown {
  if (isNonNullType(type)) return wordOf(drawing, type.ofType);
  if (isListType(type))
    return drawing.dice.next() < 0.2 ? [] : [wordOf(drawing, type.ofType), wordOf(drawing, type.ofType)];
  if (isEnumType(type)) return drawing.dice.among(type.getValues()).name;
  if (isInputObjectType(type)) {
    const fields = Object.values(type.getFields()).filter(
      (field) => isRequiredInputField(field) || drawing.dice.next() < 0.3,
    );
    return Object.fromEntries(fields.map((field) => [field.name, wordOf(drawing, field.type)]));
  }
  if (type.name === '_Any') {
    const entities = Object.values(drawing.schema.getTypeMap()).filter(
      (one) => isObjectType(one) && !one.name.startsWith('_'),
    );
    return { __typename: drawing.dice.among(entities).name, id: String(Math.floor(drawing.dice.next() * 9)) };
  }
  return WORDS[type.name] ?? `w${Math.floor(drawing.dice.next() * 9)}`;
}

function literalOf(type: GraphQLInputType, value: unknown): string {
  if (isNonNullType(type)) return literalOf(type.ofType, value);
  if (isListType(type)) return `[${(value as unknown[]).map((one) => literalOf(type.ofType, one)).join(', ')}]`;
  if (isEnumType(type)) return String(value);
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const fieldType = (name: string) => (isInputObjectType(type) ? type.getFields()[name]?.type : undefined);
  const fields = Object.entries(value).map(([name, one]) => {
    const given = fieldType(name);
    return `${name}: ${given === undefined ? JSON.stringify(one) : literalOf(given, one)}`;
  });
  return `{${fields.join(', ')}}`;
}

/** Variables that an operation of a client takes. */
export function drawVariables(schema: GraphQLSchema, seed: string, types: ReadonlyMap<string, GraphQLInputType>) {
  const drawing: Drawing = { schema, dice: dice(seed), declared: new Map(), values: {}, fragments: [] };
  return Object.fromEntries([...types].map(([name, type]) => [name, wordOf(drawing, type)]));
}
