import { join } from 'node:path';
import { ROOT } from '../repo/paths.ts';

/** Roles, clients and accounts of the development shop. */
export const REALM_FILE = join(ROOT, 'deploy', 'keycloak', 'ebuy-realm.development.json');
