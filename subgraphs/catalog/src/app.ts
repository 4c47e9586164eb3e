/**
 * The table of contents, and the only place that wires.
 *
 * Commands   createCollection, updateCollection (api/resolvers.ts)
 *            followProduct, followStock, followRating, sortIntoCollections (api/reactions.ts)
 *            relateProducts (in the background), rebuildCatalog (rebuild.ts, a process of its own)
 * Queries    product, products, variantsBySku, collection, collections, and the entities Product, Variant, Collection
 * Live       productChanged, fed by announce-products
 * Reactions  follow-products, follow-stock, follow-ratings, sort-into-collections, announce-products
 * The rules  domain/catalog-product.ts (what is kept and how events fold into it), domain/placement.ts, domain/related.ts
 */
import { isTransientMongoError, type MongoRelay, startMongoRelay } from '@ebuy/events';
import {
  type App,
  auditSweep,
  beginMongoRound,
  MongoAuditSealer,
  openLive,
  reconciliationSweeps,
  type ServiceTools,
  topicReconciliations,
} from '@ebuy/runtime';
import { readSubgraphSdl } from '@ebuy/schema';
import { Counter } from 'prom-client';
import { createReactions } from './api/reactions.ts';
import { createResolvers } from './api/resolvers.ts';
import type { CatalogNeeds } from './commands/needs.ts';
import { topicTruths } from './commands/reconcile-topics.ts';
import { type Relating, startRelating } from './commands/relate-products.ts';
import { Shelves } from './commands/shelves.ts';
import type { Settings } from './config.ts';
import { COLLECTIONS, PRODUCTS } from './store/document.ts';
import { AUDITED, openStore } from './store/index.ts';

const LET_GO_EVERY_MS = 60_000;

export async function createApp(settings: Settings, { logger, metrics, kafka }: ServiceTools): Promise<App> {
  const relays: { products?: MongoRelay; collections?: MongoRelay } = {};
  let relating: Relating | undefined;
  const store = await openStore(settings.mongodbUrl, logger, {
    onProduct: (id) => relays.products?.wake(id),
    onCollection: (id) => relays.collections?.wake(id),
  });
  const { redisUrl, namespace } = settings;
  const live = openLive({ redisUrl, namespace, subgraph: 'catalog', logger });
  const missed = new Counter({
    name: 'ebuy_catalog_version_gaps_total',
    help: 'Versions of a source that were passed over: lost on their way, or compacted away.',
    labelNames: ['source'],
    registers: [metrics],
  });
  const sealer = new MongoAuditSealer({ database: store.database, chain: 'catalog', collections: AUDITED });
  const needs: CatalogNeeds = {
    store,
    shelves: new Shelves(store.collections),
    now: () => new Date(),
    logger,
    onMissed: (source, count) => missed.inc({ source }, count),
    onRelationsChanged: () => relating?.poke(),
  };
  return {
    typeDefs: readSubgraphSdl('catalog'),
    resolvers: createResolvers(needs, live),
    reactions: createReactions(needs, live),
    sweeps: [
      { name: 'let-go', everyMs: LET_GO_EVERY_MS, run: () => store.products.deleteGone() },
      auditSweep({ seal: () => sealer.seal(), logger, metrics }),
      ...reconciliationSweeps(
        topicReconciliations(topicTruths(store), kafka, settings.reconcileMinutes, (job, everyMs) =>
          beginMongoRound(store.database, job, everyMs),
        ),
        metrics,
        logger,
      ),
    ],
    relay: () => {
      const relay = (collection: string) => startMongoRelay({ database: store.database, collection, kafka, logger });
      relays.products = relay(PRODUCTS);
      relays.collections = relay(COLLECTIONS);
      relating = startRelating(needs);
      return {
        async stop() {
          await relating?.stop();
          await Promise.all([relays.products?.stop(), relays.collections?.stop()]);
        },
      };
    },
    checks: { mongodb: () => store.ping() },
    degradedWithout: { redis: () => live.check() },
    isTransient: isTransientMongoError,
    async close() {
      await Promise.all([store.close(), live.close()]);
    },
  };
}
