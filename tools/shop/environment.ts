import { join } from 'node:path';
import { STATE_DIR } from '../repo/paths.ts';
import { type StoreAddresses, storeUrl } from './databases.ts';
import type { Secrets } from './secrets.ts';
import { type ServiceName, TOPOLOGY, type Wiring } from './topology.ts';

export interface ShopAddresses {
  readonly stores: StoreAddresses;
  readonly kafkaBrokers: string;
  readonly wiring: Wiring;
  readonly secrets: Secrets;
}

export interface Ports {
  readonly port: number;
  readonly adminPort: number;
}

/** The whole environment of one service: its settings and nothing of ours. Each holds only its own keys. */
export const environmentOf = (
  service: ServiceName,
  { port, adminPort }: Ports,
  shop: ShopAddresses,
  extra: Readonly<Record<string, string>>,
): NodeJS.ProcessEnv => {
  const spec = TOPOLOGY[service];
  const store = storeUrl(service, shop.stores);
  const verifyKeys = shop.secrets.verifyKeys(service);
  const signKeys = shop.secrets.signKeys(service);
  return {
    PATH: process.env.PATH,
    HOME: process.env.HOME,
    TZ: 'UTC',
    NODE_ENV: 'development',
    NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE ?? join(STATE_DIR, 'compile-cache'),
    HOST: '127.0.0.1',
    PORT: String(port),
    ADMIN_PORT: String(adminPort),
    LOG_LEVEL: process.env.LOG_LEVEL ?? 'info',
    EBUY_NAMESPACE: shop.stores.namespace,
    KAFKA_BROKERS: shop.kafkaBrokers,
    ...(spec.store === 'postgresql' && store !== null ? { DATABASE_URL: store } : {}),
    ...(spec.store === 'mongodb' && store !== null ? { MONGODB_URL: store } : {}),
    ...(spec.isSubgraph ? { IDENTITY_VERIFY_KEYS: JSON.stringify(verifyKeys) } : {}),
    ...(spec.calls.length > 0 ? { IDENTITY_SIGN_KEYS: JSON.stringify(signKeys) } : {}),
    ...spec.settings(shop.wiring),
    ...extra,
  };
};
