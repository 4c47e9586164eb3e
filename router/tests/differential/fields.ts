import {
  type DocumentNode,
  type FieldNode,
  GraphQLIncludeDirective,
  type GraphQLObjectType,
  type GraphQLSchema,
  GraphQLSkipDirective,
  getDirectiveValues,
  isAbstractType,
  Kind,
  type SelectionSetNode,
} from 'graphql';

/** The fields that a selection has on one type, by their name in the answer, in the order of the answer. */
export function fieldsOf(
  schema: GraphQLSchema,
  document: DocumentNode,
  variables: Record<string, unknown>,
  selections: readonly SelectionSetNode[],
  type: GraphQLObjectType,
): Map<string, FieldNode[]> {
  const found = new Map<string, FieldNode[]>();
  const seen = new Set<string>();
  const applies = (condition: string | undefined) => {
    if (condition === undefined || condition === type.name) return true;
    const wanted = schema.getType(condition);
    return isAbstractType(wanted) && schema.isSubType(wanted, type);
  };
  const collect = (selection: SelectionSetNode): void => {
    for (const one of selection.selections) {
      if (getDirectiveValues(GraphQLSkipDirective, one, variables)?.if === true) continue;
      if (getDirectiveValues(GraphQLIncludeDirective, one, variables)?.if === false) continue;
      if (one.kind === Kind.FIELD) {
        const name = one.alias?.value ?? one.name.value;
        found.set(name, [...(found.get(name) ?? []), one]);
      } else if (one.kind === Kind.INLINE_FRAGMENT) {
        if (applies(one.typeCondition?.name.value)) collect(one.selectionSet);
      } else if (!seen.has(one.name.value)) {
        seen.add(one.name.value);
        const fragment = document.definitions.find(
          (definition) => definition.kind === Kind.FRAGMENT_DEFINITION && definition.name.value === one.name.value,
        );
        if (fragment?.kind === Kind.FRAGMENT_DEFINITION && applies(fragment.typeCondition.name.value)) {
          collect(fragment.selectionSet);
        }
      }
    }
  };
  for (const selection of selections) collect(selection);
  return found;
}
