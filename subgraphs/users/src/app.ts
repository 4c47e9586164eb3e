import { pruneDelivered, startRelay } from '@ebuy/events';
import { type App, beginRound, reconciliationSweeps, type ServiceTools, topicReconciliations } from '@ebuy/runtime';
import { readSubgraphSdl } from '@ebuy/schema';
import { createResolvers } from './api/resolvers.ts';
import { topicTruth } from './commands/reconcile-topic.ts';
import type { Config } from './config.ts';
import { openDatabase } from './store/index.ts';

const HOUR_MS = 3_600_000;

/**
 * Commands: seeUser (whenever someone shows up), updateProfile, saveAddress, deleteAddress.
 * Queries: me, User by id.
 * The rules: domain/addresses.ts, domain/checks.ts.
 */
export function createApp(config: Config, { logger, metrics, kafka }: ServiceTools): App {
  const database = openDatabase(config.databaseUrl);
  return {
    typeDefs: readSubgraphSdl('users'),
    resolvers: createResolvers(database),
    relay: () => startRelay({ databaseUrl: config.databaseUrl, kafka, logger }),
    sweeps: [
      { name: 'prune-delivered', everyMs: HOUR_MS, run: () => pruneDelivered(database) },
      ...reconciliationSweeps(
        topicReconciliations([topicTruth(database)], kafka, config.reconcileMinutes, (job, everyMs) =>
          beginRound(database, job, everyMs),
        ),
        metrics,
        logger,
      ),
    ],
    checks: { postgresql: () => database.$queryRaw`SELECT 1` },
    close: () => database.$disconnect(),
  };
}
