import {
  type GraphQLNamedType,
  type GraphQLSchema,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isIntrospectionType,
  isObjectType,
  isSpecifiedScalarType,
} from 'graphql';

/**
 * Everything in the schema that has no description: types, fields, arguments, input fields and enum values, each by its coordinate
 * (`Order`, `Order.total`, `Query.order(id:)`, `OrderStatus.SHIPPED`). The three root types need none: what they are is in the standard.
 */
export function findUndescribed(schema: GraphQLSchema): string[] {
  const roots = new Set([schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()]);
  const missing: string[] = [];
  const check = (coordinate: string, description: string | null | undefined): void => {
    if ((description ?? '').trim() === '') missing.push(coordinate);
  };
  for (const type of Object.values(schema.getTypeMap())) {
    if (isIntrospectionType(type) || isSpecifiedScalarType(type)) continue;
    if (!isObjectType(type) || !roots.has(type)) check(type.name, type.description);
    checkMembers(type, check);
  }
  return missing;
}

function checkMembers(
  type: GraphQLNamedType,
  check: (coordinate: string, description: string | null | undefined) => void,
): void {
  if (isEnumType(type)) {
    for (const value of type.getValues()) check(`${type.name}.${value.name}`, value.description);
  }
  if (isInputObjectType(type)) {
    for (const field of Object.values(type.getFields())) check(`${type.name}.${field.name}`, field.description);
  }
  if (isObjectType(type) || isInterfaceType(type)) {
    for (const field of Object.values(type.getFields())) {
      check(`${type.name}.${field.name}`, field.description);
      for (const argument of field.args) check(`${type.name}.${field.name}(${argument.name}:)`, argument.description);
    }
  }
}
