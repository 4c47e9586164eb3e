import { callerSettings, readSettings, serviceSettings } from '@ebuy/runtime';
import { z } from 'zod';

const DEFAULT_PORT = 4005;

export const readConfig = () =>
  readSettings({
    ...serviceSettings(DEFAULT_PORT),
    ...callerSettings,
    /** With the database's name. */
    mongodbUrl: [
      'MONGODB_URL',
      z.string().regex(/^mongodb(\+srv)?:\/\/.+\/[^/?]+/, 'must be a MongoDB URL that names a database'),
    ],
    /** Signs what opens a guest's cart. */
    accessTokenSecret: ['ACCESS_TOKEN_SECRET', z.string().min(32, 'must have at least 32 characters')],
    productsUrl: ['PRODUCTS_URL', z.url()],
  });

export type Settings = ReturnType<typeof readConfig>;
