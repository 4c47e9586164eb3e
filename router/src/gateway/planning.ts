import type { QueryPlan } from '@apollo/query-planner';
import { type DocumentNode, type GraphQLSchema, isInterfaceType, isObjectType, print } from 'graphql';
import { putResolvableKeysFirst } from './resolvable-keys.ts';
import { createResponseKeys, type ResponseKeys } from './response-keys.ts';
import { addStandIns } from './stand-ins.ts';
import { withoutStandIns } from './stood-in.ts';
import { refuseUnanswered } from './unanswered.ts';

/** How the planner is kept from the mistakes that it is known for: what it is given, and what becomes of its plans. */
export interface Planning {
  /** The supergraph for the planner. */
  readonly supergraphSdl: string;
  readonly keys: ResponseKeys;
  /** @throws GraphQLError when the plan leaves out what the operation asks for */
  mend(plan: QueryPlan, operation: DocumentNode, operationName: string | undefined): QueryPlan;
}

/** @param schema all of the supergraph */
export function preparePlanning(supergraph: DocumentNode, schema: GraphQLSchema): Planning {
  const prepared = addStandIns(putResolvableKeysFirst(supergraph));
  return {
    supergraphSdl: print(prepared.supergraph),
    keys: createResponseKeys(supergraph, prepared.standIns.mark),
    mend(plan, operation, operationName) {
      refuseUnanswered(schema, plan, operation, operationName);
      return withoutStandIns(plan, prepared.standIns, (type) => typesLike(schema, type));
    },
  };
}

/** The type, what it implements, and what implements it. */
function typesLike(schema: GraphQLSchema, name: string): string[] {
  const type = schema.getType(name);
  if (!isObjectType(type) && !isInterfaceType(type)) return [name];
  const { objects, interfaces } = isInterfaceType(type)
    ? schema.getImplementations(type)
    : { objects: [], interfaces: [] };
  return [name, ...[...type.getInterfaces(), ...objects, ...interfaces].map((one) => one.name)];
}
