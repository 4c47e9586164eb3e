import { createHash } from 'node:crypto';
import { type DocumentNode, type FieldNode, type FragmentDefinitionNode, Kind, type SelectionSetNode } from 'graphql';

/** The SHA-256 of a text, in hex: what persisted queries know it by. */
export function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** A document's fragments, by name. */
export function fragmentsOf({ definitions }: DocumentNode): ReadonlyMap<string, FragmentDefinitionNode> {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const one of definitions) if (one.kind === Kind.FRAGMENT_DEFINITION) fragments.set(one.name.value, one);
  return fragments;
}

/** What every object can be asked for. */
export const TYPE_NAME: FieldNode = { kind: Kind.FIELD, name: { kind: Kind.NAME, value: '__typename' } };

/** For `visit`: a selection that has lost all it had asks for the name of the type, for none may be empty. */
export const neverEmpty = {
  SelectionSet: {
    leave: (node: SelectionSetNode): SelectionSetNode | undefined =>
      node.selections.length === 0 ? { ...node, selections: [TYPE_NAME] } : undefined,
  },
};
