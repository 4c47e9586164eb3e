import { setTimeout as sleep } from 'node:timers/promises';
import { isTransientMongoError } from '@ebuy/events';
import type { Logger } from '@ebuy/runtime';
import mongoose from 'mongoose';
import { createIndexes, modelsOf } from './documents.ts';
import { type Erasures, erasuresIn } from './erasures.ts';
import { type Products, productsIn } from './products.ts';
import { type Purchases, purchasesIn } from './purchases.ts';
import { type Ratings, ratingsIn } from './ratings.ts';
import { type Reviews, reviewsIn } from './reviews.ts';

const START_TRIES = 20;

const CONNECTION: mongoose.ConnectOptions = {
  appName: 'reviews',
  maxPoolSize: 20,
  serverSelectionTimeoutMS: 2_000,
  connectTimeoutMS: 2_000,
  socketTimeoutMS: 5_000,
  waitQueueTimeoutMS: 2_000,
  bufferCommands: false,
  autoCreate: false,
  autoIndex: false,
  writeConcern: { w: 'majority', journal: true },
};

export interface Store {
  readonly reviews: Reviews;
  readonly ratings: Ratings;
  readonly purchases: Purchases;
  readonly products: Products;
  readonly erasures: Erasures;
}

export interface OpenStore extends Store {
  readonly database: mongoose.mongo.Db;
  ping(): Promise<unknown>;
  close(): Promise<void>;
}

/** The collections whose documents emit. */
export type EmittingCollection = 'reviews' | 'ratings' | 'purchases';

/** `onEvents` is told of each document whose events wait. */
export async function openStore(
  url: string,
  logger: Logger,
  onEvents: (collection: EmittingCollection, id: string) => void,
): Promise<OpenStore> {
  const connection = mongoose.createConnection();
  connection.on('error', (error) => logger.warn({ err: error }, 'the connection to MongoDB'));
  const models = modelsOf(connection);
  await untilReady(logger, async () => {
    // A connection that could not be opened does not try again by itself.
    await connection.openUri(url, CONNECTION);
    await createIndexes(models);
  });
  const { db } = connection;
  if (db === undefined) throw new Error('MONGODB_URL names no database');
  return {
    reviews: reviewsIn(models, (id) => onEvents('reviews', id)),
    ratings: ratingsIn(models, (id) => onEvents('ratings', id)),
    purchases: purchasesIn(models, (id) => onEvents('purchases', id)),
    products: productsIn(models),
    erasures: erasuresIn(models),
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
