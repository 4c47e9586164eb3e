import {
  type GraphQLInterfaceType,
  type GraphQLObjectType,
  type GraphQLSchema,
  isAbstractType,
  isInterfaceType,
  isObjectType,
} from 'graphql';

/** Whether a fragment on the condition is one on the type, too; without a condition it is. */
export function applies(
  schema: GraphQLSchema,
  condition: string | undefined,
  type: GraphQLObjectType | GraphQLInterfaceType,
): boolean {
  if (condition === undefined || condition === type.name) return true;
  const conditional = schema.getType(condition);
  return isAbstractType(conditional) && schema.isSubType(conditional, type);
}

/** Whether the type of that name is the condition's or one of its types. */
export function typeTest(schema: GraphQLSchema, typeCondition: string): (typeName: unknown) => boolean {
  const known = new Map<unknown, boolean>([[typeCondition, true]]);
  return (typeName) => {
    const answer = known.get(typeName);
    if (answer !== undefined) return answer;
    if (typeof typeName !== 'string') return false;
    const type = schema.getType(typeName);
    // What is no type of ours is not kept: a subgraph could send a new one each time.
    if (!(isObjectType(type) || isInterfaceType(type))) return false;
    const isOfIt = applies(schema, typeCondition, type);
    known.set(typeName, isOfIt);
    return isOfIt;
  };
}
