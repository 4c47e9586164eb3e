import { setTimeout as sleep } from 'node:timers/promises';
import { isTransientMongoError } from '@ebuy/events';
import mongoose from 'mongoose';
import type { Logger } from '../logger.ts';

const START_TRIES = 20;
const TRY_AGAIN_MS = 500;
const PING_TIMEOUT_MS = 1_500;

export interface MongoOptions<Models> {
  /** With the database's name. */
  readonly url: string;
  /** The service, as MongoDB's own logs shall name it. */
  readonly appName: string;
  readonly logger: Logger;
  /** How long one command may take on the wire; 5 s by default. */
  readonly socketTimeoutMs?: number;
  readonly models: (connection: mongoose.Connection) => Models;
  /** Makes what the models need, the indexes above all: one at a time, not every engine takes two at once. */
  readonly prepare: (models: Models, database: mongoose.mongo.Db) => Promise<void>;
}

export interface OpenMongo<Models> {
  readonly models: Models;
  readonly database: mongoose.mongo.Db;
  ping(): Promise<unknown>;
  close(): Promise<void>;
}

/**
 * Connects a service to its database: majority writes, deadlines on everything, nothing made behind its back. An engine that starts beside
 * the service may take a while: it is tried for ten seconds.
 *
 * @throws the driver's error when it does not come, Error when the URL names no database
 */
export async function openMongo<Models>(options: MongoOptions<Models>): Promise<OpenMongo<Models>> {
  const { logger } = options;
  const connection = mongoose.createConnection();
  connection.on('error', (error) => logger.warn({ err: error }, 'the connection to MongoDB'));
  const models = options.models(connection);
  await untilReady(logger, async () => {
    // A connection that could not be opened does not try again by itself.
    await connection.openUri(options.url, {
      appName: options.appName,
      maxPoolSize: 20,
      serverSelectionTimeoutMS: 2_000,
      connectTimeoutMS: 2_000,
      socketTimeoutMS: options.socketTimeoutMs ?? 5_000,
      waitQueueTimeoutMS: 2_000,
      bufferCommands: false,
      autoCreate: false,
      autoIndex: false,
      writeConcern: { w: 'majority', journal: true },
    });
    if (connection.db === undefined) throw new Error('MONGODB_URL names no database');
    await options.prepare(models, connection.db);
  });
  const { db } = connection;
  if (db === undefined) throw new Error('MONGODB_URL names no database');
  return {
    models,
    database: db,
    ping: () => db.command({ ping: 1 }, { timeoutMS: PING_TIMEOUT_MS }),
    close: () => connection.close(),
  };
}

async function untilReady(logger: Logger, prepare: () => Promise<void>): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await prepare();
    } catch (error) {
      if (tries === START_TRIES || !isTransientMongoError(error)) throw error;
      logger.warn({ err: error, tries }, 'MongoDB is not there yet');
      await sleep(TRY_AGAIN_MS);
    }
  }
}
