/** What each role of the realm may do. Roles that stand nowhere here give nothing. */
const SCOPES_BY_ROLE: Readonly<Record<Role, readonly string[]>> = {
  customer: [],
  merchandiser: ['catalog:write', 'stock:write', 'catalog:read-staff'],
  support: ['orders:read', 'orders:write', 'reviews:moderate'],
  admin: [
    'catalog:write',
    'stock:write',
    'catalog:read-staff',
    'orders:read',
    'orders:write',
    'reviews:moderate',
    'users:admin',
    'audit:read',
  ],
  partner: ['partner:catalog', 'partner:orders'],
};

export type Role = 'customer' | 'merchandiser' | 'support' | 'admin' | 'partner';

/** The roles we know among those that a token names. */
export function knownRoles(names: readonly unknown[]): Role[] {
  return (Object.keys(SCOPES_BY_ROLE) as Role[]).filter((role) => names.includes(role));
}

/** All scopes of these roles, sorted, each once. */
export function scopesOf(roles: readonly Role[]): string[] {
  return [...new Set(roles.flatMap((role) => SCOPES_BY_ROLE[role]))].sort();
}
