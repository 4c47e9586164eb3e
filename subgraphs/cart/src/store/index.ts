import { committing, type DomainEvent, pushPendingEvents, roomForPendingEvents, withPendingEvents } from '@ebuy/events';
import { faulting, type Logger, type OpenMongo, openMongo } from '@ebuy/runtime';
import type { Cart, CartChange } from '../domain/cart.ts';
import { type CartModel, cartModel, createIndexes, toCart, toFields } from './document.ts';

const DUPLICATE_KEY = 11_000;
/** Everything but what only the relay needs. */
const CART = { pendingEvents: 0 } as const;

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

export type OpenStore = CartStore & Omit<OpenMongo<unknown>, 'models'>;

/** `onEvents` is told of each cart whose events wait. */
export async function openStore(url: string, logger: Logger, onEvents: (cartId: string) => void): Promise<OpenStore> {
  const { models, ...mongo } = await openMongo({
    url,
    appName: 'cart',
    logger,
    models: cartModel,
    prepare: createIndexes,
  });
  return {
    ...cartStore(models, onEvents),
    ...mongo,
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
          await committing(() => carts.collection.insertOne(document as never));
        } catch (error) {
          if ((error as { code?: unknown }).code === DUPLICATE_KEY) return false;
          throw error;
        }
        announce(id, events);
        return true;
      }),
    change: (cart, change, events, at) =>
      faulting(async () => {
        const { seen, update } = writeOf(cart, change, events, at);
        const result = await committing(() => carts.updateOne(seen, update as never));
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

/** The one write of a change: only where the cart is still as it was seen. */
function writeOf(cart: Cart, change: CartChange, events: readonly DomainEvent[], at: Date) {
  const { $push, $min } = pushPendingEvents(events, at);
  const closing = change.status === 'CLOSED';
  const touched = cart.userId === null && !closing ? { idleSince: at } : {};
  return {
    seen: { _id: cart.id, version: cart.version, ...roomForPendingEvents() },
    update: {
      $set: { ...toFields(change), ...touched, ...(closing ? { closedAt: at } : {}), updatedAt: at },
      ...(closing ? { $unset: { idleSince: '' } } : {}),
      $inc: { version: 1 },
      ...($push ? { $push } : {}),
      ...($min ? { $min } : {}),
    },
  };
}
