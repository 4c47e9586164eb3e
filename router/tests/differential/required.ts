import { type GraphQLSchema, isObjectType, Kind, type SelectionSetNode, valueFromASTUntyped } from 'graphql';
import type { Thing, World } from './world.ts';

/**
 * What a field with @requires is computed from, as text: read from the representation that a subgraph was given, or from the world.
 * A value that the router did not send is `undefined` in the one and never in the other.
 */
export function requiredOf(
  world: World,
  schema: GraphQLSchema,
  thing: Thing,
  fieldName: string,
  isWhole: boolean,
): string {
  const selection = world.laws.requires.get(`${thing.typename}.${fieldName}`);
  if (selection === undefined) return '';
  const values = isWhole ? fromWorld(world, schema, thing, selection) : fromTold(schema, thing.told, selection);
  return JSON.stringify(values);
}

function fromTold(schema: GraphQLSchema, told: unknown, selection: SelectionSetNode): unknown {
  if (Array.isArray(told)) return told.map((one) => fromTold(schema, one, selection));
  if (typeof told !== 'object' || told === null) return told ?? (told === null ? null : 'not sent');
  const object = told as Record<string, unknown>;
  return selectionsFor(schema, String(object.__typename ?? ''), selection).map(([name, inner]) => [
    name,
    inner === undefined
      ? object[name] === undefined
        ? 'not sent'
        : object[name]
      : fromTold(schema, object[name], inner),
  ]);
}

function fromWorld(world: World, schema: GraphQLSchema, value: unknown, selection: SelectionSetNode): unknown {
  if (Array.isArray(value)) return value.map((one) => fromWorld(world, schema, one, selection));
  if (value === null) return null;
  const thing = value as Thing;
  return selectionsFor(schema, thing.typename, selection).map(([name, inner, args]) => {
    const read = world.read(thing, name, args, requiredOf(world, schema, thing, name, true));
    return [name, inner === undefined ? read : fromWorld(world, schema, read, inner)];
  });
}

type Selected = readonly [name: string, inner: SelectionSetNode | undefined, args: Record<string, unknown>];

function selectionsFor(schema: GraphQLSchema, typename: string, selection: SelectionSetNode): Selected[] {
  return selection.selections.flatMap((one): Selected[] => {
    if (one.kind === Kind.FIELD) {
      const args = (one.arguments ?? []).map(({ name, value }) => [name.value, valueFromASTUntyped(value)]);
      return [[one.name.value, one.selectionSet, Object.fromEntries(args)]];
    }
    if (one.kind !== Kind.INLINE_FRAGMENT) throw new Error('A field set has no named fragments.');
    const condition = one.typeCondition?.name.value;
    return condition === undefined || isOf(schema, typename, condition)
      ? selectionsFor(schema, typename, one.selectionSet)
      : [];
  });
}

function isOf(schema: GraphQLSchema, typename: string, condition: string): boolean {
  if (typename === condition) return true;
  const type = schema.getType(typename);
  const wanted = schema.getType(condition);
  if (!isObjectType(type) || wanted === undefined || !('resolveType' in wanted)) return false;
  return schema.isSubType(wanted as never, type);
}
