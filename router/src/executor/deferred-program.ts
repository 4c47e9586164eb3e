import type { LoadedGraph } from '../gateway/loaded-graph.ts';
import type { FetchContext } from '../upstream/upstream.ts';
import { type Conditions, isIncluded } from './conditions.ts';
import { type DeferredAnswer, executeDeferred } from './deferral.ts';
import { type DeferredDocument, deferLabelOf } from './deferred-document.ts';
import { createIntrospection } from './introspection.ts';
import { compileDeferredPlan } from './plan.ts';
import { toPlannedDocument } from './planned-document.ts';
import { shapeOfRoot } from './shape.ts';

/** An operation with deferred fragments, for one combination of its conditions. */
export type DeferredProgram = (
  variables: Readonly<Record<string, unknown>>,
  context: FetchContext,
) => Promise<DeferredAnswer>;

export interface DeferredSource {
  readonly graph: LoadedGraph;
  readonly deferred: DeferredDocument;
  readonly conditions: Conditions;
  readonly overrides: ReadonlyMap<string, boolean>;
}

/** @throws GraphQLError when it cannot be planned */
export function compileDeferredProgram({ graph, deferred, conditions, overrides }: DeferredSource): DeferredProgram {
  const { document, operation, refused, labels } = deferred;
  const root = graph.apiSchema.getRootType(operation.operation);
  if (root === undefined || root === null) throw new Error(`The graph has no ${operation.operation}`);
  const planned = toPlannedDocument(graph.apiSchema, document, refused, conditions, true);
  const { node } = graph.plan(planned, operation.name?.value, overrides);
  if (node?.kind === 'Subscription') throw new Error('A subscription is no program');
  const shape = shapeOfRoot(
    {
      schema: graph.apiSchema,
      fragments: new Map(),
      refused,
      keyOf: graph.keys.keyOf,
      isIncluded: (one) => isIncluded(conditions, one),
      deferLabelOf,
    },
    root,
    operation.selectionSet,
  );
  const introspect = createIntrospection(graph.apiSchema, operation, new Map());
  const deferral = {
    plan: compileDeferredPlan(graph, node, conditions),
    shape,
    labels,
    introspect:
      (run: { readonly variables: Readonly<Record<string, unknown>> }) => (field: Parameters<typeof introspect>[0]) =>
        introspect(field, run.variables),
    toClientPath: graph.keys.toClientPath,
  };
  return (variables, context) => executeDeferred(deferral, variables, context);
}
