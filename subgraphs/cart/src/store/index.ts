import { setTimeout as sleep } from 'node:timers/promises';
import {
  type DomainEvent,
  isTransientMongoError,
  pushPendingEvents,
  roomForPendingEvents,
  withPendingEvents,
} from '@ebuy/events';
import { Fault } from '@ebuy/kernel';
import type { Logger } from '@ebuy/runtime';
import mongoose from 'mongoose';
import type { Cart, CartChange } from '../domain/cart.ts';
import { type CartModel, cartModel, createIndexes, toCart, toFields } from './document.ts';

const DUPLICATE_KEY = 11_000;
const START_TRIES = 20;
/** Everything but what only the relay needs. */
const CART = { pendingEvents: 0 } as const;

const CONNECTION: mongoose.ConnectOptions = {
  appName: 'cart',
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

/** Carts by id or by their owner; each change is one write to one document, events included. Faults of the engine are Faults. */
export interface CartStore {
  find(id: string): Promise<Cart | null>;
  findOfUser(userId: string): Promise<Cart | null>;
  /** False: this shopper has a cart already. */
  insert(cart: Cart, events: readonly DomainEvent[], at: Date): Promise<boolean>;
  /** Compares the version and raises it. Null: another was faster, or too many events of this cart wait to be sent. */
  change(cart: Cart, change: CartChange, events: readonly DomainEvent[], at: Date): Promise<Cart | null>;
  /** Guests' open carts that nobody touched since, the longest idle first. */
  findIdle(since: Date, limit: number): Promise<Cart[]>;
  /** Deletes carts closed before that moment whose events are all sent. Returns how many. */
  deleteClosed(before: Date, limit: number): Promise<number>;
}

export interface OpenStore extends CartStore {
  readonly database: mongoose.mongo.Db;
  ping(): Promise<unknown>;
  close(): Promise<void>;
}

/** `onEvents` is told of each cart whose events wait. */
export async function openStore(url: string, logger: Logger, onEvents: (cartId: string) => void): Promise<OpenStore> {
  const connection = mongoose.createConnection();
  connection.on('error', (error) => logger.warn({ err: error }, 'the connection to MongoDB'));
  const carts = cartModel(connection);
  await untilReady(logger, async () => {
    // A connection that could not be opened does not try again by itself.
    await connection.openUri(url, CONNECTION);
    await createIndexes(carts);
  });
  const { db } = connection;
  if (db === undefined) throw new Error('MONGODB_URL names no database');
  return {
    ...cartStore(carts, onEvents),
    database: db,
    ping: () => db.command({ ping: 1 }, { timeoutMS: 1_500 }),
    close: () => connection.close(),
  };
}

function cartStore(carts: CartModel, onEvents: (cartId: string) => void): CartStore {
  const announce = (id: string, events: readonly DomainEvent[]) => {
    if (events.length > 0) onEvents(id);
  };
  const one = async (filter: { _id: string } | { userId: string }) => {
    const found = await carts.findOne(filter, CART).lean();
    return found === null ? null : toCart(found);
  };
  return {
    find: (id) => faulting(() => one({ _id: id })),
    findOfUser: (userId) => faulting(() => one({ userId })),
    insert: (cart, events, at) =>
      faulting(async () => {
        const { id, userId, ...rest } = cart;
        const document = {
          _id: id,
          ...toFields(rest),
          ...(userId === null ? { idleSince: at } : { userId }),
          createdAt: at,
          updatedAt: at,
          ...withPendingEvents(events, at),
        };
        try {
          // Past mongoose's documents: making one costs more than the write.
          await carts.collection.insertOne(document as never);
        } catch (error) {
          if ((error as { code?: unknown }).code === DUPLICATE_KEY) return false;
          throw error;
        }
        announce(id, events);
        return true;
      }),
    change: (cart, change, events, at) =>
      faulting(async () => {
        const { $push, $min } = pushPendingEvents(events, at);
        const closing = change.status === 'CLOSED';
        const touched = cart.userId === null && !closing ? { idleSince: at } : {};
        const result = await carts.updateOne({ _id: cart.id, version: cart.version, ...roomForPendingEvents() }, {
          $set: { ...toFields(change), ...touched, ...(closing ? { closedAt: at } : {}), updatedAt: at },
          ...(closing ? { $unset: { idleSince: '' } } : {}),
          $inc: { version: 1 },
          ...($push ? { $push } : {}),
          ...($min ? { $min } : {}),
        } as never);
        if (result.matchedCount !== 1) return null;
        announce(cart.id, events);
        return { ...cart, ...change, version: cart.version + 1 };
      }),
    findIdle: (since, limit) =>
      faulting(async () => {
        const found = await carts
          .find({ idleSince: { $lt: since } }, CART)
          .sort({ idleSince: 1 })
          .limit(limit)
          .lean();
        return found.map((document) => toCart(document));
      }),
    deleteClosed: (before, limit) =>
      faulting(async () => {
        const found = await carts
          .find({ closedAt: { $lt: before } }, { _id: 1 })
          .limit(limit)
          .lean();
        if (found.length === 0) return 0;
        const ids = found.map(({ _id }) => _id);
        const { deletedCount } = await carts.deleteMany({ _id: { $in: ids }, pendingSince: { $exists: false } });
        return deletedCount;
      }),
  };
}

async function faulting<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (cause) {
    if (isTransientMongoError(cause)) throw new Fault('MongoDB did not answer', { cause, retryable: true });
    throw cause;
  }
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
