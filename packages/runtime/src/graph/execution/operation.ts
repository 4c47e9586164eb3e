/**
 * Executes one operation of a validated document again and again: as graphql-js' `execute`, and several times as fast, because what does
 * not depend on the request is found out once.
 */
import {
  type DirectiveNode,
  type DocumentNode,
  type ExecutionResult,
  type FragmentDefinitionNode,
  type GraphQLError,
  type GraphQLSchema,
  getVariableValues,
  Kind,
  type OperationDefinitionNode,
  visit,
} from 'graphql';
import { type Program, programOf, type Room } from './program.ts';
import { Run } from './run.ts';

/** Four conditions and all their combinations; who has more of them pays for making the program each time. */
const MAX_PROGRAMS = 16;
const MAX_COERCION_ERRORS = 50;

export interface Request {
  readonly variables: Readonly<Record<string, unknown>> | null | undefined;
  readonly contextValue: unknown;
  readonly rootValue?: unknown;
  /** Asked before each resolver of a query: nobody waits any more. A mutation is never left half done for that. */
  readonly isAbandoned?: () => boolean;
}

export interface CompiledOperation {
  readonly operation: OperationDefinitionNode;
  execute(request: Request): ExecutionResult | Promise<ExecutionResult>;
}

const never = () => false;

/** @param document valid for the schema, and the schema itself valid */
export function compileOperation(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  room: Room,
): CompiledOperation {
  const fragments = fragmentsOf(document);
  const conditions = conditionsOf(document);
  const programs = new Map<string, Program>();
  const programFor = (variables: Record<string, unknown>): Program => {
    const key = conditions.map((name) => letterOf(variables[name])).join('');
    const known = programs.get(key);
    if (known !== undefined) return known;
    const values = Object.fromEntries(
      conditions.filter((name) => Object.hasOwn(variables, name)).map((name) => [name, variables[name]]),
    );
    const program = programOf({ schema, operation, fragments }, values, room);
    if (programs.size < MAX_PROGRAMS) programs.set(key, program);
    return program;
  };
  return {
    operation,
    execute({ variables, contextValue, rootValue, isAbandoned }) {
      const coerced = getVariableValues(schema, operation.variableDefinitions ?? [], variables ?? {}, {
        maxErrors: MAX_COERCION_ERRORS,
      });
      if (coerced.errors !== undefined) return { errors: coerced.errors };
      const isQuery = operation.operation === 'query';
      const run = new Run(rootValue, contextValue, coerced.coerced, (isQuery && isAbandoned) || never);
      return start(run, () => programFor(coerced.coerced));
    },
  };
}

function start(run: Run, program: () => Program): ExecutionResult | Promise<ExecutionResult> {
  const failed = (error: unknown) => {
    run.add(error as GraphQLError, undefined);
    return answerOf(run, null);
  };
  try {
    const data = program().run(run);
    return data instanceof Promise ? data.then((found) => answerOf(run, found), failed) : answerOf(run, data);
  } catch (error) {
    return failed(error);
  }
}

function answerOf({ errors }: Run, data: unknown): ExecutionResult {
  const answer = { data: data as Record<string, unknown> | null };
  return errors.length === 0 ? answer : { errors, ...answer };
}

function fragmentsOf({ definitions }: DocumentNode): Record<string, FragmentDefinitionNode> {
  const fragments = Object.create(null) as Record<string, FragmentDefinitionNode>;
  for (const definition of definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments[definition.name.value] = definition;
  }
  return fragments;
}

/** The variables that decide which fields there are. */
function conditionsOf(document: DocumentNode): readonly string[] {
  const names = new Set<string>();
  visit(document, {
    Directive({ name, arguments: given }: DirectiveNode) {
      if (name.value !== 'skip' && name.value !== 'include') return;
      for (const { value } of given ?? []) if (value.kind === Kind.VARIABLE) names.add(value.name.value);
    },
  });
  return [...names].sort();
}

function letterOf(value: unknown): string {
  if (value === undefined) return 'u';
  return value === null ? 'n' : value === true ? 't' : 'f';
}
