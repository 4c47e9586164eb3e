import {
  type DocumentNode,
  type FieldNode,
  type GraphQLFormattedError,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getArgumentValues,
  getNamedType,
  getVariableValues,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  parse,
  validate,
} from 'graphql';
import type { Faults } from './faults.ts';
import { fieldsOf } from './fields.ts';
import type { TestGraph, TestSubgraph } from './graph.ts';
import { requiredOf } from './required.ts';
import type { Thing, World } from './world.ts';

export interface SubgraphRequest {
  readonly query: string;
  readonly variables?: Record<string, unknown>;
  readonly operationName?: string | undefined;
}

/** An answer as it travels. `undefined` where a fault took it away. */
export interface SubgraphAnswer {
  data?: unknown;
  errors?: GraphQLFormattedError[];
}

/** Answers as the subgraph would, from the world; and, where there is a fault, as no subgraph may. */
export type AskSubgraph = (name: string, request: SubgraphRequest) => SubgraphAnswer;

/** One place where null stops: what a field of a type without `!` becomes when something in it failed. */
class Failed extends Error {}

interface Run {
  readonly part: TestSubgraph;
  readonly whole: GraphQLSchema;
  readonly world: World;
  readonly faults: Faults;
  readonly document: DocumentNode;
  readonly variables: Record<string, unknown>;
  readonly errors: GraphQLFormattedError[];
}

type Path = readonly (string | number)[];
type Fields = Record<string, unknown>;

export function subgraphsOf(graph: TestGraph, world: World, faults: Faults): AskSubgraph {
  const documents = new Map<string, DocumentNode>();
  return (name, request) => {
    const part = graph.parts.get(name);
    if (part === undefined) throw new Error(`There is no subgraph ${name}.`);
    const id = `${name}:${request.query}`;
    const document = documents.get(id) ?? checked(part, request.query);
    documents.set(id, document);
    const operation = chosen(document, request.operationName);
    const values = getVariableValues(part.schema, operation.variableDefinitions ?? [], request.variables ?? {});
    if (values.coerced === undefined) {
      throw new Error(`${name} was sent variables that are not of its types: ${values.errors?.join('; ')}`);
    }
    const run = { part, whole: graph.schema, world, faults, document, variables: values.coerced, errors: [] };
    return faults.spoilAnswer(name, answer(run, operation));
  };
}

/** What the router sends must be right, whatever it makes of the answers. */
function checked(part: TestSubgraph, query: string): DocumentNode {
  const document = parse(query);
  const [problem] = validate(part.schema, document);
  if (problem !== undefined) throw new Error(`${part.name} was asked ${query}: ${problem.message}`);
  return document;
}

function chosen(document: DocumentNode, name: string | undefined): OperationDefinitionNode {
  const operations = document.definitions.filter((one) => one.kind === Kind.OPERATION_DEFINITION);
  const operation = name === undefined ? operations[0] : operations.find((one) => one.name?.value === name);
  if (operation === undefined) throw new Error('There is no such operation in what the router sent.');
  return operation;
}

function answer(run: Run, operation: OperationDefinitionNode): SubgraphAnswer {
  const root = operation.operation === 'mutation' ? run.part.schema.getMutationType() : run.part.schema.getQueryType();
  if (root === undefined || root === null) throw new Error(`${run.part.name} has no ${operation.operation}.`);
  let data: unknown = null;
  try {
    data = object(run, root, { typename: root.name, key: root.name }, [operation.selectionSet], []);
  } catch (error) {
    if (!(error instanceof Failed)) throw error;
  }
  return run.errors.length === 0 ? { data } : { errors: run.errors, data };
}

