import { callerSettings, integer, readSettings, reconcileSettings, serviceSettings } from '@ebuy/runtime';
import { z } from 'zod';

const DEFAULT_PORT = 4006;
const url = z.url();

export const readConfig = () =>
  readSettings({
    ...serviceSettings(DEFAULT_PORT),
    ...callerSettings,
    ...reconcileSettings,
    /** Direct, not through a transaction pooler: the relay listens on it. */
    databaseUrl: ['DATABASE_URL', url],
    /** Signs what opens a guest's order. */
    accessTokenSecret: ['ACCESS_TOKEN_SECRET', z.string().min(32, 'must have at least 32 characters')],
    /** Carries changes of orders to the subscriptions of every replica. */
    redisUrl: ['REDIS_URL', url],
    cartUrl: ['CART_URL', url],
    productsUrl: ['PRODUCTS_URL', url],
    paymentsUrl: ['PAYMENTS_URL', url],
    stockDeadlineSeconds: ['STOCK_DEADLINE_SECONDS', integer(1, 86_400).default(120)],
    paymentDeadlineSeconds: ['PAYMENT_DEADLINE_SECONDS', integer(1, 604_800).default(1_800)],
  });

export type Settings = ReturnType<typeof readConfig>;
