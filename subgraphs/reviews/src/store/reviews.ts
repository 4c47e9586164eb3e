import { committing, type DomainEvent, pushPendingEvents, roomForPendingEvents, withPendingEvents } from '@ebuy/events';
import { type AuditEntry, faulting, pushPendingAudit } from '@ebuy/runtime';
import type { Position } from '../domain/cursor.ts';
import { type Histogram, NO_STARS } from '../domain/rating.ts';
import type { Review, ReviewChange, ReviewStatus, ShownReview } from '../domain/review.ts';
import type { Models, ReviewDocument, ShownDocument } from './documents.ts';
import { inserted } from './inserted.ts';

/** Everything but what only the relay and the audit need. */
const REVIEW = { pendingEvents: 0, pendingAudit: 0, pendingAuditSince: 0 } as const;
const SHOWN = { ...REVIEW, pendingSince: 0, slot: 0, userId: 0, orderId: 0, updatedAt: 0 } as const;
const LATEST_FIRST = { createdAt: -1, _id: -1 } as const;

/** What leaves with a change: to the rest of the shop, and into the audit. */
export interface Told {
  readonly events: readonly DomainEvent[];
  readonly audited: readonly AuditEntry[];
}

export interface ReviewFilter {
  readonly productId?: string;
  readonly status?: ReviewStatus;
}

/** Reviews; each change is one write to one document, its events and the audit's entries included. */
export interface Reviews {
  findMany(ids: readonly string[]): Promise<Review[]>;
  /** Those that hold one of these places, the oldest first. */
  findInSlots(slots: readonly string[]): Promise<Review[]>;
  findOfUser(userId: string, limit: number): Promise<Review[]>;
  /** The latest first. */
  findPage(filter: ReviewFilter, after: Position | null, limit: number): Promise<ShownReview[]>;
  count(filter: ReviewFilter): Promise<number>;
  /** How many published reviews gave one star, two, …. */
  countStars(productId: string): Promise<Histogram>;
  /** False: another holds that place. */
  insert(review: Review, events: readonly DomainEvent[], at: Date): Promise<boolean>;
  /** Compares the version and raises it. Null: another was faster, or too many events of this review wait to be sent. */
  change(review: Review, change: ReviewChange, told: Told, at: Date): Promise<Review | null>;
  /** Every product that has a review, each once. */
  productIds(): AsyncIterable<string>;
}

/** `onEvents` is told of each review whose events wait. */
export function reviewsIn({ reviews }: Pick<Models, 'reviews'>, onEvents: (id: string) => void): Reviews {
  return {
    findMany: (ids) =>
      faulting(async () => (await reviews.find({ _id: { $in: [...ids] } }, REVIEW).lean()).map(toReview)),
    findInSlots: (slots) =>
      faulting(async () => {
        const found = await reviews
          .find({ slot: { $in: [...slots] } }, REVIEW)
          .sort({ createdAt: 1, _id: 1 })
          .lean();
        return found.map(toReview);
      }),
    findOfUser: (userId, limit) =>
      faulting(async () => (await reviews.find({ userId }, REVIEW).limit(limit).lean()).map(toReview)),
    findPage: (filter, after, limit) =>
      faulting(async () => {
        const which = { ...filter, ...(after === null ? {} : beyond(after)) };
        return (await reviews.find(which, SHOWN).sort(LATEST_FIRST).limit(limit).lean()).map(toShown);
      }),
    count: (filter) => faulting(() => reviews.countDocuments({ ...filter })),
    countStars: (productId) =>
      faulting(async () => {
        const groups = await reviews.aggregate<{ _id: number; count: number }>([
          { $match: { productId, status: 'PUBLISHED' } },
          { $group: { _id: '$stars', count: { $sum: 1 } } },
        ]);
        const counts = new Map(groups.map(({ _id, count }) => [_id, count]));
        return NO_STARS.map((_, index) => counts.get(index + 1) ?? 0) as unknown as Histogram;
      }),
    insert: (review, events, at) =>
      faulting(async () => {
        // Past mongoose's documents: making one costs more than the write.
        const done = await inserted(() =>
          reviews.collection.insertOne({
            ...toDocument(review),
            updatedAt: at,
            ...withPendingEvents(events, at),
          } as never),
        );
        if (done && events.length > 0) onEvents(review.id);
        return done;
      }),
    change: (review, change, { events, audited }, at) =>
      faulting(async () => {
        const pending = pushPendingEvents(events, at);
        const audit = pushPendingAudit(audited, at);
        const $push = { ...pending.$push, ...audit.push };
        const $min = { ...pending.$min, ...audit.min };
        const { userId, slot, ...rest } = change;
        const gone = { ...(userId === null ? { userId: '' } : {}), ...(slot === null ? { slot: '' } : {}) };
        const seen = { _id: review.id, version: review.version, ...roomForPendingEvents() };
        const update = {
          $set: { ...rest, updatedAt: at },
          ...(Object.keys(gone).length > 0 ? { $unset: gone } : {}),
          $inc: { version: 1 },
          ...(Object.keys($push).length > 0 ? { $push, $min } : {}),
        };
        const result = await committing(() => reviews.updateOne(seen, update as never));
        if (result.matchedCount !== 1) return null;
        if (events.length > 0) onEvents(review.id);
        return { ...review, ...change, version: review.version + 1 };
      }),
    async *productIds() {
      const groups = reviews.aggregate<{ _id: string }>([{ $group: { _id: '$productId' } }, { $sort: { _id: 1 } }]);
      for await (const { _id } of groups.cursor({ batchSize: 500 })) yield _id;
    },
  };
}

/** What stands behind a position, the latest first. */
function beyond({ createdAt, id }: Position) {
  return { $or: [{ createdAt: { $lt: createdAt } }, { createdAt, _id: { $lt: id } }] };
}

export function toShown(document: ShownDocument): ShownReview {
  const { _id, displayName, moderationReason, ...rest } = document;
  return { id: _id, ...rest, displayName: displayName ?? null, moderationReason: moderationReason ?? null };
}

export function toShownDocument({ id, ...rest }: ShownReview): ShownDocument {
  return { _id: id, ...rest };
}

function toReview(document: Omit<ReviewDocument, keyof typeof REVIEW>): Review {
  const { slot, userId, orderId, updatedAt: _, pendingSince: __, ...shown } = document;
  return { ...toShown(shown), slot: slot ?? null, userId: userId ?? null, orderId: orderId ?? null };
}

function toDocument({ slot, userId, orderId, ...shown }: Review) {
  return {
    ...toShownDocument(shown),
    ...(slot === null ? {} : { slot }),
    ...(userId === null ? {} : { userId }),
    ...(orderId === null ? {} : { orderId }),
  };
}
