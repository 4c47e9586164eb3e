import {
  type ArgumentNode,
  type ConstDirectiveNode,
  type DefinitionNode,
  type DocumentNode,
  type FieldDefinitionNode,
  type FieldNode,
  type InterfaceTypeDefinitionNode,
  Kind,
  type ObjectTypeDefinitionNode,
  parse,
  type SelectionSetNode,
} from 'graphql';

export type Composite = ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode;

/** A supergraph's types as its text has them, with what composition noted of the subgraphs. */
export interface JoinedTypes {
  /** The subgraph's name by its name in the enum join__Graph. */
  subgraphOf(graph: string): string;
  /** The type and those that implement it. */
  withImplementations(type: string): readonly string[];
  takesArguments(type: string, field: string): boolean;
  /** Whether the type has the field for an interface's sake, in that subgraph. */
  isOfInterface(type: Composite, field: string, graph: string): boolean;
  /** A set of fields with other names, asked for one by one; those with another name lose their arguments. */
  mapFields(
    fields: SelectionSetNode,
    type: string,
    path: readonly string[],
    rename: (field: FieldNode, type: string, path: readonly string[]) => string,
  ): SelectionSetNode;
}

export function readJoinedTypes(supergraph: DocumentNode): JoinedTypes {
  const types = new Map(supergraph.definitions.filter(isComposite).map((type) => [type.name.value, type]));
  const subgraphs = subgraphNamesOf(supergraph);
  const fieldOf = (type: string, field: string): FieldDefinitionNode | undefined =>
    types.get(type)?.fields?.find(({ name }) => name.value === field);
  const mapFields: JoinedTypes['mapFields'] = (fields, type, path, rename) => ({
    ...fields,
    selections: fields.selections.map((selection) => {
      if (selection.kind === Kind.FRAGMENT_SPREAD) return selection;
      if (selection.kind === Kind.INLINE_FRAGMENT) {
        const condition = selection.typeCondition?.name.value ?? type;
        return { ...selection, selectionSet: mapFields(selection.selectionSet, condition, path, rename) };
      }
      const name = rename(selection, type, path);
      const renamed =
        name === selection.name.value
          ? selection
          : { ...selection, name: { kind: Kind.NAME, value: name } as const, arguments: [] };
      const definition = fieldOf(type, selection.name.value);
      if (selection.selectionSet === undefined || definition === undefined) return renamed;
      const selectionSet = mapFields(selection.selectionSet, namedType(definition), [...path, name], rename);
      return { ...renamed, selectionSet };
    }),
  });
  return {
    subgraphOf: (graph) => subgraphs.get(graph) ?? graph,
    withImplementations: (type) => [
      type,
      ...[...types.values()]
        .filter(({ interfaces = [] }) => interfaces.some(({ name }) => name.value === type))
        .map(({ name }) => name.value),
    ],
    takesArguments: (type, field) => (fieldOf(type, field)?.arguments?.length ?? 0) > 0,
    isOfInterface: ({ directives = [] }, field, graph) =>
      directives.some(
        (directive) =>
          directive.name.value === 'join__implements' &&
          textOf(directive, 'graph') === graph &&
          isIn(fieldOf(textOf(directive, 'interface') ?? '', field), graph),
      ),
    mapFields,
  };
}

/** A field without a mark for any subgraph is in all that have its type. */
function isIn(field: FieldDefinitionNode | undefined, graph: string): boolean {
  if (field === undefined) return false;
  const joins = (field.directives ?? []).filter(({ name }) => name.value === 'join__field');
  return joins.length === 0 || joins.some((join) => textOf(join, 'graph') === graph);
}

function subgraphNamesOf({ definitions }: DocumentNode): ReadonlyMap<string, string> {
  const values = definitions.flatMap((one) =>
    one.kind === Kind.ENUM_TYPE_DEFINITION && one.name.value === 'join__Graph' ? (one.values ?? []) : [],
  );
  return new Map(
    values.map(({ name, directives = [] }) => {
      const graph = directives.find((directive) => directive.name.value === 'join__graph');
      return [name.value, (graph && textOf(graph, 'name')) ?? name.value];
    }),
  );
}

export function isComposite(definition: DefinitionNode): definition is Composite {
  return definition.kind === Kind.OBJECT_TYPE_DEFINITION || definition.kind === Kind.INTERFACE_TYPE_DEFINITION;
}

export function namedType({ type }: FieldDefinitionNode): string {
  let named = type;
  while (named.kind !== Kind.NAMED_TYPE) named = named.type;
  return named.name.value;
}

export function fieldSetOf(fields: string): SelectionSetNode {
  const [definition] = parse(`{${fields}}`, { noLocation: true }).definitions;
  if (definition?.kind !== Kind.OPERATION_DEFINITION) throw new Error(`${fields} is no set of fields`);
  return definition.selectionSet;
}

/** An argument that is a text or a name. */
export function textOf(
  { arguments: given = [] }: { readonly arguments?: readonly ArgumentNode[] | undefined },
  name: string,
): string | undefined {
  const value = given.find((argument) => argument.name.value === name)?.value;
  return value?.kind === Kind.STRING || value?.kind === Kind.ENUM ? value.value : undefined;
}

export function withText(directive: ConstDirectiveNode, name: string, text: string): ConstDirectiveNode {
  return {
    ...directive,
    arguments: (directive.arguments ?? []).map((argument) =>
      argument.name.value === name ? { ...argument, value: { kind: Kind.STRING, value: text } } : argument,
    ),
  };
}

export function isExternal({ arguments: given = [] }: ConstDirectiveNode): boolean {
  return given.some(({ name, value }) => name.value === 'external' && value.kind === Kind.BOOLEAN && value.value);
}
