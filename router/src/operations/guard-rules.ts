import type { Caller } from '@ebuy/runtime';
import {
  type ConstDirectiveNode,
  type ConstValueNode,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  isInterfaceType,
  isIntrospectionType,
  isObjectType,
  Kind,
} from 'graphql';

/** Why a caller may not have a field: nobody is signed in, or who is may not. */
export type Refused = 'UNAUTHENTICATED' | 'FORBIDDEN';

/** Null: allowed. */
export type GuardRule = (caller: Caller) => Refused | null;

/** What must hold for a field, by its coordinate (`Order.authorizationEndsAt`); fields that stand nowhere here are open. */
export type GuardRules = ReadonlyMap<string, readonly GuardRule[]>;

/**
 * Reads @authenticated and @requiresScopes from the full supergraph: those on a field, on its type, and on the type it returns.
 * All of them must hold. The subgraphs enforce the same; the router refuses before anything is fetched.
 *
 * @throws Error for a schema that was built without its syntax: it would guard nothing
 */
export function readGuardRules(supergraph: GraphQLSchema): GuardRules {
  const rules = new Map<string, readonly GuardRule[]>();
  for (const type of Object.values(supergraph.getTypeMap())) {
    if (isIntrospectionType(type) || !(isObjectType(type) || isInterfaceType(type))) continue;
    if (type.astNode == null) throw new Error(`The supergraph's schema has lost the directives of ${type.name}.`);
    for (const field of Object.values(type.getFields())) {
      const all = [...rulesOn(type), ...toRules(field.astNode?.directives), ...rulesOn(getNamedType(field.type))];
      if (all.length > 0) rules.set(`${type.name}.${field.name}`, all);
    }
  }
  return rules;
}

const authenticated: GuardRule = (caller) => (caller.kind === 'anonymous' ? 'UNAUTHENTICATED' : null);

function rulesOn(type: GraphQLNamedType): GuardRule[] {
  return toRules(type.astNode?.directives);
}

function toRules(directives: readonly ConstDirectiveNode[] = []): GuardRule[] {
  return directives.flatMap((directive) => {
    if (directive.name.value === 'authenticated') return [authenticated];
    if (directive.name.value === 'requiresScopes') return [requiresScopes(directive)];
    return [];
  });
}

/** `scopes` is a list of alternatives, each a list of scopes that must all be there. */
function requiresScopes(directive: ConstDirectiveNode): GuardRule {
  const scopes = directive.arguments?.find(({ name }) => name.value === 'scopes')?.value;
  const alternatives = valuesOf(scopes).map((all) =>
    valuesOf(all).map((scope) => ('value' in scope ? scope.value : null)),
  );
  return (caller) => {
    if (alternatives.some((all) => all.every((scope) => caller.scopes.some((held) => held === scope)))) return null;
    return caller.kind === 'anonymous' ? 'UNAUTHENTICATED' : 'FORBIDDEN';
  };
}

/** GraphQL takes a single value for a list of one. */
function valuesOf(value: ConstValueNode | undefined): readonly ConstValueNode[] {
  if (value === undefined) return [];
  return value.kind === Kind.LIST ? value.values : [value];
}
