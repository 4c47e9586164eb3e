import type { FieldsShape, ValueShape } from './shape.ts';

/**
 * Whether an answer of one shape is, byte for byte, one of the other: the same keys in the same order all the way down, each from the
 * same field. Not said of objects whose type `__typename` decides: to know it, the planner asks for more than the client.
 */
export function isSameShape(one: FieldsShape, other: FieldsShape): boolean {
  return (
    one.fields.length === other.fields.length &&
    one.fields.every((field, index) => {
      const its = other.fields[index];
      if (field.kind === 'typename') return its?.kind === 'typename' && its.key === field.key;
      if (field.kind !== 'value' || its?.kind !== 'value') return false;
      const isSameField = field.key === its.key && field.fetchedAs === field.key && field.coordinate === its.coordinate;
      return isSameField && isSameValue(field.value, its.value);
    })
  );
}

function isSameValue(one: ValueShape, other: ValueShape): boolean {
  if (one.kind === 'list') return other.kind === 'list' && isSameValue(one.of, other.of);
  if (one.kind === 'leaf') return other.kind === 'leaf';
  if (other.kind !== 'object' || one.only === null || other.only === null) return false;
  return isSameShape(one.only, other.only);
}
