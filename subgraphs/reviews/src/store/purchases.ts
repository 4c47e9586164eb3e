import { committing, type DomainEvent, pushPendingEvents, withPendingEvents } from '@ebuy/events';
import { faulting } from '@ebuy/runtime';
import type { Purchase } from '../domain/place.ts';
import type { Models } from './documents.ts';
import { inserted } from './inserted.ts';

/** Far more orders of one product than anybody has something new to say about. */
const MAX_PURCHASES = 100;

export interface RecordedPurchase {
  readonly orderId: string;
  /** Null: a guest's. */
  readonly userId: string | null;
  readonly productIds: readonly string[];
}

/** Purchases by order. */
export interface Purchases {
  /** A shopper's orders with this product, the oldest first. */
  findOfUser(userId: string, productId: string): Promise<Purchase[]>;
  isCancelled(orderId: string): Promise<boolean>;
  /** Once an order, whatever was cancelled before. False: it was recorded already. */
  record(purchase: RecordedPurchase, events: readonly DomainEvent[], at: Date): Promise<boolean>;
  /** Also of one that was not recorded yet. Returns its products. */
  cancel(orderId: string, at: Date): Promise<readonly string[]>;
  /** The orders stay, nobody's. */
  forgetUser(userId: string): Promise<void>;
}

/** `onEvents` is told of each purchase whose events wait. */
export function purchasesIn({ purchases }: Pick<Models, 'purchases'>, onEvents: (orderId: string) => void): Purchases {
  return {
    findOfUser: (userId, productId) =>
      faulting(async () => {
        const found = await purchases
          .find({ userId, productIds: productId }, { cancelledAt: 1 })
          .sort({ recordedAt: 1, _id: 1 })
          .limit(MAX_PURCHASES)
          .lean();
        return found.map(({ _id, cancelledAt }) => ({ orderId: _id, cancelled: cancelledAt !== undefined }));
      }),
    isCancelled: (orderId) =>
      faulting(async () => {
        const found = await purchases.findOne({ _id: orderId }, { cancelledAt: 1 }).lean();
        return found?.cancelledAt !== undefined;
      }),
    record: ({ orderId, userId, productIds }, events, at) =>
      faulting(async () => {
        const fields = { ...(userId === null ? {} : { userId }), productIds, recordedAt: at };
        const made = await inserted(() =>
          purchases.collection.insertOne({ _id: orderId, ...fields, ...withPendingEvents(events, at) } as never),
        );
        const done = made || (await complete());
        if (done && events.length > 0) onEvents(orderId);
        return done;

        /** One that was cancelled first. */
        async function complete(): Promise<boolean> {
          const unrecorded = { _id: orderId, recordedAt: { $exists: false } };
          const update = { $set: fields, ...pushPendingEvents(events, at) };
          const { matchedCount } = await committing(() => purchases.updateOne(unrecorded, update as never));
          return matchedCount === 1;
        }
      }),
    cancel: (orderId, at) =>
      faulting(async () => {
        // The first moment stays: a repeat changes nothing.
        const earliest = { $min: { cancelledAt: at } };
        const found = await committing(() =>
          purchases.findOneAndUpdate({ _id: orderId }, earliest, { upsert: true, returnDocument: 'after' }).lean(),
        );
        return found?.productIds ?? [];
      }),
    forgetUser: (userId) =>
      faulting(async () => {
        await committing(() => purchases.updateMany({ userId }, { $unset: { userId: '' } }));
      }),
  };
}
