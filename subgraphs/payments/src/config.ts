import { readSettings, reconcileSettings, type ServiceSettings, serviceSettings } from '@ebuy/runtime';
import { z } from 'zod';
import { webhookKey } from './provider/standard-webhooks.ts';

const LEAST_KEY_BYTES = 24;
/** One in use, the next, and some that nobody has taken away yet. */
const MAX_SECRETS = 5;

/** `whsec_` and base64, or base64 alone; more than one, with commas, while a key is being replaced. */
const sandboxWebhookSecrets = z
  .string()
  .transform((list) => list.split(','))
  .refine(
    (secrets) =>
      secrets.length <= MAX_SECRETS && secrets.every((secret) => webhookKey(secret).length >= LEAST_KEY_BYTES),
    { message: `each secret must be base64 of at least ${LEAST_KEY_BYTES} bytes` },
  );

const stripeWebhookSecrets = z
  .string()
  .transform((list) => list.split(','))
  .refine(
    (secrets) => secrets.length <= MAX_SECRETS && secrets.every((secret) => /^whsec_[\w+/=]{24,200}$/.test(secret)),
    { message: 'each secret must be as Stripe shows it: whsec_ and what follows' },
  );

const WITH_ANY_PROVIDER = {
  ...serviceSettings(4008),
  ...reconcileSettings,
  databaseUrl: ['DATABASE_URL', z.url({ protocol: /^postgres(ql)?$/ })],
} as const;

/** Play money is refused where real orders are taken. */
const sandboxSettings = (production: boolean) =>
  ({
    ...WITH_ANY_PROVIDER,
    paymentProvider: [
      'PAYMENT_PROVIDER',
      z
        .literal('sandbox', 'must be sandbox or stripe')
        .refine(() => !production, 'the sandbox is play money: NODE_ENV=production needs stripe'),
    ],
    sandboxUrl: ['SANDBOX_URL', z.url({ protocol: /^https?$/ })],
    sandboxApiKey: ['SANDBOX_API_KEY', z.string().min(16)],
    sandboxWebhookSecrets: ['SANDBOX_WEBHOOK_SECRET', sandboxWebhookSecrets],
  }) as const;

/** A live key takes real money, a test key takes none: each is refused where the other belongs. */
const stripeSettings = (production: boolean) =>
  ({
    ...WITH_ANY_PROVIDER,
    paymentProvider: ['PAYMENT_PROVIDER', z.literal('stripe')],
    stripeSecretKey: [
      'STRIPE_SECRET_KEY',
      production
        ? z.string().regex(/^[sr]k_live_\w{10,250}$/, 'NODE_ENV=production needs a live key: sk_live_… or rk_live_…')
        : z
            .string()
            .regex(/^[sr]k_test_\w{10,250}$/, 'must be a test key, sk_test_… or rk_test_…: this is no production'),
    ],
    stripeWebhookSecrets: ['STRIPE_WEBHOOK_SECRET', stripeWebhookSecrets],
    stripeReturnUrl: [
      'STRIPE_RETURN_URL',
      production
        ? z.url({ protocol: /^https$/, error: 'must be an address with https' })
        : z.url({ protocol: /^https?$/ }),
    ],
    stripeApiUrl: [
      'STRIPE_API_URL',
      z
        .url({ protocol: /^https?$/ })
        .optional()
        .refine((url) => url === undefined || !production, 'is for tests: NODE_ENV=production talks to Stripe itself'),
    ],
  }) as const;

interface ShopSettings extends ServiceSettings {
  readonly databaseUrl: string;
  readonly reconcileMinutes: number;
}

export interface SandboxShopSettings extends ShopSettings {
  readonly paymentProvider: 'sandbox';
  readonly sandboxUrl: string;
  readonly sandboxApiKey: string;
  readonly sandboxWebhookSecrets: readonly string[];
}

export interface StripeShopSettings extends ShopSettings {
  readonly paymentProvider: 'stripe';
  readonly stripeSecretKey: string;
  readonly stripeWebhookSecrets: readonly string[];
  readonly stripeReturnUrl: string;
  readonly stripeApiUrl?: string | undefined;
}

export type PaymentsSettings = SandboxShopSettings | StripeShopSettings;

export function readConfig(environment: Readonly<Record<string, string | undefined>> = process.env): PaymentsSettings {
  const production = environment.NODE_ENV === 'production';
  return environment.PAYMENT_PROVIDER === 'stripe'
    ? readSettings(stripeSettings(production), environment)
    : readSettings(sandboxSettings(production), environment);
}
