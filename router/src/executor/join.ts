import {
  type DocumentNode,
  type FieldNode,
  Kind,
  type OperationDefinitionNode,
  OperationTypeNode,
  parse,
  print,
  stripIgnoredCharacters,
  type VariableDefinitionNode,
  visit,
} from 'graphql';
import type { Request } from './ask.ts';
import type { EntityFetch } from './entity-fetch.ts';

/** Several entity fetches as one operation. */
export interface JoinedOperation {
  readonly request: Request;
  /** The client's variables in it. */
  readonly variableUsages: readonly string[];
  /** For each fetch, in their order: the response key of its entities, and the variable of its representations. */
  readonly names: readonly { readonly key: string; readonly variable: string }[];
}

/**
 * Entity fetches that a plan sends to one subgraph side by side, as one operation: each becomes an aliased `_entities` with
 * representations of its own. Null where they cannot be told apart afterwards: named fragments, or more than one root field.
 */
export function joinFetches(fetches: readonly EntityFetch[]): JoinedOperation | null {
  const operations = fetches.map(({ node }) => soleOperation(parse(node.operation)));
  const definitions = new Map<string, VariableDefinitionNode>();
  const fields: FieldNode[] = [];
  const names: { readonly key: string; readonly variable: string }[] = [];
  for (const [index, operation] of operations.entries()) {
    const field = operation === null ? null : entitiesOf(operation);
    if (operation === null || field === null) return null;
    const variable = `representations${index}`;
    const key = `entities${index}`;
    const renamed = rename(operation, variable);
    for (const definition of renamed.variableDefinitions ?? [])
      definitions.set(definition.variable.name.value, definition);
    fields.push({ ...(renamed.selectionSet.selections[0] as FieldNode), alias: { kind: Kind.NAME, value: key } });
    names.push({ key, variable });
  }
  const usages = fetches.flatMap(({ node }) => node.variableUsages ?? []);
  // A client's own variable may have any name, also one of ours.
  if (usages.some((name) => names.some(({ variable }) => variable === name))) return null;
  const [first] = operations as [OperationDefinitionNode];
  const joined: OperationDefinitionNode = {
    ...first,
    variableDefinitions: [...definitions.values()],
    selectionSet: { kind: Kind.SELECTION_SET, selections: fields },
  };
  return {
    request: {
      operation: stripIgnoredCharacters(print(joined)),
      operationName: first.name?.value,
      operationKind: OperationTypeNode.QUERY,
    },
    variableUsages: [...new Set(usages)],
    names,
  };
}

function soleOperation({ definitions }: DocumentNode): OperationDefinitionNode | null {
  const [only] = definitions;
  return definitions.length === 1 && only?.kind === Kind.OPERATION_DEFINITION ? only : null;
}

function entitiesOf({ selectionSet, directives }: OperationDefinitionNode): FieldNode | null {
  const [only] = selectionSet.selections;
  const isSole = selectionSet.selections.length === 1 && (directives ?? []).length === 0;
  return isSole && only?.kind === Kind.FIELD && only.name.value === '_entities' ? only : null;
}

function rename(operation: OperationDefinitionNode, to: string): OperationDefinitionNode {
  return visit(operation, {
    Variable: (node) =>
      node.name.value === 'representations' ? { ...node, name: { ...node.name, value: to } } : undefined,
  });
}
