import { readSettings, reconcileSettings, serviceSettings } from '@ebuy/runtime';
import { z } from 'zod';

export function readConfig(environment?: NodeJS.ProcessEnv) {
  return readSettings(
    {
      ...reconcileSettings,
      ...serviceSettings(4001),
      /** Direct, not through a transaction pooler: the relay listens on it. */
      databaseUrl: ['DATABASE_URL', z.url()],
    },
    environment,
  );
}

export type Config = ReturnType<typeof readConfig>;
