import { ANONYMOUS, type Caller } from '@ebuy/runtime';

/** A signed-in shopper. */
export function shopper(id: string, more: Partial<Caller> = {}): Caller {
  return {
    ...ANONYMOUS,
    kind: 'user',
    id,
    email: `${id}@example.com`,
    emailVerified: true,
    displayName: 'Test Shopper',
    roles: ['customer'],
    clientId: 'ebuy-storefront',
    ...more,
  };
}

/** A member of staff with the given scopes. */
export function staff(scopes: readonly string[], more: Partial<Caller> = {}): Caller {
  return shopper('staff', { roles: ['admin'], scopes, clientId: 'ebuy-dev', ...more });
}

/** A partner's machine. */
export function partner(clientId: string, scopes: readonly string[] = ['partner:catalog', 'partner:orders']): Caller {
  return { ...ANONYMOUS, kind: 'client', id: clientId, roles: ['partner'], scopes, clientId };
}
