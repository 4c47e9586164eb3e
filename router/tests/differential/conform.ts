import {
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isEnumType,
  isLeafType,
  isListType,
  isNonNullType,
  Kind,
  type SelectionSetNode,
} from 'graphql';
import { fieldsOf } from './fields.ts';
import type { Operation } from './operation.ts';

/**
 * Whether an answer is one that the schema and the operation allow: no null where none may be, the keys that were asked for in their
 * order and no others, values of their types. It knows nothing of how the answer came to be.
 *
 * @returns what is wrong, or null
 */
export function whatIsWrong(
  schema: GraphQLSchema,
  { document }: Operation,
  variables: Record<string, unknown>,
  data: unknown,
): string | null {
  const operation = document.definitions.find((one) => one.kind === Kind.OPERATION_DEFINITION);
  if (operation?.kind !== Kind.OPERATION_DEFINITION) throw new Error('There is no operation.');
  const root = schema.getRootType(operation.operation);
  if (root === undefined || root === null) throw new Error(`There is no ${operation.operation}.`);
  if (data === null) return null;

  const object = (
    type: GraphQLObjectType,
    value: Record<string, unknown>,
    selections: SelectionSetNode[],
    at: string,
  ): string | null => {
    const fields = fieldsOf(schema, document, variables, selections, type);
    const [wanted, found] = [[...fields.keys()].join(), Object.keys(value).join()];
    if (sorted(wanted) !== sorted(found)) return `${at} has ${found} where ${wanted} should be`;
    for (const [name, nodes] of fields) {
      const field = nodes[0]?.name.value ?? '';
      if (field === '__typename' && value[name] !== type.name) return `${at}.${name} is not ${type.name}`;
      const definition = type.getFields()[field];
      if (definition === undefined) continue;
      const inner = nodes.flatMap(({ selectionSet }) => (selectionSet === undefined ? [] : [selectionSet]));
      const problem = check(definition.type, value[name], inner, `${at}.${name}`);
      if (problem !== null) return problem;
    }
    return wanted === found ? null : `${at} has the order ${found} where ${wanted} should be`;
  };
  const check = (
    type: GraphQLOutputType,
    value: unknown,
    selections: SelectionSetNode[],
    at: string,
  ): string | null => {
    if (value === undefined) return `${at} is missing`;
    if (isNonNullType(type)) return value === null ? `${at} is null` : check(type.ofType, value, selections, at);
    if (value === null) return null;
    if (isListType(type)) {
      if (!Array.isArray(value)) return `${at} is no list`;
      return first(value.map((one, index) => check(type.ofType, one, selections, `${at}.${index}`)));
    }
    if (isLeafType(type))
      return isOf(type, value) ? null : `${at} is ${JSON.stringify(value)}, which is no ${type.name}`;
    if (typeof value !== 'object' || Array.isArray(value)) return `${at} is no object`;
    const types = isAbstractType(type) ? schema.getPossibleTypes(type) : [type as GraphQLObjectType];
    // Which of them it is is not always asked; one of them it must be.
    const problems = types.map((one) => object(one, value as Record<string, unknown>, selections, at));
    return problems.includes(null) ? null : (problems[0] ?? null);
  };
  return object(root, data as Record<string, unknown>, [operation.selectionSet], 'data');
}

const sorted = (names: string) => names.split(',').sort().join();
const first = (problems: (string | null)[]) => problems.find((one) => one !== null) ?? null;

function isOf(type: GraphQLOutputType, value: unknown): boolean {
  const named = getNamedType(type);
  if (isEnumType(named)) return typeof value === 'string' && named.getValue(value) !== undefined;
  switch (named.name) {
    case 'Int':
      return Number.isInteger(value);
    case 'Float':
      return typeof value === 'number';
    case 'Boolean':
      return typeof value === 'boolean';
    case 'String':
      return typeof value === 'string';
    case 'ID':
      return typeof value === 'string' || Number.isInteger(value);
    default:
      return true;
  }
}
