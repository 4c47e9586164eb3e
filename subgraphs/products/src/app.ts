import { pruneDelivered, startRelay } from '@ebuy/events';
import { type App, pruneIdempotencyKeys, type ServiceTools } from '@ebuy/runtime';
import { readSubgraphSdl } from '@ebuy/schema';
import { Counter, Gauge } from 'prom-client';
import { createReactions } from './api/reactions.ts';
import { createResolvers } from './api/resolvers.ts';
import { reportStrays } from './commands/report-strays.ts';
import type { Config } from './config.ts';
import { openDatabase } from './store/index.ts';

const HOUR_MS = 3_600_000;

/**
 * Commands: createProduct, updateProduct, publishProduct, withdrawProduct, repriceVariant, adjustStock.
 * Reactions: order.placed → reserveStock, order.cancelled → releaseReservation, order.shipped → consumeReservation.
 * Queries: product, products, variantsBySku, staffProducts, purchasableVariants (services only), Product and Variant by id.
 */
export function createApp(config: Config, { logger, metrics, kafka }: ServiceTools): App {
  const database = openDatabase(config.databaseUrl);
  const outcomes = new Counter({
    name: 'ebuy_products_reservations_total',
    help: 'What became of the orders that were heard of.',
    labelNames: ['outcome'],
    registers: [metrics],
  });
  const strays = new Gauge({
    name: 'ebuy_products_stray_reservations',
    help: 'Reservations that have waited longer than any order may. There should be none.',
    registers: [metrics],
  });
  return {
    typeDefs: readSubgraphSdl('products'),
    resolvers: createResolvers(database),
    reactions: createReactions(database, outcomes),
    relay: () => startRelay({ databaseUrl: config.databaseUrl, kafka, logger }),
    sweeps: [
      {
        name: 'report-stray-reservations',
        everyMs: HOUR_MS,
        run: () => reportStrays(database, { afterHours: config.strayAfterHours, gauge: strays, logger }),
      },
      { name: 'prune-delivered', everyMs: HOUR_MS, run: () => pruneDelivered(database) },
      { name: 'prune-idempotency-keys', everyMs: HOUR_MS, run: () => pruneIdempotencyKeys(database) },
    ],
    checks: { postgresql: () => database.$queryRaw`SELECT 1` },
    close: () => database.$disconnect(),
  };
}
