import { pruneDelivered, startRelay } from '@ebuy/events';
import {
  type App,
  auditSweep,
  beginRound,
  pruneIdempotencyKeys,
  reconciliationSweeps,
  type ServiceTools,
  sealPostgresAudit,
  topicReconciliations,
} from '@ebuy/runtime';
import { readSubgraphSdl } from '@ebuy/schema';
import { Counter, Gauge } from 'prom-client';
import { createReactions } from './api/reactions.ts';
import { createResolvers } from './api/resolvers.ts';
import { createUploadDoor } from './api/uploads.ts';
import { startImportRunner } from './commands/import-runner.ts';
import { topicTruths } from './commands/reconcile-topics.ts';
import { reportStrays } from './commands/report-strays.ts';
import type { Config } from './config.ts';
import { pruneImports } from './store/imports.ts';
import { openDatabase } from './store/index.ts';
import { pruneUploads } from './store/uploads.ts';

const HOUR_MS = 3_600_000;
/** As long as the router lets a file take. */
const UPLOAD_TIMEOUT_MS = 600_000;

/**
 * Commands: createProduct, updateProduct, publishProduct, withdrawProduct, repriceVariant, adjustStock; importProducts, which the
 * import runner runs, here or on another replica; POST /uploads → receiveUpload.
 * Reactions: order.placed → reserveStock, order.cancelled → releaseReservation, order.shipped → consumeReservation.
 * Queries: staffProducts, productImport, purchasableVariants (services only); by reference a product's version and status, a variant's stock.
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
  const imports = startImportRunner(database, logger);
  return {
    typeDefs: readSubgraphSdl('products'),
    resolvers: createResolvers(database, imports),
    reactions: createReactions(database, outcomes),
    beside: createUploadDoor({
      database,
      identityKeys: config.identityVerifyKeys,
      maxBytes: config.maxUploadBytes,
      logger,
    }),
    requestTimeoutMs: UPLOAD_TIMEOUT_MS,
    async relay() {
      const relay = await startRelay({ databaseUrl: config.databaseUrl, kafka, logger });
      return { stop: async () => void (await Promise.all([imports.stop(), relay.stop()])) };
    },
    sweeps: [
      auditSweep({ seal: () => sealPostgresAudit(database, 'products'), logger, metrics }),
      {
        name: 'report-stray-reservations',
        everyMs: HOUR_MS,
        run: () => reportStrays(database, { afterHours: config.strayAfterHours, gauge: strays, logger }),
      },
      ...reconciliationSweeps(
        topicReconciliations(topicTruths(database), kafka, config.reconcileMinutes, (job, everyMs) =>
          beginRound(database, job, everyMs),
        ),
        metrics,
        logger,
      ),
      { name: 'prune-uploads', everyMs: HOUR_MS, run: () => pruneUploads(database) },
      { name: 'prune-imports', everyMs: HOUR_MS, run: () => pruneImports(database) },
      { name: 'prune-delivered', everyMs: HOUR_MS, run: () => pruneDelivered(database) },
      { name: 'prune-idempotency-keys', everyMs: HOUR_MS, run: () => pruneIdempotencyKeys(database) },
    ],
    checks: { postgresql: () => database.$queryRaw`SELECT 1` },
    close: () => database.$disconnect(),
  };
}
