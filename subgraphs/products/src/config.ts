import { integer, readSettings, reconcileSettings, serviceSettings } from '@ebuy/runtime';
import { z } from 'zod';

/** Longer than an order may wait for its shipment: an authorization of seven days, and one more. */
const STRAY_AFTER_HOURS = 192;

/** A file to import: what a shop of 200,000 lines exports. */
const MAX_UPLOAD_BYTES = 64 * 1024 * 1024;

export function readConfig(environment?: NodeJS.ProcessEnv) {
  return readSettings(
    {
      ...reconcileSettings,
      ...serviceSettings(4002),
      databaseUrl: ['DATABASE_URL', z.url()],
      maxUploadBytes: ['UPLOAD_MAX_BYTES', integer(1, 1_000_000_000).default(MAX_UPLOAD_BYTES)],
      strayAfterHours: ['STRAY_RESERVATION_HOURS', integer(1, 8_760).default(STRAY_AFTER_HOURS)],
    },
    environment,
  );
}

export type Config = ReturnType<typeof readConfig>;
