import type { QueryPlan } from '@apollo/query-planner';
import {
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLObjectType,
  getOperationAST,
  type OperationDefinitionNode,
  parse,
} from 'graphql';
import { fragmentsOf } from '../documents.ts';
import type { LoadedGraph } from '../gateway/loaded-graph.ts';
import type { FetchContext } from '../upstream/upstream.ts';
import { mergeCacheControl } from './cache-control.ts';
import type { ExecutionAnswer } from './compile.ts';
import { complete } from './complete.ts';
import { type Conditions, isIncluded } from './conditions.ts';
import { createIntrospection } from './introspection.ts';
import { compilePlan } from './plan.ts';
import { compileCheck, compileProjection, IRREGULAR, type Projection } from './projection.ts';
import { Run } from './run.ts';
import { isSameShape } from './same-shape.ts';
import { type FieldsShape, type Refusal, shapeOfRoot } from './shape.ts';

export interface ProgramSource {
  readonly graph: LoadedGraph;
  readonly plan: QueryPlan;
  readonly definition: OperationDefinitionNode;
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  readonly refused: ReadonlyMap<FieldNode, Refusal>;
  readonly conditions: Conditions;
}

/** An operation for one combination of its conditions. */
export type Program = (variables: Readonly<Record<string, unknown>>, context: FetchContext) => Promise<ExecutionAnswer>;

export function compileProgram(source: ProgramSource): Program {
  const { graph, plan, definition, fragments, refused, conditions } = source;
  const root = graph.apiSchema.getRootType(definition.operation);
  if (root === undefined || root === null) throw new Error(`The graph has no ${definition.operation}`);
  if (plan.node?.kind === 'Subscription') throw new Error('A subscription is no program');
  const shape = shapeOfRoot(
    {
      schema: graph.apiSchema,
      fragments,
      refused,
      keyOf: graph.keys.keyOf,
      isIncluded: (node) => isIncluded(conditions, node),
    },
    root,
    definition.selectionSet,
  );
  const introspect = createIntrospection(graph.apiSchema, definition, fragments);
  const isQuery = definition.operation === 'query';
  const toText = isAskedAsIs(source, root, shape) ? passing(shape) : writing(shape);
  const finish = (run: Run): ExecutionAnswer => {
    const json = run.isClean ? regular(toText, run) : null;
    if (json !== null) return { json, errors: [], cacheControl: isQuery ? mergeCacheControl(run.cacheHints) : null };
    const { data, errors } = complete(run, shape, (field) => introspect(field, run.variables), graph.keys.toClientPath);
    const cacheControl = isQuery && errors.length === 0 ? mergeCacheControl(run.cacheHints) : null;
    return { json: `{"data":${JSON.stringify(data)}}`, errors, cacheControl };
  };
  const step = plan.node === undefined ? null : compilePlan(graph, plan.node, conditions);
  return async (variables, context) => {
    const run = new Run(variables, context);
    if (step !== null) await step(run);
    return finish(run);
  };
}

/** The JSON of an answer in which nothing is amiss. @throws IRREGULAR when something is */
type ToText = (run: Run) => string | Buffer;

function writing(shape: FieldsShape): ToText {
  let project: Projection | null = null;
  return ({ data }) => {
    project ??= compileProjection(shape);
    return `{"data":${JSON.stringify(project(data))}}`;
  };
}

/** The subgraph's own bytes, if they hold what the client asked for and nothing else. */
function passing(shape: FieldsShape): ToText {
  let check: Projection | null = null;
  const write = writing(shape);
  return (run) => {
    if (run.bytes === null) return write(run);
    check ??= compileCheck(shape);
    return isRegular(check, run.data) ? run.bytes : write(run);
  };
}

function isRegular(check: Projection, data: unknown): boolean {
  try {
    check(data);
    return true;
  } catch (error) {
    if (error === IRREGULAR) return false;
    throw error;
  }
}

function regular(toText: ToText, run: Run): string | Buffer | null {
  try {
    return toText(run);
  } catch (error) {
    if (error === IRREGULAR) return null;
    throw error;
  }
}

/** Whether the plan is to ask one subgraph for just what the client asks for. */
function isAskedAsIs(
  { graph, plan: { node }, refused, conditions }: ProgramSource,
  root: GraphQLObjectType,
  shape: FieldsShape,
): boolean {
  if (node?.kind !== 'Fetch' || (node.outputRewrites ?? []).length > 0 || refused.size > 0) return false;
  const asked = parse(node.operation);
  const operation = getOperationAST(asked);
  if (!operation) return false;
  try {
    const source = {
      schema: graph.apiSchema,
      fragments: fragmentsOf(asked),
      refused,
      keyOf: ({ alias, name }: FieldNode) => (alias ?? name).value,
      isIncluded: (one: Parameters<typeof isIncluded>[1]) => isIncluded(conditions, one),
    };
    return isSameShape(shape, shapeOfRoot(source, root, operation.selectionSet));
  } catch {
    // It is asked for something that clients cannot see.
    return false;
  }
}
