// The stores of a running shop, opened for reading.
import { Client } from '@opensearch-project/opensearch';
import mongoose from 'mongoose';
import pg from 'pg';
import { databaseName } from '../shop/databases.ts';
import type { ShopFile } from '../shop/shop-file.ts';
import type { ServiceName } from '../shop/topology.ts';

const DEADLINE_MS = 5_000;
const STATEMENT_DEADLINE_MS = 60_000;

export interface Stores {
  /** Of the services whose store is PostgreSQL. */
  readonly products: pg.Client;
  readonly orders: pg.Client;
  /** Of the services whose store is MongoDB. */
  readonly catalog: mongoose.mongo.Db;
  readonly reviews: mongoose.mongo.Db;
  readonly search: Client;
  close(): Promise<void>;
}

export const openStores = async (shop: ShopFile): Promise<Stores> => {
  const urlOf = (engine: string): string => {
    const found = shop.engines.find(({ name }) => name === engine);
    if (found === undefined) throw new Error(`The shop has no ${engine}: start it anew, npm start.`);
    return found.url;
  };
  const relational = async (service: ServiceName): Promise<pg.Client> => {
    const url = new URL(urlOf('postgresql'));
    url.pathname = `/${databaseName(service, '')}`;
    const client = new pg.Client({
      connectionString: url.href,
      connectionTimeoutMillis: DEADLINE_MS,
      statement_timeout: STATEMENT_DEADLINE_MS,
    });
    await client.connect();
    return client;
  };
  const documents = await mongoose.mongo.MongoClient.connect(urlOf('mongodb'), {
    serverSelectionTimeoutMS: DEADLINE_MS,
    socketTimeoutMS: STATEMENT_DEADLINE_MS,
  });
  const [products, orders] = await Promise.all([relational('products'), relational('orders')]);
  const search = new Client({ node: urlOf('opensearch'), requestTimeout: STATEMENT_DEADLINE_MS, maxRetries: 1 });
  return {
    products,
    orders,
    catalog: documents.db(databaseName('catalog', '')),
    reviews: documents.db(databaseName('reviews', '')),
    search,
    async close() {
      await Promise.all([products.end(), orders.end(), documents.close(), search.close()]);
    },
  };
};
