import { Kind, parse, type SelectionSetNode } from 'graphql';
import { fragmentsOf } from '../documents.ts';

/** Response keys, and those inside each. */
export type ResponseKeys = ReadonlyMap<string, ResponseKeys>;

/** The response keys that a fetch's operation gives to the objects that it is about: those of its entities, else those at its root. */
export function responseKeysOf(operation: string): ResponseKeys {
  const document = parse(operation);
  const fragments = fragmentsOf(document);
  const keys: Growing = new Map();
  const visit = (selections: SelectionSetNode | undefined, into: Growing): void => {
    for (const selection of selections?.selections ?? []) {
      if (selection.kind === Kind.INLINE_FRAGMENT) visit(selection.selectionSet, into);
      else if (selection.kind === Kind.FRAGMENT_SPREAD) visit(fragments.get(selection.name.value)?.selectionSet, into);
      else if (selection.name.value === '_entities') visit(selection.selectionSet, into);
      else {
        const key = (selection.alias ?? selection.name).value;
        const inside: Growing = into.get(key) ?? new Map();
        into.set(key, inside);
        visit(selection.selectionSet, inside);
      }
    }
  };
  for (const definition of document.definitions) {
    if (definition.kind === Kind.OPERATION_DEFINITION) visit(definition.selectionSet, keys);
  }
  return keys;
}

type Growing = Map<string, Growing>;
