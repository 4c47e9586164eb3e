import { readSettings, type ServiceSettings, serviceSettings } from '@ebuy/runtime';
import { z } from 'zod';
import { webhookKey } from './provider/standard-webhooks.ts';

const LEAST_KEY_BYTES = 24;

/** `whsec_` and base64, or base64 alone; more than one, with commas, while a key is being replaced. */
const webhookSecrets = z
  .string()
  .transform((list) => list.split(','))
  .refine((secrets) => secrets.length <= 5 && secrets.every((secret) => webhookKey(secret).length >= LEAST_KEY_BYTES), {
    message: `each secret must be base64 of at least ${LEAST_KEY_BYTES} bytes`,
  });

const SETTINGS = {
  ...serviceSettings(4008),
  databaseUrl: ['DATABASE_URL', z.url({ protocol: /^postgres(ql)?$/ })],
  /** Stripe follows; the sandbox is a provider of play money. */
  paymentProvider: ['PAYMENT_PROVIDER', z.literal('sandbox')],
  sandboxUrl: ['SANDBOX_URL', z.url({ protocol: /^https?$/ })],
  sandboxApiKey: ['SANDBOX_API_KEY', z.string().min(16)],
  sandboxWebhookSecrets: ['SANDBOX_WEBHOOK_SECRET', webhookSecrets],
} as const;

export interface PaymentsSettings extends ServiceSettings {
  readonly databaseUrl: string;
  readonly paymentProvider: 'sandbox';
  readonly sandboxUrl: string;
  readonly sandboxApiKey: string;
  readonly sandboxWebhookSecrets: readonly string[];
}

export function readConfig(environment: Readonly<Record<string, string | undefined>> = process.env): PaymentsSettings {
  return readSettings(SETTINGS, environment);
}
