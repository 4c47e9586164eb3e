import type { PlanNode, QueryPlan, SubscriptionNode } from '@apollo/query-planner';
import {
  type DirectiveNode,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  GraphQLError,
  type GraphQLSchema,
  getNamedType,
  isInterfaceType,
  Kind,
  type OperationTypeNode,
  parse,
  type SelectionSetNode,
} from 'graphql';
import { fragmentsOf } from '../documents.ts';

/**
 * The planner leaves out, without a word, a field whose type has no objects: an interface that nothing implements, asked for what only
 * its implementations in other subgraphs could tell. Left out at the root, it would be null as if that were the answer.
 *
 * @throws GraphQLError when such a field of the root is in no fetch
 */
export function refuseUnanswered(
  schema: GraphQLSchema,
  { node }: QueryPlan,
  document: DocumentNode,
  operationName: string | undefined,
): void {
  const fragments = fragmentsOf(document);
  const operation = document.definitions.find(
    (one) =>
      one.kind === Kind.OPERATION_DEFINITION && (operationName === undefined || one.name?.value === operationName),
  );
  if (operation?.kind !== Kind.OPERATION_DEFINITION) return;
  const answered = new Set(node === undefined ? [] : rootKeys(node));
  for (const field of fieldsOf(operation.selectionSet, fragments)) {
    if (answered.has(keyOf(field)) || hasObjects(schema, operation.operation, field)) continue;
    throw new GraphQLError(`No part of the shop can answer ${field.name.value}. Ask for other fields of it.`, {
      nodes: field,
      extensions: { code: 'UNANSWERABLE', http: { status: 400 } },
    });
  }
}

/** What the planner leaves out of other types is what no request can have: excluded, whatever the variables are. */
function hasObjects(schema: GraphQLSchema, operation: OperationTypeNode, { name }: FieldNode): boolean {
  const type = getNamedType(schema.getRootType(operation)?.getFields()[name.value]?.type);
  return !isInterfaceType(type) || schema.getPossibleTypes(type).length > 0;
}

const keyOf = ({ alias, name }: FieldNode) => (alias ?? name).value;

/** What the variables must be for a part of the operation to be asked for. */
type Conditions = ReadonlyMap<string, boolean>;

/** The fields that some request may have: what is skipped whatever the variables are is not among them. */
function fieldsOf(
  { selections }: SelectionSetNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
  around: Conditions = new Map(),
): FieldNode[] {
  return selections.flatMap((selection): FieldNode[] => {
    const conditions = narrowed(around, selection.directives);
    if (conditions === null) return [];
    if (selection.kind === Kind.FIELD) return [selection];
    const fragment = selection.kind === Kind.INLINE_FRAGMENT ? selection : fragments.get(selection.name.value);
    return fragment === undefined ? [] : fieldsOf(fragment.selectionSet, fragments, conditions);
  });
}

/** Null: these conditions and those around are never all true. */
function narrowed(around: Conditions, directives: readonly DirectiveNode[] = []): Conditions | null {
  const conditions = new Map(around);
  for (const { name, arguments: given = [] } of directives) {
    if (name.value !== 'skip' && name.value !== 'include') continue;
    const wanted = name.value === 'include';
    const condition = given.find((argument) => argument.name.value === 'if')?.value;
    if (condition?.kind === Kind.BOOLEAN && condition.value !== wanted) return null;
    if (condition?.kind !== Kind.VARIABLE) continue;
    if (conditions.get(condition.name.value) === !wanted) return null;
    conditions.set(condition.name.value, wanted);
  }
  return conditions;
}

/** The keys of the root that a plan fetches, under whatever condition. */
function rootKeys(node: PlanNode | SubscriptionNode): string[] {
  switch (node.kind) {
    case 'Sequence':
    case 'Parallel':
      return node.nodes.flatMap(rootKeys);
    case 'Condition':
      return [node.ifClause, node.elseClause].flatMap((clause) => (clause === undefined ? [] : rootKeys(clause)));
    case 'Defer':
      return [node.primary, ...node.deferred].flatMap(({ node: part }) => (part === undefined ? [] : rootKeys(part)));
    case 'Subscription':
      return rootKeys(node.primary);
    case 'Flatten':
      return [];
    case 'Fetch':
      return node.requires === undefined || node.requires.length === 0 ? keysOf(node.operation) : [];
  }
}

function keysOf(operation: string): string[] {
  const document = parse(operation, { noLocation: true });
  const fragments = fragmentsOf(document);
  return document.definitions.flatMap((one) =>
    one.kind === Kind.OPERATION_DEFINITION ? fieldsOf(one.selectionSet, fragments).map(keyOf) : [],
  );
}
