import { type GraphQLSchema, isAbstractType, isInterfaceType, isObjectType } from 'graphql';

/** Whether the type of that name is the condition's or one of its types. */
export function typeTest(schema: GraphQLSchema, typeCondition: string): (typeName: unknown) => boolean {
  const condition = schema.getType(typeCondition);
  const known = new Map<unknown, boolean>([[typeCondition, true]]);
  return (typeName) => {
    const answer = known.get(typeName);
    if (answer !== undefined) return answer;
    if (typeof typeName !== 'string') return false;
    const type = schema.getType(typeName);
    // What is no type of ours is not kept: a subgraph could send a new one each time.
    if (!(isObjectType(type) || isInterfaceType(type))) return false;
    const isSubType = isAbstractType(condition) && schema.isSubType(condition, type);
    known.set(typeName, isSubType);
    return isSubType;
  };
}
