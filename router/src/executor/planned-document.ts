import {
  type DirectiveNode,
  type DocumentNode,
  type FieldNode,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isObjectType,
  Kind,
  type SelectionNode,
  type SelectionSetNode,
  TypeInfo,
  visit,
  visitWithTypeInfo,
} from 'graphql';
import { fragmentsOf, neverEmpty, TYPE_NAME } from '../documents.ts';
import { type Conditions, conditionOf, isIncluded } from './conditions.ts';
import type { Refusal } from './shape.ts';
import { applies } from './type-test.ts';

/**
 * The operation as it is planned: without what its caller may not have, for nobody is asked for that; without introspection, which the
 * planner knows at the top of an operation only; and with its conditions decided. The planner drops a field of which every selection is
 * excluded, or in a fragment on another type, and lets a representation wait for what only an excluded field requires.
 *
 * @param conditions null: those of variables are the planner's to keep
 */
export function toPlannedDocument(
  schema: GraphQLSchema,
  document: DocumentNode,
  refused: ReadonlyMap<FieldNode, Refusal>,
  conditions: Conditions | null,
  isDeferring = false,
): DocumentNode {
  const isLeftOut = (node: SelectionNode): boolean =>
    (node.kind === Kind.FIELD && (refused.has(node) || isIntrospection(node))) ||
    !isIncluded(conditions ?? NONE, {
      directives: (node.directives ?? []).filter((one) => isDecided(one, conditions)),
    });
  const leaveOut = { enter: (node: SelectionNode) => (isLeftOut(node) ? null : undefined) };
  const isEmptyOn = emptiness(schema, document, isLeftOut);
  const types = new TypeInfo(schema);
  return visit(
    document,
    visitWithTypeInfo(types, {
      Field: {
        ...leaveOut,
        leave(node): FieldNode | undefined {
          const type = getNamedType(types.getType());
          const { selectionSet } = node;
          if (selectionSet === undefined || !isObjectType(type) || !isEmptyOn(type, selectionSet)) return undefined;
          return { ...node, selectionSet: { ...selectionSet, selections: [...selectionSet.selections, TYPE_NAME] } };
        },
      },
      InlineFragment: leaveOut,
      FragmentSpread: leaveOut,
      Directive: {
        enter: (node) =>
          isDecided(node, conditions) || (node.name.value === 'defer' && !isDeferring) ? null : undefined,
      },
      ...neverEmpty,
    }),
  );
}

/** Whether a selection has nothing for an object of the type. */
function emptiness(schema: GraphQLSchema, document: DocumentNode, isLeftOut: (node: SelectionNode) => boolean) {
  const fragments = fragmentsOf(document);
  const isEmptyOn = (type: GraphQLObjectType, { selections }: SelectionSetNode): boolean =>
    selections.every((selection) => {
      if (isLeftOut(selection)) return true;
      if (selection.kind === Kind.FIELD) return false;
      const fragment = selection.kind === Kind.INLINE_FRAGMENT ? selection : fragments.get(selection.name.value);
      if (fragment === undefined) return true;
      return !applies(schema, fragment.typeCondition?.name.value, type) || isEmptyOn(type, fragment.selectionSet);
    });
  return isEmptyOn;
}

/** Whether no subgraph is needed: all that is asked for is the names of types. */
export function isAnsweredAlone(document: DocumentNode, operationName: string | undefined): boolean {
  return document.definitions.some(
    (one) =>
      one.kind === Kind.OPERATION_DEFINITION &&
      (operationName === undefined || one.name?.value === operationName) &&
      one.selectionSet.selections.every(
        (selection) => selection.kind === Kind.FIELD && selection.name.value === '__typename',
      ),
  );
}

const NONE: Conditions = new Map();

function isIntrospection({ name }: FieldNode): boolean {
  return name.value === '__schema' || name.value === '__type';
}

function isDecided(directive: DirectiveNode, conditions: Conditions | null): boolean {
  const condition = conditionOf(directive);
  return condition !== undefined && (condition.kind === Kind.BOOLEAN || conditions !== null);
}
