import {
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLInterfaceType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isEnumType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
  Kind,
  type SelectionSetNode,
  TypeNameMetaFieldDef,
} from 'graphql';
import { applies } from './type-test.ts';

/**
 * What a client's selection looks like once it is resolved against the schema: fragments spread, duplicates merged in the order of the
 * specification's CollectFields, @skip and @include decided. Shapes of one position are made per concrete type, when that type first
 * comes by: an operation of many fragments on an interface costs what its answers need.
 */
export type ValueShape = LeafShape | ListShape | ObjectShape;

export interface LeafShape {
  readonly kind: 'leaf';
  readonly isNullable: boolean;
  readonly accepts: LeafKind;
  /** The values of an enum that clients may see. */
  readonly values: ReadonlySet<string>;
}

export type LeafKind = 'String' | 'Int' | 'Float' | 'Boolean' | 'ID' | 'enum' | 'custom';

export interface ListShape {
  readonly kind: 'list';
  readonly isNullable: boolean;
  readonly of: ValueShape;
}

export interface ObjectShape {
  readonly kind: 'object';
  readonly isNullable: boolean;
  /** The type, where it is the same for every object here; null where `__typename` decides. */
  readonly only: FieldsShape | null;
  /**
   * By the name of a concrete type; of an interface, or undefined, where a subgraph knows no more of the object and no more is asked. Null for
   * a type that cannot stand here, or that clients may not see.
   */
  of(typeName: unknown): FieldsShape | null;
}

/** The fields of one object, in the order in which clients get them. */
export interface FieldsShape {
  readonly typeName: string;
  readonly fields: readonly FieldShape[];
  /** The fragments on it that come later. */
  readonly deferred: readonly DeferredShape[];
}

/** What a deferred fragment adds to an object. */
export interface DeferredShape {
  readonly label: string;
  readonly fields: FieldsShape;
}

export type FieldShape =
  | { readonly kind: 'typename'; readonly key: string }
  | { readonly kind: 'introspection'; readonly key: string; readonly node: FieldNode }
  | (Named & { readonly kind: 'refused'; readonly isNullable: boolean; readonly refusal: Refusal })
  | (Named & { readonly kind: 'value'; readonly fetchedAs: string; readonly value: ValueShape });

interface Named {
  readonly key: string;
  /** As in `Product.title`. */
  readonly coordinate: string;
}

/** Why a caller may not have a field. */
export interface Refusal {
  readonly code: string;
  readonly message: string;
}

export interface ShapeSource {
  readonly schema: GraphQLSchema;
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  readonly refused: ReadonlyMap<FieldNode, Refusal>;
  /** The key under which a field's value was fetched. */
  readonly keyOf: (field: FieldNode) => string;
  /** Whether a node's @skip and @include let it be. */
  readonly isIncluded: (node: { readonly directives?: FieldNode['directives'] }) => boolean;
  /** The label of a fragment that comes later; null: it comes with the rest. Without the function nothing is deferred. */
  readonly deferLabelOf?: (node: { readonly directives?: FieldNode['directives'] }) => string | null;
}

const NO_VALUES: ReadonlySet<string> = new Set();
const LEAF_KINDS: ReadonlySet<string> = new Set(['String', 'Int', 'Float', 'Boolean', 'ID']);

/** The shape of the whole answer. */
export function shapeOfRoot(source: ShapeSource, type: GraphQLObjectType, selections: SelectionSetNode): FieldsShape {
  return shapeOfFields(source, type, [selections]);
}

function shapeOfFields(
  source: ShapeSource,
  type: GraphQLObjectType | GraphQLInterfaceType,
  selectionSets: readonly SelectionSetNode[],
): FieldsShape {
  const collected: Collected = { fields: new Map(), spread: new Set(), deferred: new Map() };
  for (const selections of selectionSets) collect(source, type, selections, collected);
  return {
    typeName: type.name,
    fields: [...collected.fields].map(([key, nodes]) => shapeOfField(source, type, key, nodes)),
    deferred: [...collected.deferred].map(([label, selections]) => ({
      label,
      fields: shapeOfFields(source, type, [selections]),
    })),
  };
}

interface Collected {
  readonly fields: Map<string, FieldNode[]>;
  /** The names of the fragments that were spread already. */
  readonly spread: Set<string>;
  readonly deferred: Map<string, SelectionSetNode>;
}

function collect(
  source: ShapeSource,
  type: GraphQLObjectType | GraphQLInterfaceType,
  { selections }: SelectionSetNode,
  collected: Collected,
): void {
  for (const selection of selections) {
    if (!source.isIncluded(selection)) continue;
    if (selection.kind === Kind.FIELD) {
      const key = selection.alias?.value ?? selection.name.value;
      const nodes = collected.fields.get(key);
      if (nodes === undefined) collected.fields.set(key, [selection]);
      else nodes.push(selection);
      continue;
    }
    const fragment =
      selection.kind === Kind.INLINE_FRAGMENT ? selection : spreadOf(source, selection.name.value, collected.spread);
    if (fragment === undefined || !applies(source.schema, fragment.typeCondition?.name.value, type)) continue;
    const label = source.deferLabelOf?.(selection) ?? null;
    if (label === null) collect(source, type, fragment.selectionSet, collected);
    else collected.deferred.set(label, fragment.selectionSet);
  }
}

