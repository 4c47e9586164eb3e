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
