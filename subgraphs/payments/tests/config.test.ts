import { expect, test } from '@jest/globals';
import { readSandboxSettings } from '../sandbox/settings.ts';
import { readConfig } from '../src/config.ts';

const KEY = Buffer.alloc(32, 1).toString('base64url');
const ENVIRONMENT = {
  KAFKA_BROKERS: '127.0.0.1:4792',
  IDENTITY_VERIFY_KEYS: JSON.stringify({ router: KEY }),
  DATABASE_URL: 'postgresql://127.0.0.1/ebuy_payments',
  PAYMENT_PROVIDER: 'sandbox',
  SANDBOX_URL: 'http://127.0.0.1:4090',
  SANDBOX_API_KEY: 'sk_0123456789abcdef',
  SANDBOX_WEBHOOK_SECRET: `whsec_${KEY},${KEY}`,
  WEBHOOK_URL: 'http://127.0.0.1:4008/webhooks/sandbox',
};

test('payments and the sandbox read the same environment', () => {
  expect(readConfig(ENVIRONMENT)).toMatchObject({
    port: 4008,
    adminPort: 4108,
    sandboxWebhookSecrets: [`whsec_${KEY}`, KEY],
  });
  expect(readSandboxSettings(ENVIRONMENT)).toMatchObject({ port: 4090, authorizationSeconds: 604_800 });
});

test('all problems are named together, and no secret with them', () => {
  const broken = {
    ...ENVIRONMENT,
    PAYMENT_PROVIDER: 'paypal',
    SANDBOX_URL: 'file:///etc',
    SANDBOX_WEBHOOK_SECRET: 'c2hvcnQ=',
  };
  const problem = (read: (environment: typeof broken) => unknown) => {
    try {
      return JSON.stringify(read(broken));
    } catch (error) {
      return String(error);
    }
  };
  expect(problem(readConfig)).toMatch(/PAYMENT_PROVIDER[\s\S]*SANDBOX_URL[\s\S]*SANDBOX_WEBHOOK_SECRET/);
  expect(problem(readConfig)).not.toContain('c2hvcnQ');
  expect(problem(readSandboxSettings)).toMatch(/SANDBOX_WEBHOOK_SECRET/);
});

const STRIPE = {
  ...ENVIRONMENT,
  PAYMENT_PROVIDER: 'stripe',
  STRIPE_SECRET_KEY: `sk_test_${'a'.repeat(24)}`,
  STRIPE_WEBHOOK_SECRET: `whsec_${'b'.repeat(32)},whsec_${'c'.repeat(64)}`,
  STRIPE_RETURN_URL: 'http://127.0.0.1:3000/orders',
};
const LIVE = {
  ...STRIPE,
  NODE_ENV: 'production',
  STRIPE_SECRET_KEY: `sk_live_${'a'.repeat(24)}`,
  STRIPE_RETURN_URL: 'https://shop.example/orders',
};
const problemsOf = (environment: Readonly<Record<string, string | undefined>>): string => {
  try {
    readConfig(environment);
    return '';
  } catch (error) {
    return String(error);
  }
};

test('Stripe, with test keys here and live keys in production', () => {
  expect(readConfig(STRIPE)).toMatchObject({ paymentProvider: 'stripe', stripeApiUrl: undefined });
  expect(readConfig({ ...STRIPE, STRIPE_API_URL: 'http://127.0.0.1:12111' })).toMatchObject({
    stripeWebhookSecrets: [`whsec_${'b'.repeat(32)}`, `whsec_${'c'.repeat(64)}`],
    stripeApiUrl: 'http://127.0.0.1:12111',
  });
  expect(readConfig(LIVE)).toMatchObject({ stripeSecretKey: LIVE.STRIPE_SECRET_KEY });
  expect(readConfig({ ...LIVE, STRIPE_SECRET_KEY: `rk_live_${'a'.repeat(24)}` })).toBeDefined();
});

test.each([
  [
    'play money in production',
    { ...ENVIRONMENT, NODE_ENV: 'production' },
    /PAYMENT_PROVIDER: the sandbox is play money/,
  ],
  [
    'a test key in production',
    { ...LIVE, STRIPE_SECRET_KEY: STRIPE.STRIPE_SECRET_KEY },
    /STRIPE_SECRET_KEY: .*live key/,
  ],
  [
    'a restricted test key in production',
    { ...LIVE, STRIPE_SECRET_KEY: `rk_test_${'a'.repeat(24)}` },
    /STRIPE_SECRET_KEY/,
  ],
  ['a live key elsewhere', { ...STRIPE, STRIPE_SECRET_KEY: LIVE.STRIPE_SECRET_KEY }, /STRIPE_SECRET_KEY: .*test key/],
  ['a publishable key', { ...STRIPE, STRIPE_SECRET_KEY: `pk_test_${'a'.repeat(24)}` }, /STRIPE_SECRET_KEY/],
  [
    'another address of Stripe in production',
    { ...LIVE, STRIPE_API_URL: 'https://api.example' },
    /STRIPE_API_URL: is for tests/,
  ],
  ['a way back without TLS in production', { ...LIVE, STRIPE_RETURN_URL: 'http://shop.example' }, /STRIPE_RETURN_URL/],
  ['no secret for webhooks', { ...STRIPE, STRIPE_WEBHOOK_SECRET: undefined }, /STRIPE_WEBHOOK_SECRET: is not set/],
  [
    'a secret that is none',
    { ...STRIPE, STRIPE_WEBHOOK_SECRET: `${STRIPE.STRIPE_WEBHOOK_SECRET},` },
    /STRIPE_WEBHOOK_SECRET/,
  ],
  ['a provider that is none', { ...STRIPE, PAYMENT_PROVIDER: undefined }, /PAYMENT_PROVIDER: is not set/],
])('%s is refused', (_what, environment, problem) => {
  expect(problemsOf(environment)).toMatch(problem);
});

test('everything that is wrong with Stripe is named at once, and no key', () => {
  const { STRIPE_RETURN_URL: _, ...rest } = LIVE;
  const broken = { ...rest, STRIPE_SECRET_KEY: 'sk_test_secret', STRIPE_WEBHOOK_SECRET: 'whsec_', STRIPE_API_URL: 'x' };
  const problems = problemsOf(broken);
  expect(problems).toMatch(
    /STRIPE_SECRET_KEY[\s\S]*STRIPE_WEBHOOK_SECRET[\s\S]*STRIPE_RETURN_URL[\s\S]*STRIPE_API_URL/,
  );
  expect(problems).not.toContain('sk_test_secret');
});
