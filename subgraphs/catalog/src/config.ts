import { readSettings, reconcileSettings, serviceSettings } from '@ebuy/runtime';
import { z } from 'zod';

const DEFAULT_PORT = 4003;

export const readConfig = () =>
  readSettings({
    ...serviceSettings(DEFAULT_PORT),
    ...reconcileSettings,
    /** With the database's name. */
    mongodbUrl: [
      'MONGODB_URL',
      z.string().regex(/^mongodb(\+srv)?:\/\/.+\/[^/?]+/, 'must be a MongoDB URL that names a database'),
    ],
    redisUrl: ['REDIS_URL', z.url()],
  });

export type Settings = ReturnType<typeof readConfig>;
