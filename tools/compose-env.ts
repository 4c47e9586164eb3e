/**
 * `npm run compose:env`: writes what docker-compose.yml reads, from the same table that `npm start` wires its services by:
 * .env (the engines' passwords) and .ebuy/compose/<service>.env (each service's own settings and keys). Nothing is printed: they are secrets.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ROOT, STATE_DIR } from './repo/paths.ts';
import { environmentOf, type ShopAddresses } from './shop/environment.ts';
import { openSecrets, type Secrets } from './shop/secrets.ts';
import { SERVICE_NAMES, type ServiceName, TOPOLOGY } from './shop/topology.ts';

const KEYCLOAK_IN_THE_BROWSER = 'http://127.0.0.1:8080';
const KEYCLOAK_INSIDE = 'http://keycloak:8080';

/** What only holds between containers: hosts are the services' names, and what a browser opens is at this machine's address. */
const OVERRIDES: Partial<Record<ServiceName, Readonly<Record<string, string>>>> = {
  router: { KEYCLOAK_JWKS_URL: `${KEYCLOAK_INSIDE}/realms/ebuy/protocol/openid-connect/certs` },
  sandbox: { PUBLIC_URL: `http://127.0.0.1:${TOPOLOGY.sandbox.port}` },
};

/** The settings of one service in its container. */
export const composeEnvironment = (service: ServiceName, secrets: Secrets): Record<string, string> => {
  const { port } = TOPOLOGY[service];
  const {
    PATH: _path,
    HOME: _home,
    NODE_COMPILE_CACHE: _cache,
    ...settings
  } = environmentOf(service, { port, adminPort: port + 100 }, addresses(secrets), {
    HOST: '0.0.0.0',
    ...OVERRIDES[service],
  });
  return Object.fromEntries(Object.entries(settings).map(([name, value]) => [name, value ?? '']));
};

const addresses = (secrets: Secrets): ShopAddresses => ({
  stores: {
    postgresql: 'postgresql://postgresql:5432',
    mongodb: `mongodb://ebuy:${secrets.of('compose/mongodb')}@mongodb:27017/?authSource=admin`,
    namespace: '',
    passwordOf: (service) => secrets.of(`database/${service}`),
  },
  kafkaBrokers: 'kafka:9092',
  secrets,
  wiring: {
    urlOf: (service) => `http://${service}:${TOPOLOGY[service].port}`,
    redisUrl: `redis://:${secrets.of('compose/redis')}@redis:6379`,
    opensearchUrl: 'http://opensearch:9200',
    keycloakUrl: KEYCLOAK_IN_THE_BROWSER,
    secret: secrets.of,
  },
});

const write = (file: string, settings: Readonly<Record<string, string>>): Promise<void> => {
  const lines = Object.entries(settings).map(([name, value]) => `${name}='${value}'\n`);
  return writeFile(file, lines.join(''), { mode: 0o600 });
};

if (import.meta.main) {
  const secrets = await openSecrets(join(STATE_DIR, 'secrets.json'));
  const folder = join(STATE_DIR, 'compose');
  await mkdir(folder, { recursive: true });
  for (const service of SERVICE_NAMES)
    await write(join(folder, `${service}.env`), composeEnvironment(service, secrets));
  await write(join(ROOT, '.env'), {
    POSTGRES_PASSWORD: secrets.of('compose/postgresql'),
    MONGODB_PASSWORD: secrets.of('compose/mongodb'),
    REDIS_PASSWORD: secrets.of('compose/redis'),
    KEYCLOAK_ADMIN_PASSWORD: secrets.of('compose/keycloak'),
  });
  console.log(`Wrote .env and ${SERVICE_NAMES.length} files under .ebuy/compose. Next: docker compose up --build`);
}
