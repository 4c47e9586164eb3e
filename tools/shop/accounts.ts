/** The accounts of the development realm (deploy/keycloak/ebuy-realm.development.json). None of them exists in a production realm. */
export const ACCOUNTS = {
  shopper: 'shopper@example.com',
  shopper2: 'shopper2@example.com',
  merchandiser: 'merchandiser@example.com',
  support: 'support@example.com',
  admin: 'admin@example.com',
} as const;

export const PASSWORD = 'ebuy-demo';
export const PARTNER = { clientId: 'ebuy-partner-demo', secret: 'ebuy-demo-partner' } as const;
