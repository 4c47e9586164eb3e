import { integer, readSettings, type Setting } from '@ebuy/runtime';
import { z } from 'zod';

/** As Visa's rules have it for cards not present: what is not captured within seven days is free again. */
const SEVEN_DAYS_SECONDS = 7 * 86_400;

const LEAST_KEY_BYTES = 24;
const keysOf = (list: string) => list.split(',').map((secret) => Buffer.from(secret.replace(/^whsec_/, ''), 'base64'));

const SETTINGS = {
  host: ['HOST', z.string().default('127.0.0.1')],
  port: ['PORT', integer(0, 65_535).default(4090)],
  adminPort: ['ADMIN_PORT', integer(0, 65_535).default(4190)],
  logLevel: ['LOG_LEVEL', z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'silent']).default('info')],
  /** A database of its own: payments never sees it. */
  databaseUrl: ['DATABASE_URL', z.url({ protocol: /^postgres(ql)?$/ })],
  apiKey: ['SANDBOX_API_KEY', z.string().min(16)],
  /** Standard Webhooks: `whsec_` and base64. With more than one, by commas, every webhook is signed with each. */
  webhookKeys: [
    'SANDBOX_WEBHOOK_SECRET',
    z
      .string()
      .transform(keysOf)
      .refine((keys) => keys.length <= 5 && keys.every((key) => key.length >= LEAST_KEY_BYTES), {
        message: `each secret must be base64 of at least ${LEAST_KEY_BYTES} bytes`,
      }),
  ],
  webhookUrl: ['WEBHOOK_URL', z.url({ protocol: /^https?$/ })],
  /** Where shoppers find its pages; its own address unless it says so. */
  publicUrl: ['PUBLIC_URL', z.url({ protocol: /^https?$/ }).optional()],
  authorizationSeconds: ['AUTHORIZATION_SECONDS', integer(1, 31 * 86_400).default(SEVEN_DAYS_SECONDS)],
} as const satisfies Record<string, Setting>;

export function readSandboxSettings(environment: Readonly<Record<string, string | undefined>> = process.env) {
  return readSettings(SETTINGS, environment);
}
