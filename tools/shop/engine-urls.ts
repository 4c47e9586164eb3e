import type { EngineName } from '@ebuy/engines';

/** The environment variable that names an engine which runs elsewhere. */
const VARIABLES: Readonly<Record<EngineName, string>> = {
  postgresql: 'POSTGRESQL_URL',
  mongodb: 'MONGODB_URL',
  kafka: 'KAFKA_BROKERS',
  redis: 'REDIS_URL',
  opensearch: 'OPENSEARCH_URL',
  keycloak: 'KEYCLOAK_URL',
};

/** The engines that somebody else runs, by the environment: these are used as they are, all others are started here. */
export const engineUrlsFromEnvironment = (): Partial<Record<EngineName, string>> => {
  const given = Object.entries(VARIABLES).map(([engine, variable]) => [engine, process.env[variable] ?? ''] as const);
  return Object.fromEntries(given.filter(([, url]) => url !== ''));
};