function object(
  run: Run,
  type: GraphQLObjectType,
  thing: Thing,
  selections: Parameters<typeof fieldsOf>[3],
  path: Path,
): Fields {
  const fields: Fields = Object.create(null);
  for (const [name, nodes] of fieldsOf(run.part.schema, run.document, run.variables, selections, type)) {
    const [node] = nodes as [FieldNode];
    const value = field(run, type, thing, node, nodes, [...path, name]);
    if (value !== undefined) fields[name] = value;
  }
  return run.faults.spoilObject(run.part.name, thing.key, fields) as Fields;
}

function field(
  run: Run,
  type: GraphQLObjectType,
  thing: Thing,
  node: FieldNode,
  nodes: FieldNode[],
  path: Path,
): unknown {
  const name = node.name.value;
  const fault = run.faults.at(run.part.name, thing.key, `${type.name}.${name}`);
  if (fault === 'missing') return undefined;
  const definition = type.getFields()[name];
  if (name === '__typename') return fault === undefined ? type.name : run.faults.instead(fault, type.name);
  if (definition === undefined) throw new Error(`${run.part.name} has no ${type.name}.${name}.`);
  const args = getArgumentValues(definition, node, run.variables);
  try {
    if (fault === 'error') fail(run, path, thing.key);
    const read = name === '_entities' ? entities(run, args, path) : readField(run, thing, name, args);
    const said = complete(run, definition.type, read, nodes, path);
    const value = name === '_entities' ? run.faults.spoilEntities(run.part.name, said) : said;
    return fault === undefined ? value : run.faults.instead(fault, value);
  } catch (error) {
    if (!(error instanceof Failed) || isNonNullType(definition.type)) throw error;
    return null;
  }
}

function readField(run: Run, thing: Thing, name: string, args: Record<string, unknown>): unknown {
  return run.world.read(thing, name, args, requiredOf(run.world, run.whole, thing, name, false));
}

function fail(run: Run, path: Path, key: string): never {
  run.errors.push({ message: `No luck with ${key}`, path: [...path], extensions: { code: 'NO_LUCK', key } });
  throw new Failed();
}

function entities(run: Run, args: Record<string, unknown>, path: Path): unknown[] {
  const representations = args.representations as Record<string, unknown>[];
  return representations.map((representation, index) => {
    const thing = run.world.find(representation);
    if (thing === null) return null;
    const fault = run.faults.at(run.part.name, thing.key, '_entities');
    if (fault === 'null') return null;
    if (fault === 'error') {
      run.errors.push({
        message: `No luck with ${thing.key}`,
        path: [...path, index],
        extensions: { code: 'NO_LUCK' },
      });
      return null;
    }
    return thing;
  });
}

function complete(run: Run, type: GraphQLOutputType, value: unknown, nodes: FieldNode[], path: Path): unknown {
  if (isNonNullType(type)) {
    const inner = complete(run, type.ofType, value, nodes, path);
    if (inner === null) throw new Failed();
    return inner;
  }
  if (value === null || value === undefined) return null;
  if (isListType(type)) {
    return (value as unknown[]).map((one, index) => {
      try {
        return complete(run, type.ofType, one, nodes, [...path, index]);
      } catch (error) {
        if (!(error instanceof Failed) || isNonNullType(type.ofType)) throw error;
        return null;
      }
    });
  }
  if (isLeafType(type)) return value;
  const thing = value as Thing;
  const runtime = isObjectType(type) ? type : runtimeType(run.part.schema, thing);
  if (!isObjectType(runtime)) {
    throw new Error(`${run.part.name} does not know the type ${thing.typename} of a ${getNamedType(type).name}.`);
  }
  const selections = nodes.flatMap(({ selectionSet }) => (selectionSet === undefined ? [] : [selectionSet]));
  return object(run, runtime, thing, selections, path);
}

/** An entity is told by the type that it is here, which for an @interfaceObject is not its own. */
function runtimeType(schema: GraphQLSchema, { typename, told }: Thing): unknown {
  const said = schema.getType(String(told?.__typename ?? typename));
  return isObjectType(said) ? said : schema.getType(typename);
}
