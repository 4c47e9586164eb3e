import {
  executeSync,
  type FragmentDefinitionNode,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
  OperationTypeNode,
} from 'graphql';
import type { IntrospectionField } from './complete.ts';

/** Answers `__schema` and `__type` from the schema that clients see; no subgraph is asked. */
export function createIntrospection(
  schema: GraphQLSchema,
  definition: OperationDefinitionNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
): (field: IntrospectionField, variables: Readonly<Record<string, unknown>>) => unknown {
  return ({ key, node }, variables) => {
    const operation: OperationDefinitionNode = {
      ...definition,
      operation: OperationTypeNode.QUERY,
      selectionSet: { kind: Kind.SELECTION_SET, selections: [node] },
    };
    const { data } = executeSync({
      schema,
      document: { kind: Kind.DOCUMENT, definitions: [operation, ...fragments.values()] },
      rootValue: {},
      variableValues: variables,
    });
    return data?.[key] ?? null;
  };
}
