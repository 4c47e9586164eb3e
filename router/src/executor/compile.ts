import type { QueryPlan } from '@apollo/query-planner';
import {
  type DocumentNode,
  type FieldNode,
  GraphQLError,
  type GraphQLFormattedError,
  getOperationAST,
  type OperationDefinitionNode,
  type OperationTypeNode,
} from 'graphql';
import { fragmentsOf } from '../documents.ts';
import type { LoadedGraph } from '../gateway/loaded-graph.ts';
import type { FetchContext } from '../upstream/upstream.ts';
import { type Conditions, conditionVariables } from './conditions.ts';
import type { DeferredAnswer } from './deferral.ts';
import { hasDeferred, spellOutDeferred } from './deferred-document.ts';
import { compileDeferredProgram, type DeferredProgram } from './deferred-program.ts';
import { isAnsweredAlone, toPlannedDocument } from './planned-document.ts';
import { compileProgram, type Program } from './program.ts';
import type { Refusal } from './shape.ts';

export interface OperationToCompile {
  /** Valid against the graph's schema for clients. */
  readonly document: DocumentNode;
  readonly operationName: string | undefined;
  /** Fields that the caller may not have: null with this error each, neither planned nor fetched. */
  readonly refused?: ReadonlyMap<FieldNode, Refusal>;
  /** The labels of progressive @override that are on. */
  readonly overrides?: ReadonlyMap<string, boolean>;
}

/** An operation, ready to be executed any number of times, also at the same time. */
export interface Executable {
  readonly kind: `${OperationTypeNode}`;
  /**
   * Never rejects for what a subgraph does.
   *
   * @param variables as the client sent them, already found coercible; the subgraphs coerce them again
   * @param coerced the same with defaults, for @skip and @include
   */
  execute(
    variables: Readonly<Record<string, unknown>>,
    coerced: Readonly<Record<string, unknown>>,
    context: FetchContext,
  ): Promise<ExecutionAnswer>;
  /** The same with its deferred fragments told later. Null: with these variables nothing is, or can be, deferred. */
  executeDeferred(
    variables: Readonly<Record<string, unknown>>,
    coerced: Readonly<Record<string, unknown>>,
    context: FetchContext,
  ): Promise<DeferredAnswer> | null;
}

export interface ExecutionAnswer {
  /** The answer without its errors, `{"data":…}`, as JSON. It may be shared: nobody changes it. */
  readonly json: string | Buffer;
  /** At the client's paths, with the subgraphs' extensions: to be presented before anyone outside sees them. */
  readonly errors: readonly GraphQLFormattedError[];
  /** The subgraphs' hints merged; null: not to be cached. */
  readonly cacheControl: string | null;
}

/** The whole answer with its errors, as Apollo Server orders it. */
export function withErrors({ json }: ExecutionAnswer, presented: readonly GraphQLFormattedError[]): string {
  return `{"errors":${JSON.stringify(presented)},${json.toString().slice(1)}`;
}

/** Combinations of conditions that are kept compiled; operations with more are compiled again now and then. */
const MAX_PROGRAMS = 64;

/** With more variables in conditions, one plan serves all their combinations. */
const MAX_DECIDED = 4;

/** @throws GraphQLError when it cannot be planned */
export function compileOperation(graph: LoadedGraph, operation: OperationToCompile): Executable {
  const { document, operationName, refused = new Map(), overrides = new Map() } = operation;
  const definition = definitionOf(document, operationName);
  if (definition.operation === 'subscription') throw new GraphQLError('Subscriptions are not executed as plans.');
  const fragments = fragmentsOf(document);
  const names = conditionVariables(document);
  const planFor = (conditions: Conditions | null): QueryPlan => {
    const planned = toPlannedDocument(graph.apiSchema, document, refused, conditions);
    if (isAnsweredAlone(planned, operationName)) return { kind: 'QueryPlan' };
    return graph.plan(planned, operationName, overrides);
  };
  // Whatever the variables are, it can be planned: said here, before anything is executed.
  const general = planFor(null);
  const planDecided = (conditions: Conditions): QueryPlan => {
    try {
      return planFor(conditions);
    } catch {
      return general;
    }
  };
  const programFor = perConditions(names, (conditions): Program => {
    const plan = names.length > 0 && names.length <= MAX_DECIDED ? planDecided(conditions) : general;
    return compileProgram({ graph, plan, definition, fragments, refused, conditions });
  });
  return {
    kind: definition.operation,
    execute: (variables, coerced, context) => programFor(coerced)(variables, context),
    executeDeferred: compileDeferred(graph, operation, definition),
  };
}

/** Deferred programs are compiled when somebody wants the operation so, one for each combination of its conditions. */
function compileDeferred(
  graph: LoadedGraph,
  { document, refused = new Map(), overrides = new Map() }: OperationToCompile,
  definition: OperationDefinitionNode,
): Executable['executeDeferred'] {
  if (!hasDeferred(document)) return () => null;
  const names = conditionVariables(document, ['skip', 'include', 'defer']);
  const programFor = perConditions(names, (conditions): DeferredProgram | null => {
    const deferred = spellOutDeferred(document, definition, refused, conditions);
    return deferred === null
      ? null
      : orNothing(() => compileDeferredProgram({ graph, deferred, conditions, overrides }));
  });
  return (variables, coerced, context) => programFor(coerced)?.(variables, context) ?? null;
}

/** What is made once for each combination of the variables that decide. */
function perConditions<Made>(
  names: readonly string[],
  make: (conditions: Conditions) => Made,
): (coerced: Readonly<Record<string, unknown>>) => Made {
  const known = new Map<string, { readonly made: Made }>();
  return (coerced) => {
    let key = '';
    for (const name of names) key += coerced[name] === true ? '1' : '0';
    let one = known.get(key);
    if (one === undefined) {
      one = { made: make(new Map(names.map((name) => [name, coerced[name] === true]))) };
      if (known.size >= MAX_PROGRAMS) known.delete(known.keys().next().value as string);
      known.set(key, one);
    }
    return one.made;
  };
}

/** What cannot be planned in parts is answered in one: a server need not defer. */
function orNothing(compile: () => DeferredProgram): DeferredProgram | null {
  try {
    return compile();
  } catch {
    return null;
  }
}

function definitionOf(document: DocumentNode, operationName: string | undefined): OperationDefinitionNode {
  const found = getOperationAST(document, operationName);
  if (!found) throw new GraphQLError(`Unknown operation named "${operationName}".`);
  return found;
}