function spreadOf(source: ShapeSource, name: string, spread: Set<string>): FragmentDefinitionNode | undefined {
  if (spread.has(name)) return undefined;
  spread.add(name);
  return source.fragments.get(name);
}

function shapeOfField(
  source: ShapeSource,
  type: GraphQLObjectType | GraphQLInterfaceType,
  key: string,
  nodes: FieldNode[],
): FieldShape {
  const [node] = nodes as [FieldNode];
  const name = node.name.value;
  if (name === TypeNameMetaFieldDef.name) return { kind: 'typename', key };
  const selectionSets = nodes.flatMap(({ selectionSet }) => (selectionSet === undefined ? [] : [selectionSet]));
  if (name === '__schema' || name === '__type')
    return { kind: 'introspection', key, node: withSelections(node, selectionSets) };
  const field = type.getFields()[name];
  if (field === undefined) throw new Error(`${type.name} has no field ${name}: the operation was not validated`);
  const coordinate = `${type.name}.${name}`;
  const refusal = nodes.map((one) => source.refused.get(one)).find((one) => one !== undefined);
  if (refusal !== undefined)
    return { kind: 'refused', key, coordinate, isNullable: !isNonNullType(field.type), refusal };
  const value = shapeOfValue(source, field.type, selectionSets);
  return { kind: 'value', key, fetchedAs: source.keyOf(node), coordinate, value };
}

function withSelections(node: FieldNode, selectionSets: readonly SelectionSetNode[]): FieldNode {
  const selections = selectionSets.flatMap((one) => one.selections);
  return { ...node, selectionSet: { kind: Kind.SELECTION_SET, selections } };
}

function shapeOfValue(
  source: ShapeSource,
  declared: GraphQLOutputType,
  selectionSets: readonly SelectionSetNode[],
): ValueShape {
  const isNullable = !isNonNullType(declared);
  const type = isNonNullType(declared) ? declared.ofType : declared;
  if (isListType(type)) return { kind: 'list', isNullable, of: shapeOfValue(source, type.ofType, selectionSets) };
  if (isObjectType(type)) {
    const only = shapeOfFields(source, type, selectionSets);
    return { kind: 'object', isNullable, only, of: () => only };
  }
  if (isAbstractType(type))
    return { kind: 'object', isNullable, only: null, of: byTypeName(source, type, selectionSets) };
  if (isEnumType(type)) {
    const values = new Set(type.getValues().map(({ name }) => name));
    return { kind: 'leaf', isNullable, accepts: 'enum', values };
  }
  const { name } = getNamedType(type);
  const accepts = LEAF_KINDS.has(name) ? (name as LeafKind) : 'custom';
  return { kind: 'leaf', isNullable, accepts, values: NO_VALUES };
}

function byTypeName(
  source: ShapeSource,
  abstract: GraphQLOutputType & { readonly name: string },
  selectionSets: readonly SelectionSetNode[],
): ObjectShape['of'] {
  const known = new Map<unknown, FieldsShape | null>();
  const make = (typeName: unknown): FieldsShape | null => {
    const type = typeName === undefined ? abstract : typeof typeName === 'string' && source.schema.getType(typeName);
    if (!isObjectType(type) && !isInterfaceType(type)) return null;
    if (type !== abstract && !(isAbstractType(abstract) && source.schema.isSubType(abstract, type))) return null;
    if (isInterfaceType(type) && !selectionSets.every((one) => isSameForAll(source, type, one))) return null;
    const shape = shapeOfFields(source, type, selectionSets);
    known.set(typeName, shape);
    return shape;
  };
  return (typeName) => known.get(typeName) ?? make(typeName);
}

/** Whether what is asked of an interface object needs no concrete type: its subgraph knows none, and the planner then fetches none. */
function isSameForAll(source: ShapeSource, type: GraphQLInterfaceType, { selections }: SelectionSetNode): boolean {
  return selections.every((selection) => {
    if (!source.isIncluded(selection)) return true;
    if (selection.kind === Kind.FIELD) return selection.name.value !== TypeNameMetaFieldDef.name;
    const fragment = selection.kind === Kind.INLINE_FRAGMENT ? selection : source.fragments.get(selection.name.value);
    if (fragment === undefined) return true;
    return (
      applies(source.schema, fragment.typeCondition?.name.value, type) &&
      isSameForAll(source, type, fragment.selectionSet)
    );
  });
}
