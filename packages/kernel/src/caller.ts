/**
 * Who asks. The router makes it from a verified access token; services pass it on when they ask each other for a shopper.
 * A guest is anonymous here: what opens a guest's cart or order is its access token.
 */
export interface Caller {
  readonly kind: 'anonymous' | 'user' | 'client';
  /** Keycloak's subject of a user; the client's id of a partner's machine; null for anonymous. */
  readonly id: string | null;
  readonly email: string | null;
  readonly emailVerified: boolean;
  readonly displayName: string | null;
  readonly roles: readonly string[];
  readonly scopes: readonly string[];
  /** The OAuth client that the caller came through; null for anonymous. */
  readonly clientId: string | null;
}

export const ANONYMOUS: Caller = Object.freeze({
  kind: 'anonymous',
  id: null,
  email: null,
  emailVerified: false,
  displayName: null,
  roles: [],
  scopes: [],
  clientId: null,
});

export function hasScope(caller: Caller, scope: string): boolean {
  return caller.scopes.includes(scope);
}
