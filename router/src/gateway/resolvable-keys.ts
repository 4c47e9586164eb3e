import { type ConstDirectiveNode, type DocumentNode, Kind } from 'graphql';

/**
 * To come back to a subgraph with what a field @requires, the planner takes the first key that the subgraph has at hand, resolvable or not;
 * by one that is not, the subgraph finds nothing. So each subgraph's resolvable keys stand before its others.
 */
export function putResolvableKeysFirst(supergraph: DocumentNode): DocumentNode {
  const definitions = supergraph.definitions.map((definition) =>
    definition.kind === Kind.OBJECT_TYPE_DEFINITION || definition.kind === Kind.INTERFACE_TYPE_DEFINITION
      ? { ...definition, directives: (definition.directives ?? []).toSorted(byUse) }
      : definition,
  );
  return { ...supergraph, definitions };
}

/** The order is otherwise kept: sorting is stable. */
function byUse(one: ConstDirectiveNode, other: ConstDirectiveNode): number {
  return Number(isUnresolvableKey(one)) - Number(isUnresolvableKey(other));
}

function isUnresolvableKey({ name, arguments: given = [] }: ConstDirectiveNode): boolean {
  return (
    name.value === 'join__type' &&
    given.some(
      (argument) =>
        argument.name.value === 'resolvable' && argument.value.kind === Kind.BOOLEAN && !argument.value.value,
    )
  );
}
