import { integer, readSettings, serviceSettings } from '@ebuy/runtime';
import { z } from 'zod';

/** Longer than an order may wait for its shipment: an authorization of seven days, and one more. */
const STRAY_AFTER_HOURS = 192;

export function readConfig(environment?: NodeJS.ProcessEnv) {
  return readSettings(
    {
      ...serviceSettings(4002),
      databaseUrl: ['DATABASE_URL', z.url()],
      strayAfterHours: ['STRAY_RESERVATION_HOURS', integer(1, 8_760).default(STRAY_AFTER_HOURS)],
    },
    environment,
  );
}

export type Config = ReturnType<typeof readConfig>;
