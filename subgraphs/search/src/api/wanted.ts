import { type GraphQLResolveInfo, Kind, type SelectionSetNode } from 'graphql';

/** Whether an operation selects a field at a path below the one that is being resolved, through whatever fragments. */
export function isWanted(info: GraphQLResolveInfo, ...path: readonly string[]): boolean {
  return info.fieldNodes.some(({ selectionSet }) => selects(info, selectionSet, path));
}

function selects(info: GraphQLResolveInfo, set: SelectionSetNode | undefined, path: readonly string[]): boolean {
  const [name, ...rest] = path;
  if (name === undefined) return true;
  return (set?.selections ?? []).some((selection) => {
    if (selection.kind === Kind.FIELD)
      return selection.name.value === name && selects(info, selection.selectionSet, rest);
    const fragment = selection.kind === Kind.FRAGMENT_SPREAD ? info.fragments[selection.name.value] : selection;
    return selects(info, fragment?.selectionSet, path);
  });
}
