/**
 * The table of contents, and the only place that wires.
 *
 * Commands   createCart, addCartLine, updateCartLine, removeCartLine, mergeCart (api/resolvers.ts)
 *            takeOutOrdered (api/reactions.ts), retireCarts (hourly)
 * Queries    cart, User.cart, me, and the prices of lines
 * Reactions  empty-ordered-cart
 * The rules  domain/lines.ts, domain/merge.ts, domain/prices.ts, domain/access.ts
 */
import { isTransientMongoError, type MongoRelay, startMongoRelay } from '@ebuy/events';
import { type App, createGraphClient, type ServiceTools } from '@ebuy/runtime';
import { readSubgraphSdl } from '@ebuy/schema';
import { emptyOrderedCart } from './api/reactions.ts';
import { createResolvers } from './api/resolvers.ts';
import { offersOf } from './clients/products.ts';
import { retireCarts } from './commands/retire-carts.ts';
import type { Settings } from './config.ts';
import { COLLECTION } from './store/document.ts';
import { openStore } from './store/index.ts';

const HOUR_MS = 3_600_000;
/** Nobody waits for a cart's events: they travel together. */
const LINGER_MS = 100;

export async function createApp(
  settings: Settings,
  { logger, kafka }: ServiceTools,
  patience: { readonly deadlineMs?: number } = {},
): Promise<App> {
  let relay: MongoRelay | undefined;
  const store = await openStore(settings.mongodbUrl, logger, (cartId) => relay?.wake(cartId));
  const products = createGraphClient({
    from: 'cart',
    to: 'products',
    url: settings.productsUrl,
    keys: settings.identitySignKeys,
    ...patience,
  });
  const needs = {
    store,
    offers: offersOf(products),
    accessTokenSecret: settings.accessTokenSecret,
    now: () => new Date(),
    logger,
  };
  return {
    typeDefs: readSubgraphSdl('cart'),
    resolvers: createResolvers(needs),
    reactions: [emptyOrderedCart(needs)],
    sweeps: [{ name: 'retire-carts', everyMs: HOUR_MS, run: () => retireCarts(needs) }],
    relay: () => {
      relay = startMongoRelay({ database: store.database, collection: COLLECTION, kafka, logger, lingerMs: LINGER_MS });
      return relay;
    },
    checks: { mongodb: () => store.ping() },
    isTransient: isTransientMongoError,
    async close() {
      await Promise.all([store.close(), products.close()]);
    },
  };
}
