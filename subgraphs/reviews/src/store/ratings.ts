import { committing, type DomainEvent, pushPendingEvents, roomForPendingEvents, withPendingEvents } from '@ebuy/events';
import { faulting } from '@ebuy/runtime';
import { type Histogram, NO_STARS } from '../domain/rating.ts';
import type { ShownReview } from '../domain/review.ts';
import type { Models } from './documents.ts';
import { inserted } from './inserted.ts';
import { toShown, toShownDocument } from './reviews.ts';

/** What is known of a product's published reviews together. */
export interface Rating {
  readonly productId: string;
  readonly round: number;
  readonly version: number;
  readonly histogram: Histogram;
  /** The latest first, at most {@link NEWEST}. */
  readonly newest: readonly ShownReview[];
}

/** As many reviews as a product's page shows at once, and some more. */
export const NEWEST = 10;

const RATING = { pendingEvents: 0, pendingSince: 0, countedAt: 0 } as const;
/** All but the words: to count anew, nobody needs what was shown before. */
const COUNTED = { round: 1, version: 1, histogram: 1 } as const;

export type Count = Pick<Rating, 'productId' | 'round' | 'version' | 'histogram'>;

/** Ratings by product. */
export interface Ratings {
  /** Those that were ever counted. */
  findMany(productIds: readonly string[]): Promise<Rating[]>;
  /** Round 0 when it was never counted. */
  findCount(productId: string): Promise<Count>;
  /** Writes what was counted since `before` was read. False: another count came between, or too many of its events wait. */
  replace(
    before: Count,
    after: Pick<Rating, 'version' | 'histogram' | 'newest'>,
    events: readonly DomainEvent[],
    at: Date,
  ): Promise<boolean>;
  productIds(): AsyncIterable<string>;
}

/** `onEvents` is told of each rating whose events wait. */
export function ratingsIn({ ratings }: Pick<Models, 'ratings'>, onEvents: (productId: string) => void): Ratings {
  return {
    findMany: (productIds) =>
      faulting(async () => {
        const which = productIds.length === 1 ? productIds[0] : { $in: [...productIds] };
        const found = await ratings.find({ _id: which } as never, RATING).lean();
        return found.map(({ _id, round, version, histogram, newest }) => {
          return { productId: _id, round, version, histogram, newest: newest.map(toShown) };
        });
      }),
    findCount: (productId) =>
      faulting(async () => {
        const found = await ratings.findOne({ _id: productId }, COUNTED).lean();
        if (found === null) return { productId, round: 0, version: 0, histogram: NO_STARS };
        return { productId, round: found.round, version: found.version, histogram: found.histogram };
      }),
    replace: ({ productId, round }, { version, histogram, newest }, events, at) =>
      faulting(async () => {
        const fields = { version, histogram, newest: newest.map(toShownDocument), countedAt: at };
        const done =
          round === 0
            ? await inserted(() =>
                ratings.collection.insertOne({
                  _id: productId,
                  round: 1,
                  ...fields,
                  ...withPendingEvents(events, at),
                } as never),
              )
            : await update(productId, round, fields);
        if (done && events.length > 0) onEvents(productId);
        return done;

        async function update(_id: string, seen: number, $set: object): Promise<boolean> {
          const counted = { _id, round: seen, ...roomForPendingEvents() };
          const update = { $set, $inc: { round: 1 }, ...pushPendingEvents(events, at) };
          const { matchedCount } = await committing(() => ratings.updateOne(counted, update as never));
          return matchedCount === 1;
        }
      }),
    async *productIds() {
      for await (const { _id } of ratings.find({}, { _id: 1 }).sort({ _id: 1 }).lean().cursor({ batchSize: 500 })) {
        yield _id;
      }
    },
  };
}
