import {
  type ConstDirectiveNode,
  type DocumentNode,
  type FieldDefinitionNode,
  type FieldNode,
  Kind,
  parse,
  print,
} from 'graphql';
import {
  type Composite,
  fieldSetOf,
  isComposite,
  isExternal,
  type JoinedTypes,
  namedType,
  readJoinedTypes,
  textOf,
  withText,
} from './joined-types.ts';

/**
 * The planner keeps one selection a field: `@requires(fields: "comments(limit: 3) { authorId }")` and a client's own `comments(limit: 1)`, or
 * two @requires with other arguments, become one, and somebody gets the other's answer. So it plans over a supergraph where each field that is
 * required with arguments has a stand-in, a field of its own without arguments that clients do not see; stood-in.ts puts the field back into
 * the plan, under the stand-in's name as its alias.
 */
export interface StandIns {
  /** What every stand-in's name contains, and no other name of the supergraph. */
  readonly mark: string;
  readonly byName: ReadonlyMap<string, StandIn>;
  /** The stand-ins that a field requires, as paths of keys: `['category', 'averagePrice__required1']`. */
  requiredBy(subgraph: string, types: readonly string[], field: string): readonly (readonly string[])[];
}

export interface StandIn {
  readonly field: string;
  readonly arguments: NonNullable<FieldNode['arguments']>;
}

/** @returns the supergraph as it came, and no stand-ins, when nothing is required with arguments */
export function addStandIns(supergraph: DocumentNode): {
  readonly supergraph: DocumentNode;
  readonly standIns: StandIns;
} {
  const maker = new Maker(supergraph);
  const rewritten = supergraph.definitions.map((definition) =>
    isComposite(definition) ? maker.rewriteRequires(definition) : definition,
  );
  if (maker.byName.size === 0) return { supergraph, standIns: maker };
  const definitions = rewritten.map((definition) =>
    isComposite(definition) ? maker.withStandIns(definition) : definition,
  );
  return { supergraph: hidingFields({ ...supergraph, definitions }), standIns: maker };
}

class Maker implements StandIns {
  readonly mark: string;
  readonly byName = new Map<string, StandIn>();
  readonly #graph: JoinedTypes;
  readonly #nameByCall = new Map<string, string>();
  /** By type: which stand-ins it has. */
  readonly #places = new Map<string, Set<string>>();
  /** `<graph> <type> <field or stand-in>`: what subgraphs name in @requires and, for fields, in @provides. */
  readonly #uses = { required: new Set<string>(), provided: new Set<string>() };
  readonly #required = new Map<string, string[][]>();

  constructor(supergraph: DocumentNode) {
    this.#graph = readJoinedTypes(supergraph);
    const text = print(supergraph);
    let mark = '__required';
    while (text.includes(mark)) mark += '_';
    this.mark = mark;
  }

