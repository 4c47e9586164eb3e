import {
  type ConstDirectiveNode,
  type FieldDefinitionNode,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isEnumType,
  isInterfaceType,
  isNonNullType,
  isObjectType,
  Kind,
  parse,
  type SelectionSetNode,
} from 'graphql';
import type { TestGraph, TestSubgraph } from './graph.ts';

/** What a field may hold so that every subgraph that has it can say it. */
export interface FieldLaw {
  readonly isKey?: boolean;
  /** Some subgraph never says null. */
  readonly isNonNull?: boolean;
  readonly possible?: readonly string[];
  readonly enumValues?: readonly string[];
}

/** What a graph's directives say about its values. */
export interface GraphLaws {
  readonly entities: ReadonlySet<string>;
  /** By type: the fields at the top of its keys. */
  readonly keyFields: ReadonlyMap<string, ReadonlySet<string>>;
  /** By `Type.field`. */
  readonly fields: ReadonlyMap<string, FieldLaw>;
  /** By `Type.field`: what it is computed from. */
  readonly requires: ReadonlyMap<string, SelectionSetNode>;
}

export function lawsOf({ schema, parts }: Pick<TestGraph, 'schema' | 'parts'>): GraphLaws {
  const laws = {
    entities: new Set<string>(),
    keyFields: new Map<string, Set<string>>(),
    fields: new Map<string, FieldLaw>(),
    requires: new Map<string, SelectionSetNode>(),
  };
  for (const part of parts.values()) {
    for (const definition of part.document.definitions) {
      if (definition.kind !== Kind.OBJECT_TYPE_DEFINITION && definition.kind !== Kind.INTERFACE_TYPE_DEFINITION)
        continue;
      const name = definition.name.value;
      for (const directive of named(definition.directives, 'key')) {
        for (const type of concrete(schema, name)) laws.entities.add(type);
        const selection = fieldSet(directive);
        for (const type of [name, ...concrete(schema, name)]) {
          noteKey(laws, schema, type, selection);
          const known = laws.keyFields.get(type) ?? new Set();
          laws.keyFields.set(type, known);
          for (const field of selection.selections) if (field.kind === Kind.FIELD) known.add(field.name.value);
        }
      }
    }
  }
  for (const part of parts.values()) noteFields(laws, schema, part);
  return laws;
}

type Notes = { readonly fields: Map<string, FieldLaw>; readonly requires: Map<string, SelectionSetNode> };

function noteKey(laws: Notes, schema: GraphQLSchema, typename: string, selection: SelectionSetNode): void {
  const type = schema.getType(typename);
  if (!isObjectType(type) && !isInterfaceType(type)) return;
  for (const field of selection.selections) {
    if (field.kind !== Kind.FIELD) continue;
    laws.fields.set(`${typename}.${field.name.value}`, { isKey: true });
    const inner = type.getFields()[field.name.value];
    if (field.selectionSet === undefined || inner === undefined) continue;
    noteKey(laws, schema, getNamedType(inner.type).name, field.selectionSet);
  }
}

function noteFields(laws: Notes, schema: GraphQLSchema, part: TestSubgraph): void {
  for (const definition of part.document.definitions) {
    if (definition.kind !== Kind.OBJECT_TYPE_DEFINITION) continue;
    for (const field of definition.fields ?? []) {
      for (const typename of concrete(schema, definition.name.value)) {
        const at = `${typename}.${field.name.value}`;
        const [requires] = named(field.directives, 'requires');
        if (requires !== undefined) laws.requires.set(at, fieldSet(requires));
        const law = laws.fields.get(at) ?? {};
        laws.fields.set(at, { ...law, ...narrowed(law, schema, part, field, definition.name.value) });
      }
    }
  }
}

function narrowed(
  law: FieldLaw,
  schema: GraphQLSchema,
  part: TestSubgraph,
  field: FieldDefinitionNode,
  on: string,
): FieldLaw {
  const owner = part.schema.getType(on);
  const said = isObjectType(owner) ? owner.getFields()[field.name.value] : undefined;
  if (said === undefined) return {};
  const isNonNull = law.isNonNull === true || isNonNullType(said.type);
  const type = getNamedType(said.type);
  const both = <T>(mine: readonly T[], before: readonly T[] | undefined) =>
    before === undefined ? mine : mine.filter((one) => before.includes(one));
  if (isEnumType(type)) {
    return {
      isNonNull,
      enumValues: both(
        type.getValues().map(({ name }) => name),
        law.enumValues,
      ),
    };
  }
  if (!isAbstractType(type)) return { isNonNull };
  const possible = part.schema.getPossibleTypes(type).flatMap(({ name }) => concrete(schema, name));
  return { isNonNull, possible: both(possible, law.possible) };
}

/** An @interfaceObject stands for all that implement its interface. */
function concrete(schema: GraphQLSchema, typename: string): string[] {
  const type = schema.getType(typename);
  return isInterfaceType(type) ? schema.getPossibleTypes(type).map(({ name }) => name) : [typename];
}

function named(directives: readonly ConstDirectiveNode[] | undefined, name: string): ConstDirectiveNode[] {
  return (directives ?? []).filter((directive) => directive.name.value === name);
}

function fieldSet(directive: ConstDirectiveNode): SelectionSetNode {
  const value = directive.arguments?.find(({ name }) => name.value === 'fields')?.value;
  if (value?.kind !== Kind.STRING) throw new Error('A field set is a string.');
  const [operation] = parse(`{ ${value.value} }`).definitions;
  if (operation?.kind !== Kind.OPERATION_DEFINITION) throw new Error('A field set is a selection.');
  return operation.selectionSet;
}
