/**
 * The table of contents, and the only place that wires.
 *
 * Commands   placeOrder, retryPayment, cancelOrder, shipOrder, deliverOrder (api/resolvers.ts)
 *            reconciliation (every ten minutes: have products and payments followed?), expireOrders (each second), followEvent (api/reactions.ts)
 * Queries    checkoutQuote, order, staffOrders, User.orders, me, Order.story
 * Watched    orderChanged, staffOrderFeed (queries/watch-orders.ts)
 * Reactions  follow-reservations, follow-payments, note-emptied-carts, note-purchases, announce-orders
 * The rules  domain/status-table.ts, domain/story.ts, domain/quote.ts, domain/rates.ts, domain/access.ts
 */
import { pruneDelivered, startRelay } from '@ebuy/events';
import {
  type App,
  auditSweep,
  createGraphClient,
  openLive,
  pruneIdempotencyKeys,
  reconciliationSweeps,
  type ServiceTools,
  sealPostgresAudit,
} from '@ebuy/runtime';
import { readSubgraphSdl } from '@ebuy/schema';
import {
  announceOrders,
  followPayments,
  followReservations,
  noteEmptiedCarts,
  notePurchases,
} from './api/reactions.ts';
import { createResolvers } from './api/resolvers.ts';
import { cartsOf } from './clients/cart.ts';
import { openNeighbours } from './clients/neighbours.ts';
import { productsOf } from './clients/products.ts';
import { expireOrders } from './commands/expire-orders.ts';
import { orderReconciliation } from './commands/reconciliation.ts';
import type { Settings } from './config.ts';
import { openStore } from './store/index.ts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;

export function createApp(
  settings: Settings,
  { logger, metrics, kafka }: ServiceTools,
  patience: { readonly deadlineMs?: number } = {},
): App {
  const store = openStore(settings.databaseUrl);
  const { redisUrl, namespace, identitySignKeys: keys } = settings;
  const live = openLive({ redisUrl, namespace, subgraph: 'orders', logger });
  const asking = { from: 'orders', keys, ...patience };
  const cartGraph = createGraphClient({ ...asking, to: 'cart', url: settings.cartUrl });
  const productsGraph = createGraphClient({ ...asking, to: 'products', url: settings.productsUrl });
  const { close: closeNeighbours, ...neighbours } = openNeighbours(settings);
  const reconciliation = orderReconciliation(
    { store, ...neighbours, now: () => new Date() },
    settings.reconcileMinutes * MINUTE_MS,
  );
  const needs = {
    store,
    live,
    carts: cartsOf(cartGraph),
    products: productsOf(productsGraph),
    accessTokenSecret: settings.accessTokenSecret,
    deadlines: { stockSeconds: settings.stockDeadlineSeconds, paymentSeconds: settings.paymentDeadlineSeconds },
    now: () => new Date(),
    logger,
  };
  return {
    typeDefs: readSubgraphSdl('orders'),
    resolvers: createResolvers(needs),
    reactions: [
      followReservations(needs),
      followPayments(needs),
      noteEmptiedCarts(needs),
      notePurchases(needs),
      announceOrders(needs),
    ],
    sweeps: [
      { name: 'expire-orders', everyMs: SECOND_MS, run: () => expireOrders(needs) },
      auditSweep({ seal: () => sealPostgresAudit(store, 'orders'), logger, metrics }),
      ...reconciliationSweeps([reconciliation], metrics, logger),
      { name: 'prune-delivered', everyMs: HOUR_MS, run: () => pruneDelivered(store) },
      { name: 'prune-idempotency-keys', everyMs: HOUR_MS, run: () => pruneIdempotencyKeys(store) },
    ],
    relay: () => startRelay({ databaseUrl: settings.databaseUrl, kafka, logger }),
    checks: { postgresql: () => store.$queryRaw`SELECT 1` },
    degradedWithout: { redis: () => live.check() },
    async close() {
      await Promise.all([
        store.$disconnect(),
        live.close(),
        cartGraph.close(),
        productsGraph.close(),
        closeNeighbours(),
      ]);
    },
  };
}
