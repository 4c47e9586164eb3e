export { type AuditReader, auditedBy, auditedMutations, auditOfMongo, auditOfPostgres } from './audit.ts';
export { partner, shopper, staff } from './callers.ts';
export { type TestEngines, testEngines } from './engines.ts';
export { eventually } from './eventually.ts';
export {
  armFailpoint,
  disarm,
  type FiredFailpoint,
  failpointEnvironment,
  firedFailpoints,
} from './failpoints/arm.ts';
export { freePort } from './free-port.ts';
export { openTestKafka, type TestKafka } from './kafka.ts';
export { openTestMongo, type TestMongo } from './mongodb.ts';
export { testNamespace } from './namespace.ts';
export { openTestOpenSearch, type TestOpenSearch } from './opensearch.ts';
export { openEmptyPostgres, openTestPostgres, type TestDatabase } from './postgres.ts';
export { asRouter, CLIENT_ADDRESS, type NeighbourAnswer, startNeighbour, testKey } from './service.ts';
export { type Wire, wireTo } from './wire.ts';
