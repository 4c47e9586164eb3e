import { setTimeout as sleep } from 'node:timers/promises';
import { isTransientMongoError } from '@ebuy/events';
import type { Logger } from '@ebuy/runtime';
import mongoose from 'mongoose';
import { type CollectionStore, collectionStore } from './collections.ts';
import { collectionModel, createIndexes, productModel } from './document.ts';
import { type ProductReads, productReads } from './product-reads.ts';
import { type ProductWrites, productWrites } from './products.ts';

const START_TRIES = 20;

const CONNECTION: mongoose.ConnectOptions = {
  appName: 'catalog',
  maxPoolSize: 20,
  serverSelectionTimeoutMS: 2_000,
  connectTimeoutMS: 2_000,
  socketTimeoutMS: 10_000,
  waitQueueTimeoutMS: 2_000,
  bufferCommands: false,
  autoCreate: false,
  autoIndex: false,
  writeConcern: { w: 'majority', journal: true },
};

export interface CatalogStore {
  readonly products: ProductWrites;
  readonly shown: ProductReads;
  readonly collections: CollectionStore;
}

export interface OpenStore extends CatalogStore {
  readonly database: mongoose.mongo.Db;
  ping(): Promise<unknown>;
  close(): Promise<void>;
}

/** Who is told that a document's event waits. */
export interface EventListeners {
  readonly onProduct: (productId: string) => void;
  readonly onCollection: (collectionId: string) => void;
}

export async function openStore(url: string, logger: Logger, listeners: EventListeners): Promise<OpenStore> {
  const connection = mongoose.createConnection();
  connection.on('error', (error) => logger.warn({ err: error }, 'the connection to MongoDB'));
  const [products, collections] = [productModel(connection), collectionModel(connection)];
  await untilReady(logger, async () => {
    // A connection that could not be opened does not try again by itself.
    await connection.openUri(url, CONNECTION);
    await createIndexes(products, collections);
  });
  const { db } = connection;
  if (db === undefined) throw new Error('MONGODB_URL names no database');
  return {
    products: productWrites(products, listeners.onProduct),
    shown: productReads(products),
    collections: collectionStore(collections, listeners.onCollection),
    database: db,
    ping: () => db.command({ ping: 1 }, { timeoutMS: 1_500 }),
    close: () => connection.close(),
  };
}

/** An engine that starts beside this service may take a while. */
async function untilReady(logger: Logger, prepare: () => Promise<void>): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await prepare();
    } catch (error) {
      if (tries === START_TRIES || !isTransientMongoError(error)) throw error;
      logger.warn({ err: error, tries }, 'MongoDB is not there yet');
      await sleep(500);
    }
  }
}