  requiredBy(subgraph: string, types: readonly string[], field: string): readonly (readonly string[])[] {
    return types.flatMap((type) => this.#required.get(`${subgraph} ${type} ${field}`) ?? []);
  }

  /** The type with stand-ins in place of what its fields require with arguments. */
  rewriteRequires(type: Composite): Composite {
    const fields = type.fields?.map((field) => ({
      ...field,
      directives: (field.directives ?? []).map((directive) => this.#rewriteJoin(type, field, directive)),
    }));
    return fields === undefined ? type : { ...type, fields };
  }

  #rewriteJoin(type: Composite, field: FieldDefinitionNode, directive: ConstDirectiveNode): ConstDirectiveNode {
    const graph = textOf(directive, 'graph') ?? '';
    const provides = textOf(directive, 'provides');
    if (provides !== undefined) {
      this.#graph.mapFields(fieldSetOf(provides), namedType(field), [], (node, owner) => {
        this.#note(this.#uses.provided, graph, owner, node.name.value);
        return node.name.value;
      });
    }
    const requires = textOf(directive, 'requires');
    if (requires === undefined) return directive;
    const paths: string[][] = [];
    const rewritten = this.#graph.mapFields(fieldSetOf(requires), type.name.value, [], (node, owner, path) => {
      if (!this.#graph.takesArguments(owner, node.name.value)) return node.name.value;
      const standIn = this.#nameFor(node, owner);
      this.#note(this.#uses.required, graph, owner, node.name.value);
      this.#note(this.#uses.required, graph, owner, standIn);
      paths.push([...path, standIn]);
      return standIn;
    });
    if (paths.length === 0) return directive;
    this.#required.set(`${this.#graph.subgraphOf(graph)} ${type.name.value} ${field.name.value}`, paths);
    return withText(directive, 'requires', print(rewritten).slice(1, -1).trim());
  }

  withStandIns(type: Composite): Composite {
    const typeName = type.name.value;
    const standIns = [...(this.#places.get(typeName) ?? [])].flatMap((name) => {
      const { field: stoodFor } = this.byName.get(name) as StandIn;
      const field = type.fields?.find((one) => one.name.value === stoodFor);
      return field === undefined ? [] : [this.#standInFor(field, typeName, name)];
    });
    if (standIns.length === 0) return type;
    const fields = (type.fields ?? []).map((field) => ({
      ...field,
      directives: field.directives?.filter((directive) => !this.#isIdle(directive, type, field.name.value)) ?? [],
    }));
    return { ...type, fields: [...fields, ...standIns] };
  }

  #standInFor(field: FieldDefinitionNode, typeName: string, name: string): FieldDefinitionNode {
    const inaccessible: ConstDirectiveNode = { kind: Kind.DIRECTIVE, name: { kind: Kind.NAME, value: INACCESSIBLE } };
    const joins = (field.directives ?? []).filter(
      (directive) =>
        directive.name.value === 'join__field' &&
        (!isExternal(directive) || this.#uses.required.has(`${textOf(directive, 'graph')} ${typeName} ${name}`)),
    );
    return {
      kind: Kind.FIELD_DEFINITION,
      name: { kind: Kind.NAME, value: name },
      arguments: [],
      type: field.type,
      directives: [...joins, inaccessible],
    };
  }

  /** Whether a subgraph names an external field only where its stand-in is named now: that would be refused as a mistake. */
  #isIdle(directive: ConstDirectiveNode, type: Composite, field: string): boolean {
    if (directive.name.value !== 'join__field' || !isExternal(directive)) return false;
    const graph = textOf(directive, 'graph') ?? '';
    const use = `${graph} ${type.name.value} ${field}`;
    return (
      this.#uses.required.has(use) && !this.#uses.provided.has(use) && !this.#graph.isOfInterface(type, field, graph)
    );
  }

  /** One name for one field with the same arguments, on the type and on those that implement it. */
  #nameFor({ name: { value: field }, arguments: given = [] }: FieldNode, typeName: string): string {
    const call = `${field}(${given
      .map((argument) => print(argument))
      .toSorted()
      .join()})`;
    const name = this.#nameByCall.get(call) ?? `${field}${this.mark}${this.#nameByCall.size + 1}`;
    this.#nameByCall.set(call, name);
    this.byName.set(name, { field, arguments: given });
    for (const type of this.#graph.withImplementations(typeName))
      this.#places.set(type, (this.#places.get(type) ?? new Set()).add(name));
    return name;
  }

  #note(uses: Set<string>, graph: string, typeName: string, field: string): void {
    for (const type of this.#graph.withImplementations(typeName)) uses.add(`${graph} ${type} ${field}`);
  }
}

const INACCESSIBLE = 'inaccessible';

/** A supergraph that knows @inaccessible, as one where composition met it. */
function hidingFields(supergraph: DocumentNode): DocumentNode {
  const { definitions } = supergraph;
  const isKnown = definitions.some((one) => one.kind === Kind.DIRECTIVE_DEFINITION && one.name.value === INACCESSIBLE);
  if (isKnown) return supergraph;
  const known = parse(
    `extend schema @link(url: "https://specs.apollo.dev/inaccessible/v0.2", for: SECURITY)
    directive @inaccessible on FIELD_DEFINITION | OBJECT | INTERFACE | UNION | ARGUMENT_DEFINITION | SCALAR | ENUM | ENUM_VALUE | INPUT_OBJECT | INPUT_FIELD_DEFINITION`,
    { noLocation: true },
  );
  const links = known.definitions.flatMap((one) => (one.kind === Kind.SCHEMA_EXTENSION ? (one.directives ?? []) : []));
  const directive = known.definitions.filter((one) => one.kind === Kind.DIRECTIVE_DEFINITION);
  return {
    ...supergraph,
    definitions: [
      ...definitions.map((one) =>
        one.kind === Kind.SCHEMA_DEFINITION ? { ...one, directives: [...(one.directives ?? []), ...links] } : one,
      ),
      ...directive,
    ],
  };
}
