/**
 * The table of contents, and the only place that wires.
 *
 * Commands   postReview, moderateReview (api/resolvers.ts)
 *            recordPurchase, cancelPurchase, knowProduct, settlePosted, countRating, forgetAuthor (api/reactions.ts)
 *            seedReviews (seed.ts), recountRatings (rebuild.ts)
 * Queries    Product.reviews, staffReviews, Review by id
 * Reactions  record-purchases, know-products, count-ratings, forget-authors
 * The rules  domain/place.ts, domain/text.ts, domain/rating.ts, domain/access.ts
 */
import { isTransientMongoError, type MongoRelay, startMongoRelay } from '@ebuy/events';
import {
  type App,
  auditSweep,
  beginMongoRound,
  MongoAuditSealer,
  reconciliationSweeps,
  type ServiceTools,
  topicReconciliations,
} from '@ebuy/runtime';
import { readSubgraphSdl } from '@ebuy/schema';
import { createReactions } from './api/reactions.ts';
import { createResolvers } from './api/resolvers.ts';
import { createRatingCounter } from './commands/count-rating.ts';
import { topicTruths } from './commands/reconcile-topics.ts';
import type { Settings } from './config.ts';
import { COLLECTIONS } from './store/documents.ts';
import { AUDITED, type EmittingCollection, openStore } from './store/index.ts';

/** How long a collection's events wait for others to travel with, and how soon what another process wrote is found. */
const RELAYS: Readonly<Record<EmittingCollection, { readonly lingerMs: number; readonly lookEveryMs: number }>> = {
  reviews: { lingerMs: 0, lookEveryMs: 1_000 },
  ratings: { lingerMs: 10, lookEveryMs: 1_000 },
  purchases: { lingerMs: 100, lookEveryMs: 5_000 },
};

export async function createApp(settings: Settings, { logger, metrics, kafka }: ServiceTools): Promise<App> {
  const relays = new Map<EmittingCollection, MongoRelay>();
  const store = await openStore(settings.mongodbUrl, logger, (collection, id) => relays.get(collection)?.wake(id));
  const needs = { store, now: () => new Date(), logger };
  const sealer = new MongoAuditSealer({ database: store.database, chain: 'reviews', collections: AUDITED });
  const countRating = createRatingCounter(needs);
  return {
    typeDefs: readSubgraphSdl('reviews'),
    resolvers: createResolvers(needs, countRating),
    reactions: createReactions(needs, countRating),
    relay: () => {
      for (const [name, pace] of Object.entries(RELAYS) as [EmittingCollection, (typeof RELAYS)['reviews']][]) {
        const collection = COLLECTIONS[name];
        relays.set(name, startMongoRelay({ database: store.database, collection, kafka, logger, ...pace }));
      }
      return {
        async stop() {
          await Promise.all([...relays.values()].map((relay) => relay.stop()));
        },
      };
    },
    sweeps: [
      auditSweep({ seal: () => sealer.seal(), logger, metrics }),
      ...reconciliationSweeps(
        topicReconciliations(topicTruths(store), kafka, settings.reconcileMinutes, (job, everyMs) =>
          beginMongoRound(store.database, job, everyMs),
        ),
        metrics,
        logger,
      ),
    ],
    checks: { mongodb: () => store.ping() },
    isTransient: isTransientMongoError,
    close: () => store.close(),
  };
}
