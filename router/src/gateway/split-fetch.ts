import type { FetchNode, QueryPlanSelectionNode } from '@apollo/query-planner';
import {
  type DocumentNode,
  type FieldNode,
  Kind,
  type OperationDefinitionNode,
  parse,
  print,
  type SelectionNode,
  type SelectionSetNode,
  stripIgnoredCharacters,
  visit,
} from 'graphql';
import type { StandIns } from './stand-ins.ts';

/** What one fetch may require: by the path of a field, the one stand-in for it. */
type Requirements = Map<string, string>;

/**
 * The fetches that a fetch of entities becomes when its fields require the same field with different arguments: one where nothing
 * contradicts itself, and so on; together they ask for the same fields.
 *
 * @param typesLike the types that a field may have been declared on when it is asked for on this one
 */
export function splitByRequirements(
  fetch: FetchNode,
  standIns: StandIns,
  typesLike: (type: string) => readonly string[],
): FetchNode[] {
  const { requires } = fetch;
  if (requires === undefined || !contradicts(requires, standIns)) return [fetch];
  const document = parse(fetch.operation, { noLocation: true });
  const groups: { readonly requirements: Requirements; readonly fields: Set<FieldNode> }[] = [];
  for (const { field, type } of entityFields(document)) {
    const needed = standIns.requiredBy(fetch.serviceName, typesLike(type), field.name.value);
    const known = groups.find(({ requirements }) => needed.every((path) => agrees(requirements, path, standIns)));
    const group = known ?? { requirements: new Map(), fields: new Set() };
    if (known === undefined) groups.push(group);
    group.fields.add(field);
    for (const path of needed) group.requirements.set(keyOf(path, standIns), pathOf(path));
  }
  const { id, ...withoutId } = fetch;
  return groups.map(({ fields, requirements }, index) => ({
    ...withoutId,
    ...(id !== undefined && index === groups.length - 1 ? { id } : {}),
    ...operationOf(document, fields),
    requires: narrow(requires, [], new Set(requirements.values()), standIns),
  }));
}

function contradicts(requires: readonly QueryPlanSelectionNode[], standIns: StandIns): boolean {
  const requirements: Requirements = new Map();
  return !standInPaths(requires, [], standIns).every((path) => {
    const isFine = agrees(requirements, path, standIns);
    requirements.set(keyOf(path, standIns), pathOf(path));
    return isFine;
  });
}

function agrees(requirements: Requirements, path: readonly string[], standIns: StandIns): boolean {
  const known = requirements.get(keyOf(path, standIns));
  return known === undefined || known === pathOf(path);
}

const pathOf = (path: readonly string[]) => path.join('.');

/** The path with the field's own name at its end: two stand-ins with the same one cannot be in one representation. */
function keyOf(path: readonly string[], { byName }: StandIns): string {
  return pathOf(path.map((name) => byName.get(name)?.field ?? name));
}

function standInPaths(
  selections: readonly QueryPlanSelectionNode[],
  path: readonly string[],
  standIns: StandIns,
): string[][] {
  return selections.flatMap((selection) => {
    if (selection.kind === Kind.INLINE_FRAGMENT) return standInPaths(selection.selections, path, standIns);
    const here = [...path, selection.name];
    return [
      ...(standIns.byName.has(selection.name) ? [here] : []),
      ...standInPaths(selection.selections ?? [], here, standIns),
    ];
  });
}

/** What is required, without the stand-ins that others need. */
function narrow(
  selections: readonly QueryPlanSelectionNode[],
  path: readonly string[],
  kept: ReadonlySet<string>,
  standIns: StandIns,
): QueryPlanSelectionNode[] {
  return selections.flatMap((selection): QueryPlanSelectionNode[] => {
    const here = selection.kind === Kind.FIELD ? [...path, selection.name] : path;
    if (selection.kind === Kind.FIELD && standIns.byName.has(selection.name) && !kept.has(pathOf(here))) return [];
    if (selection.selections === undefined) return [selection];
    const inner = narrow(selection.selections, here, kept, standIns);
    return inner.length === 0 ? [] : [{ ...selection, selections: inner }];
  });
}

/** The fields that are asked of the entities themselves, each with the type it is asked on. */
function entityFields(document: DocumentNode): { readonly field: FieldNode; readonly type: string }[] {
  const within = ({ selections }: SelectionSetNode, type: string): { field: FieldNode; type: string }[] =>
    selections.flatMap((selection) => {
      if (selection.kind === Kind.FIELD) return [{ field: selection, type }];
      if (selection.kind === Kind.FRAGMENT_SPREAD) return [];
      return within(selection.selectionSet, selection.typeCondition?.name.value ?? type);
    });
  return operationIn(document).selectionSet.selections.flatMap((entities) =>
    entities.kind === Kind.FIELD && entities.selectionSet !== undefined ? within(entities.selectionSet, '') : [],
  );
}

/** The operation with these of its entities' fields, and the variables that they use. */
function operationOf(
  document: DocumentNode,
  fields: ReadonlySet<FieldNode>,
): Pick<FetchNode, 'operation' | 'variableUsages'> {
  const within = (set: SelectionSetNode): SelectionSetNode => ({
    ...set,
    selections: set.selections.flatMap((selection): SelectionNode[] => {
      if (selection.kind === Kind.FIELD) return fields.has(selection) ? [selection] : [];
      if (selection.kind === Kind.FRAGMENT_SPREAD) return [];
      const selectionSet = within(selection.selectionSet);
      return selectionSet.selections.length === 0 ? [] : [{ ...selection, selectionSet }];
    }),
  });
  const whole = operationIn(document);
  const selections = whole.selectionSet.selections.map((entities) =>
    entities.kind === Kind.FIELD && entities.selectionSet !== undefined
      ? { ...entities, selectionSet: within(entities.selectionSet) }
      : entities,
  );
  const operation = { ...whole, selectionSet: { ...whole.selectionSet, selections } };
  const used = new Set<string>();
  visit(operation.selectionSet, { Variable: ({ name }) => void used.add(name.value) });
  const variableDefinitions = (operation.variableDefinitions ?? []).filter(({ variable }) =>
    used.has(variable.name.value),
  );
  return {
    operation: stripIgnoredCharacters(print({ ...operation, variableDefinitions })),
    variableUsages: [...used].filter((name) => name !== 'representations'),
  };
}

function operationIn({ definitions }: DocumentNode): OperationDefinitionNode {
  const operation = definitions.find((definition) => definition.kind === Kind.OPERATION_DEFINITION);
  if (operation === undefined) throw new Error('A fetch has no operation');
  return operation;
}
