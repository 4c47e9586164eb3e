import { readSettings, reconcileSettings, serviceSettings } from '@ebuy/runtime';
import { z } from 'zod';

const DEFAULT_PORT = 4007;

/** All that the commands beside the service need, too: src/seed.ts, src/rebuild.ts. */
const storeSettings = {
  /** With the database's name. */
  mongodbUrl: [
    'MONGODB_URL',
    z.string().regex(/^mongodb(\+srv)?:\/\/.+\/[^/?]+/, 'must be a MongoDB URL that names a database'),
  ],
} as const;

export const readConfig = () =>
  readSettings({ ...serviceSettings(DEFAULT_PORT), ...reconcileSettings, ...storeSettings });

export const readStoreConfig = () => readSettings(storeSettings);

export type Settings = ReturnType<typeof readConfig>;
