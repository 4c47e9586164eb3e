// The stores of a running shop, opened for reading: the databases of its services, the provider's own, the index, and the topics.
import { dirname } from 'node:path';
import type { KafkaSettings } from '@ebuy/events';
import { createLogger } from '@ebuy/runtime';
import { Client } from '@opensearch-project/opensearch';
import mongoose from 'mongoose';
import pg from 'pg';
import { databaseName } from '../shop/databases.ts';
import type { ShopFile } from '../shop/shop-file.ts';
import type { ServiceName } from '../shop/topology.ts';
import { LogFiles } from './books/log-files.ts';
import { readSecrets } from './books/secrets.ts';
import { TopicLog } from './books/topic-log.ts';

const DEADLINE_MS = 5_000;
const STATEMENT_DEADLINE_MS = 60_000;

export interface Stores {
  /** Of the services whose store is PostgreSQL. Pools, for engines may have been started again since the last look. */
  readonly users: pg.Pool;
  readonly products: pg.Pool;
  readonly orders: pg.Pool;
  readonly payments: pg.Pool;
  /** The provider's own books. */
  readonly provider: pg.Pool;
  /** Of the services whose store is MongoDB. */
  readonly cart: mongoose.mongo.Db;
  readonly catalog: mongoose.mongo.Db;
  readonly reviews: mongoose.mongo.Db;
  readonly search: Client;
  /** What searches go to. */
  readonly index: string;
  readonly kafka: KafkaSettings;
  /** What the topics hold: read on from where the last look ended, for as long as the stores are open. */
  readonly topics: TopicLog;
  /** What its processes have said, likewise. */
  readonly logs: LogFiles;
  close(): Promise<void>;
}

export const openStores = async (shop: ShopFile): Promise<Stores> => {
  const namespace = shop.namespace ?? '';
  const urlOf = (engine: string): string => {
    const found = shop.engines.find(({ name }) => name === engine);
    if (found === undefined) throw new Error(`The shop has no ${engine}: start it anew, npm start.`);
    return found.url;
  };
  const pools: pg.Pool[] = [];
  const relational = (service: ServiceName): pg.Pool => {
    const url = new URL(urlOf('postgresql'));
    url.pathname = `/${databaseName(service, namespace)}`;
    const pool = new pg.Pool({
      connectionString: url.href,
      max: 2,
      application_name: 'verify',
      connectionTimeoutMillis: DEADLINE_MS,
      statement_timeout: STATEMENT_DEADLINE_MS,
    });
    // One that was cut off while it was idle: the next query opens another.
    pool.on('error', () => undefined);
    pools.push(pool);
    return pool;
  };
  const documents = await mongoose.mongo.MongoClient.connect(urlOf('mongodb'), {
    serverSelectionTimeoutMS: DEADLINE_MS,
    socketTimeoutMS: STATEMENT_DEADLINE_MS,
  });
  const search = new Client({ node: urlOf('opensearch'), requestTimeout: STATEMENT_DEADLINE_MS, maxRetries: 1 });
  const secrets = await readSecrets(dirname(logsOf(shop)));
  const logger = createLogger('verify', 'silent');
  const kafka: KafkaSettings = { brokers: urlOf('kafka').split(','), clientId: 'verify', namespace, logger };
  return {
    users: relational('users'),
    products: relational('products'),
    orders: relational('orders'),
    payments: relational('payments'),
    provider: relational('sandbox'),
    cart: documents.db(databaseName('cart', namespace)),
    catalog: documents.db(databaseName('catalog', namespace)),
    reviews: documents.db(databaseName('reviews', namespace)),
    search,
    index: indexName(namespace),
    kafka,
    topics: new TopicLog(kafka, secrets),
    logs: new LogFiles(logsOf(shop), secrets),
    async close() {
      await Promise.all([...pools.map((pool) => pool.end()), documents.close(), search.close()]);
    },
  };
};

/** OpenSearch takes neither capitals nor a mark in front. */
const indexName = (namespace: string): string => `${namespace.toLowerCase().replace(/^[-_+.]+/, '')}ebuy-products`;

const logsOf = (shop: ShopFile): string => {
  const [service] = shop.services;
  if (service === undefined) throw new Error('The shop runs no service.');
  return dirname(service.logFile);
};
