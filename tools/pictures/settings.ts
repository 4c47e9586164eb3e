import { resolve } from 'node:path';
import { integer, readSettings, type Setting } from '@ebuy/runtime';
import { z } from 'zod';
import { ROOT } from '../repo/paths.ts';

const SETTINGS = {
  host: ['HOST', z.string().default('127.0.0.1')],
  port: ['PORT', integer(0, 65_535).default(4010)],
  adminPort: ['ADMIN_PORT', integer(0, 65_535).default(4110)],
  logLevel: ['LOG_LEVEL', z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'silent']).default('info')],
  /** Absolute, or from the repository's folder. */
  folder: [
    'PICTURES_DIR',
    z
      .string()
      .default('seed/pictures')
      .transform((path) => resolve(ROOT, path)),
  ],
} as const satisfies Record<string, Setting>;

export const readPictureSettings = (environment: Readonly<Record<string, string | undefined>> = process.env) =>
  readSettings(SETTINGS, environment);
