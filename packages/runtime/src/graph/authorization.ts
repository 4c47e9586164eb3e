/**
 * Enforces in the subgraph what its schema says: `@authenticated` and `@requiresScopes`, on fields and on the types they return.
 * The router enforces the same from the supergraph; a subgraph does not count on that.
 */

import type { Caller } from '@ebuy/kernel';
import {
  type ConstDirectiveNode,
  type ConstValueNode,
  defaultFieldResolver,
  GraphQLError,
  type GraphQLFieldResolver,
  type GraphQLSchema,
  getNamedType,
  isObjectType,
  Kind,
} from 'graphql';
import type { RequestContext } from './context.ts';

/** Null: allowed. */
type Rule = (caller: Caller) => GraphQLError | null;

const unauthenticated = () => new GraphQLError('Sign in first.', { extensions: { code: 'UNAUTHENTICATED' } });
const forbidden = () => new GraphQLError('You are not allowed to do this.', { extensions: { code: 'FORBIDDEN' } });

const authenticated: Rule = (caller) => (caller.kind === 'anonymous' ? unauthenticated() : null);

/** Wraps, in place, the resolver of every guarded field. Throws on a directive that nothing here enforces. */
export function enforceAuthorization(schema: GraphQLSchema): void {
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || type.name.startsWith('__')) continue;
    const ofParent = rulesOf(
      type.astNode?.directives,
      type.extensionASTNodes?.flatMap((node) => node.directives ?? []),
    );
    for (const field of Object.values(type.getFields())) {
      const returned = getNamedType(field.type);
      const ofReturned = isObjectType(returned) && returned !== type ? rulesOf(returned.astNode?.directives) : [];
      const rules = [...ofParent, ...rulesOf(field.astNode?.directives), ...ofReturned];
      if (rules.length === 0) continue;
      field.resolve = guarded(rules, field.resolve ?? defaultFieldResolver);
      // A subscription is refused before its stream begins, not with its first event.
      if (field.subscribe) field.subscribe = guarded(rules, field.subscribe);
    }
  }
}

function guarded(rules: readonly Rule[], resolve: GraphQLFieldResolver<unknown, RequestContext>) {
  const guard: GraphQLFieldResolver<unknown, RequestContext> = (source, args, context, info) => {
    for (const rule of rules) {
      const refusal = rule(context.caller);
      if (refusal) throw refusal;
    }
    return resolve(source, args, context, info);
  };
  return guard;
}

function rulesOf(...lists: (readonly ConstDirectiveNode[] | undefined)[]): Rule[] {
  return lists
    .flatMap((list) => list ?? [])
    .flatMap((directive) => {
      const name = directive.name.value.replace(/^federation__/, '');
      if (name === 'authenticated') return [authenticated];
      if (name === 'requiresScopes') return [requiresScopes(directive)];
      if (name === 'policy') throw new Error('@policy is not enforced by subgraphs yet: use @requiresScopes');
      return [];
    });
}

/** `scopes` is a list of alternatives, each a list of scopes that must all be there. */
function requiresScopes(directive: ConstDirectiveNode): Rule {
  const value = directive.arguments?.find((argument) => argument.name.value === 'scopes')?.value;
  const alternatives = itemsOf(value).map((all) =>
    itemsOf(all).map((scope) => (scope.kind === Kind.STRING ? scope.value : '')),
  );
  return (caller) => {
    if (alternatives.some((all) => all.every((scope) => caller.scopes.includes(scope)))) return null;
    return caller.kind === 'anonymous' ? unauthenticated() : forbidden();
  };
}

function itemsOf(value: ConstValueNode | undefined): readonly ConstValueNode[] {
  if (value === undefined) return [];
  return value.kind === Kind.LIST ? value.values : [value];
}
