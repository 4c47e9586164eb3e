/**
 * The table of contents, and the only place that wires.
 *
 * Commands   refundOrder (api/resolvers.ts); requestPayment, capturePayment, cancelPayment (api/reactions.ts); settleNews (api/webhooks.ts)
 * Queries    Order.payment, Payment by id
 * Reactions  settle-payments
 * By itself  calls/worker.ts asks the provider, sweeps/measure.ts reports what needs people, sweeps/reconcile.ts compares with the provider
 * The rules  domain/status-table.ts, domain/ledger.ts, domain/authorizing.ts, capturing.ts, cancelling.ts, refunding.ts
 */
import { pruneDelivered, startRelay } from '@ebuy/events';
import {
  type App,
  auditSweep,
  pruneIdempotencyKeys,
  reconciliationSweeps,
  type ServiceTools,
  sealPostgresAudit,
} from '@ebuy/runtime';
import { readSubgraphSdl } from '@ebuy/schema';
import { settlePayments } from './api/reactions.ts';
import { createResolvers } from './api/resolvers.ts';
import { webhookDoor } from './api/webhooks.ts';
import { createCallWorker } from './calls/worker.ts';
import type { Payments } from './commands/payments.ts';
import type { PaymentsSettings } from './config.ts';
import { openProvider } from './provider/open.ts';
import { openStore } from './store/index.ts';
import { pruneSettled } from './store/prune.ts';
import { measure } from './sweeps/measure.ts';
import { providerReconciliation } from './sweeps/reconcile.ts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;

export function createApp(settings: PaymentsSettings, { logger, metrics, kafka }: ServiceTools): App {
  const store = openStore(settings.databaseUrl);
  const provider = openProvider(settings);
  const payments: Payments = { store, provider, logger, makeCalls: (calls) => worker.make(calls) };
  const worker = createCallWorker(payments, metrics);
  return {
    typeDefs: readSubgraphSdl('payments'),
    resolvers: createResolvers(payments),
    reactions: [settlePayments(payments)],
    beside: webhookDoor(payments),
    sweeps: [
      { name: 'provider-calls', everyMs: SECOND_MS, run: () => worker.sweep() },
      auditSweep({ seal: () => sealPostgresAudit(store, 'payments'), logger, metrics }),
      ...reconciliationSweeps(
        [providerReconciliation({ ...payments, now: () => new Date() }, settings.reconcileMinutes * MINUTE_MS)],
        metrics,
        logger,
      ),
      { name: 'measure', everyMs: MINUTE_MS, run: measure(store, metrics, logger) },
      {
        name: 'prune',
        everyMs: HOUR_MS,
        run: () => Promise.all([pruneDelivered(store), pruneIdempotencyKeys(store), pruneSettled(store)]),
      },
    ],
    // What the calls in hand still announce leaves with the relay's last round.
    relay: () => {
      const relay = startRelay({ databaseUrl: settings.databaseUrl, kafka, logger });
      return {
        async stop() {
          await worker.stop();
          await relay.stop();
        },
      };
    },
    checks: { postgresql: () => store.$queryRaw`SELECT 1` },
    async close() {
      await provider.close();
      await store.$disconnect();
    },
  };
}
