import {
  type DocumentNode,
  doTypesOverlap,
  type GraphQLCompositeType,
  type GraphQLField,
  type GraphQLSchema,
  getNamedType,
  isCompositeType,
  isLeafType,
  isUnionType,
  parse,
  validate,
} from 'graphql';
import { pick } from './chance.ts';
import type { Gene, OperationGenes } from './genes.ts';
import { argumentsText, createVariables, type Variables } from './inputs.ts';

export interface Operation {
  readonly text: string;
  readonly document: DocumentNode;
  /** Where the document has several. */
  readonly operationName?: string;
  /** As a client sends them. */
  readonly variables: Record<string, unknown>;
}

const MAX_DEPTH = 7;
const ALIASES = ['a', 'b', 'id', 'constructor', 'toString', '__proto__', 'hasOwnProperty', 'length', '_0', 'name'];

/** How much an operation dares: names that may conflict, names that are safe but for fields of several types, or none that can. */
const DARING = [0, 1, 2] as const;
type Daring = (typeof DARING)[number];

interface Growth {
  readonly schema: GraphQLSchema;
  readonly daring: Daring;
  readonly variables: Variables;
  /** Named fragments that are whole: their type and text. */
  readonly fragments: { readonly name: string; readonly type: GraphQLCompositeType; readonly text: string }[];
  names: number;
}

/** Grows a valid operation. @returns null for genes of which none came, which ought not to happen */
export function grow(schema: GraphQLSchema, genes: OperationGenes): Operation | null {
  const isOneOfTwo = genes.variables % 8 === 7;
  for (const daring of DARING) {
    const growth: Growth = { schema, daring, variables: createVariables(genes.variables), fragments: [], names: 0 };
    const mutation = genes.isMutation ? schema.getMutationType() : undefined;
    const root = mutation ?? schema.getQueryType();
    if (root === undefined || root === null) return null;
    const selection = selectionText(growth, root, genes.selections, 0);
    const head = `${mutation == null ? 'query' : 'mutation'} Q${growth.variables.definitions()}`;
    const text = [
      `${head} ${selection}`,
      ...growth.fragments.map(({ name, type, text: body }) => `fragment ${name} on ${type.name} ${body}`),
      ...(isOneOfTwo ? ['query Other { __typename }'] : []),
    ].join('\n');
    const document = parse(text);
    if (validate(schema, document).length > 0) continue;
    return { text, document, variables: growth.variables.sent(), ...(isOneOfTwo ? { operationName: 'Q' } : {}) };
  }
  return null;
}

function selectionText(growth: Growth, type: GraphQLCompositeType, genes: readonly Gene[], depth: number): string {
  const texts = genes.map((gene) => selectionOf(growth, type, gene, depth));
  return `{ ${texts.length === 0 ? '__typename' : texts.join(' ')} }`;
}

function selectionOf(growth: Growth, type: GraphQLCompositeType, gene: Gene, depth: number): string {
  if (depth < MAX_DEPTH && gene.wrap >= 11) return fragment(growth, type, gene, depth);
  return field(growth, type, gene, depth);
}

function fragment(growth: Growth, type: GraphQLCompositeType, gene: Gene, depth: number): string {
  const condition = conditionText(growth, gene);
  if (gene.wrap === 11) return `...${condition} ${selectionText(growth, type, gene.children, depth + 1)}`;
  const types = overlapping(growth.schema, type);
  if (gene.wrap >= 14) {
    const whole = growth.fragments.filter((one) => types.includes(one.type));
    if (gene.wrap === 15 && whole.length > 0) return `...${pick(whole, gene.pick).name}${condition}`;
    const on = pick(types, gene.pick);
    const text = selectionText(growth, on, gene.children, depth + 1);
    const name = `F${growth.fragments.length}`;
    growth.fragments.push({ name, type: on, text });
    return `...${name}${condition}`;
  }
  const on = pick(types, gene.pick);
  return `... on ${on.name}${condition} ${selectionText(growth, on, gene.children, depth + 1)}`;
}

function overlapping(schema: GraphQLSchema, type: GraphQLCompositeType): GraphQLCompositeType[] {
  const all = Object.values(schema.getTypeMap()).filter(
    (one): one is GraphQLCompositeType => isCompositeType(one) && !one.name.startsWith('__'),
  );
  return [type, ...all.filter((one) => one !== type && doTypesOverlap(schema, type, one))];
}

function field(growth: Growth, type: GraphQLCompositeType, gene: Gene, depth: number): string {
  const found = choices(growth.schema, type, depth, gene.args % 8 === 7);
  const chosen = pick(found, gene.pick);
  const condition = conditionText(growth, gene);
  if (typeof chosen === 'string') return `${alias(growth, gene, '__schema', false)}${chosen.replace('@', condition)}`;
  const args = argumentsText(growth.variables, chosen.args, gene.args);
  const name = `${alias(growth, gene, chosen.name, args !== '')}${chosen.name}${args}${condition}`;
  const inner = getNamedType(chosen.type);
  return isCompositeType(inner) ? `${name} ${selectionText(growth, inner, gene.children, depth + 1)}` : name;
}

type Choice = Pick<GraphQLField<unknown, unknown>, 'name' | 'type' | 'args'> | string;

/** Introspection, as text; `@` is where its conditions stand. */
const INTROSPECTION = [
  '__schema@ { queryType { name fields { name type { kind name ofType { name } } } } }',
  '__schema@ { types { name kind possibleTypes { name } enumValues(includeDeprecated: true) { name } } }',
  '__type(name: "Query")@ { name fields(includeDeprecated: true) { name args { name defaultValue } } __typename }',
  '__type(name: "Nowhere")@ { name }',
];

function choices(schema: GraphQLSchema, type: GraphQLCompositeType, depth: number, isCurious: boolean): Choice[] {
  const typename: Choice = { name: '__typename', args: [], type: schema.getType('String') as never };
  const own: Choice[] = isUnionType(type) ? [] : Object.values(type.getFields());
  // Near the end only leaves are left, so that an operation has one.
  const last = own.filter((one) => typeof one === 'object' && isLeafType(getNamedType(one.type)));
  const fields = depth >= MAX_DEPTH - 1 ? last : own;
  return [...fields, typename, ...(isCurious && type === schema.getQueryType() ? INTROSPECTION : [])];
}

function alias(growth: Growth, gene: Gene, name: string, hasArguments: boolean): string {
  const wanted = gene.alias >= 20 || (growth.daring > 0 && hasArguments) || growth.daring > 1;
  if (!wanted) return '';
  growth.names += 1;
  return growth.daring === 0 ? `${pick(ALIASES, gene.alias)}: ` : `${name.replaceAll('_', '')}_${growth.names}: `;
}

function conditionText({ variables }: Growth, { condition }: Gene): string {
  if (condition < 25) return '';
  const value = (number: number) => {
    const chosen = (number * 7 + variables.flags) % 8;
    return chosen < 2 ? String(chosen === 0) : variables.boolean(chosen);
  };
  const directive = condition % 2 === 0 ? 'include' : 'skip';
  const first = ` @${directive}(if: ${value(condition)})`;
  if (condition < 30) return first;
  return `${first} @${directive === 'skip' ? 'include' : 'skip'}(if: ${value(condition + variables.flags)})`;
}
