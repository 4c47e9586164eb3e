export { partner, shopper, staff } from './callers.ts';
export { type TestEngines, testEngines } from './engines.ts';
export { eventually } from './eventually.ts';
export { openTestKafka, type TestKafka } from './kafka.ts';
export { openTestMongo, type TestMongo } from './mongodb.ts';
export { testNamespace } from './namespace.ts';
export { openTestOpenSearch, type TestOpenSearch } from './opensearch.ts';
export { openEmptyPostgres, openTestPostgres, type TestDatabase } from './postgres.ts';
export { asRouter, type NeighbourAnswer, startNeighbour, testKey } from './service.ts';
