import { ANONYMOUS, type Caller } from '@ebuy/runtime';

/**
 * All of a caller that an answer can depend on, as one text: callers with the same may share answers. The request's own correlation id and
 * address are no part of it.
 */
export function scopeOf(caller: Caller): string {
  if (caller === ANONYMOUS) return ANONYMOUS_SCOPE;
  let scope = scopes.get(caller);
  if (scope === undefined) {
    scope = toText(caller);
    scopes.set(caller, scope);
  }
  return scope;
}

const scopes = new WeakMap<Caller, string>();

/** Whoever adds to what a caller is has to say here whether answers depend on it: the type is the list. */
function toText(caller: Caller): string {
  const { kind, id, email, emailVerified, displayName, roles, scopes, clientId, ...rest } = caller;
  rest satisfies Record<string, never>;
  return JSON.stringify([kind, id, email, emailVerified, displayName, roles, scopes, clientId]);
}

const ANONYMOUS_SCOPE = toText(ANONYMOUS);
