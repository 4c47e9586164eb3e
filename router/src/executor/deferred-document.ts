import {
  BREAK,
  type DirectiveNode,
  type DocumentNode,
  type FieldNode,
  type InlineFragmentNode,
  Kind,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
  visit,
} from 'graphql';
import { fragmentsOf } from '../documents.ts';
import type { Conditions } from './conditions.ts';
import type { Refusal } from './shape.ts';

/** An operation whose deferred fragments can be told apart, wherever they came from. */
export interface DeferredDocument {
  /** The operation alone, its fragments spread; each @defer that counts has a label of its own, and no condition. */
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  /** The fields of the spread operation that are refused. */
  readonly refused: ReadonlyMap<FieldNode, Refusal>;
  /** The client's label by ours; null: it gave none. */
  readonly labels: ReadonlyMap<string, string | null>;
}

export function hasDeferred(document: DocumentNode): boolean {
  let has = false;
  visit(document, {
    Directive({ name }) {
      has ||= name.value === 'defer';
      return has ? BREAK : undefined;
    },
  });
  return has;
}

/**
 * Spreads an operation's fragments: the planner knows a deferred fragment by its label, and one that is spread twice would be taken for
 * one. Null: nothing is deferred for these conditions.
 */
export function spellOutDeferred(
  document: DocumentNode,
  operation: OperationDefinitionNode,
  refused: ReadonlyMap<FieldNode, Refusal>,
  conditions: Conditions,
): DeferredDocument | null {
  const fragments = fragmentsOf(document);
  const labels = new Map<string, string | null>();
  const refusedHere = new Map<FieldNode, Refusal>();
  const spread = ({ selections }: SelectionSetNode): SelectionSetNode => ({
    kind: Kind.SELECTION_SET,
    selections: selections.map(spreadOne),
  });
  const spreadOne = (selection: SelectionNode): SelectionNode => {
    if (selection.kind !== Kind.FIELD) return spreadFragment(selection);
    const { selectionSet } = selection;
    const field = selectionSet === undefined ? selection : { ...selection, selectionSet: spread(selectionSet) };
    const refusal = refused.get(selection);
    if (refusal !== undefined) refusedHere.set(field, refusal);
    return field;
  };
  const spreadFragment = (selection: Exclude<SelectionNode, FieldNode>): InlineFragmentNode => {
    const fragment = selection.kind === Kind.INLINE_FRAGMENT ? selection : fragments.get(selection.name.value);
    if (fragment === undefined) throw new Error('A fragment that the document does not have');
    const { typeCondition } = fragment;
    const directives = (selection.directives ?? []).flatMap((one) => labelled(one, conditions, labels));
    return {
      kind: Kind.INLINE_FRAGMENT,
      ...(typeCondition === undefined ? {} : { typeCondition }),
      directives,
      selectionSet: spread(fragment.selectionSet),
    };
  };
  const spelled: OperationDefinitionNode = { ...operation, selectionSet: spread(operation.selectionSet) };
  if (labels.size === 0) return null;
  const alone: DocumentNode = { kind: Kind.DOCUMENT, definitions: [spelled] };
  return { document: alone, operation: spelled, refused: refusedHere, labels };
}

/** The label that we gave a fragment; null: it is not deferred. */
export function deferLabelOf({
  directives,
}: {
  readonly directives?: readonly DirectiveNode[] | undefined;
}): string | null {
  const defer = directives?.find(({ name }) => name.value === 'defer');
  const label = defer?.arguments?.find(({ name }) => name.value === 'label')?.value;
  return label?.kind === Kind.STRING ? label.value : null;
}

/** Other directives as they are; @defer with a label of its own, or left out when its condition says so. */
function labelled(
  directive: DirectiveNode,
  conditions: Conditions,
  labels: Map<string, string | null>,
): DirectiveNode[] {
  if (directive.name.value !== 'defer') return [directive];
  const given = (name: string) => directive.arguments?.find((argument) => argument.name.value === name)?.value;
  const condition = given('if');
  if (condition?.kind === Kind.BOOLEAN && !condition.value) return [];
  if (condition?.kind === Kind.VARIABLE && conditions.get(condition.name.value) !== true) return [];
  const label = given('label');
  const ours = `deferred${labels.size}`;
  labels.set(ours, label?.kind === Kind.STRING ? label.value : null);
  return [
    {
      ...directive,
      arguments: [
        {
          kind: Kind.ARGUMENT,
          name: { kind: Kind.NAME, value: 'label' },
          value: { kind: Kind.STRING, value: ours },
        },
      ],
    },
  ];
}
