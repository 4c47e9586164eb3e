/**
 * Whether Stripe's own description of its API takes what we send: every request of the adapter, against stripe-mock, which checks each
 * against Stripe's OpenAPI description. Its answers are fixtures, so nothing is said here about what Stripe answers. Skipped where there
 * is no stripe-mock, which is a program in Go:
 *
 *   go install github.com/stripe/stripe-mock@v0.197.0 && STRIPE_MOCK=$(go env GOPATH)/bin/stripe-mock npm run test:component
 *
 * v0.197.0 describes version 2025-09-30.clover; ours is later.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, request as httpRequest, type IncomingMessage, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newId } from '@ebuy/kernel';
import { close, listen, portOf } from '@ebuy/runtime';
import { eventually } from '@ebuy/testing';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { PaymentProvider } from '../src/provider/provider.ts';
import { createStripeProvider } from '../src/provider/stripe.ts';

const PROGRAM = process.env.STRIPE_MOCK ?? '';
const isThere = PROGRAM !== '' && existsSync(PROGRAM);
if (!isThere)
  console.log('STRIPE_MOCK names no program: what we send is not checked against Stripe’s OpenAPI description.');

/** Whether something may be refunded is asked before it is. */
const TAKEN = {
  id: 'pi_1',
  object: 'payment_intent',
  livemode: false,
  created: 1_795_435_200,
  status: 'succeeded',
  capture_method: 'manual',
  amount: 2_000,
  amount_capturable: 0,
  amount_received: 2_000,
  currency: 'eur',
  metadata: {},
  next_action: null,
  last_payment_error: null,
  latest_charge: null,
};

function ask(
  socketPath: string,
  options: { method: string; path: string; headers?: Record<string, string | string[] | undefined> },
  body?: IncomingMessage,
): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest({ socketPath, ...options }, async (answer) => {
      const chunks: Buffer[] = [];
      for await (const chunk of answer as AsyncIterable<Buffer>) chunks.push(chunk);
      resolve({ status: answer.statusCode ?? 0, text: Buffer.concat(chunks).toString() });
    });
    outgoing.on('error', reject);
    if (body === undefined) outgoing.end();
    else body.pipe(outgoing);
  });
}

(isThere ? describe : describe.skip)('stripe-mock', () => {
  const seen: { line: string; status: number; text: string }[] = [];
  let folder: string;
  let mock: ChildProcess;
  let recorder: Server;
  let provider: PaymentProvider;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'stripe-mock-'));
    const socketPath = join(folder, 'socket');
    mock = spawn(PROGRAM, ['-http-unix', socketPath, '-strict-version-check=false'], { stdio: 'ignore' });
    await eventually(() => ask(socketPath, { method: 'GET', path: '/v1/charges' }), { timeoutMs: 30_000 });
    recorder = createServer(async (incoming, response) => {
      const { method = '', url = '', headers } = incoming;
      const answer = await ask(socketPath, { method, path: url, headers: { ...headers, host: 'localhost' } }, incoming);
      const line = `${method} ${url.split('?')[0]}`;
      seen.push({ line, ...answer });
      const text = line === 'GET /v1/payment_intents/pi_1' ? JSON.stringify(TAKEN) : answer.text;
      response.writeHead(answer.status, { 'content-type': 'application/json' }).end(text);
    });
    await listen(recorder, '127.0.0.1', 0);
    provider = createStripeProvider({
      secretKey: 'sk_test_stripemock0123',
      webhookSecrets: [],
      returnUrl: 'https://shop.example/orders',
      apiUrl: `http://127.0.0.1:${portOf(recorder)}`,
      deadlineMs: 40_000,
    });
  });
  afterAll(async () => {
    await provider?.close();
    if (recorder !== undefined) await close(recorder);
    const ended = once(mock, 'exit');
    mock.kill();
    await ended;
    await rm(folder, { recursive: true });
  });

  test('takes every request that the adapter sends', async () => {
    const amount = { amountMinor: 2_000, currency: 'EUR' };
    const asked = { idempotencyKey: newId(), reference: newId(), orderId: newId(), amount, providerId: 'pi_1' };
    // No uuid of version 7: it is looked for by search.
    const timeless = 'a7b0c7de-8f0e-4c59-9c1b-2d4f0c1a9e11';
    const calls = [
      () => provider.authorize({ ...asked, paymentMethod: 'pm_card_visa' }),
      () => provider.capture(asked),
      () => provider.void(asked),
      () => provider.refund(asked),
      () => provider.findAuthorization(asked.reference, amount),
      () => provider.findAuthorization(asked.reference, amount, 'pi_1'),
      () => provider.findAuthorization(timeless, amount),
      () => provider.findRefund(asked.reference, amount),
      () => provider.findRefund(asked.reference, amount, 'pi_1'),
      () => provider.listCharges(new Date(), null),
      () => provider.listCharges(new Date(), '1700000000/1:pi_1'),
    ];
    // The fixtures are about something else, so the adapter believes none of them but the one that is ours.
    for (const call of calls) await call().catch(() => undefined);
    expect(seen.filter(({ status }) => status !== 200)).toEqual([]);
    expect([...new Set(seen.map(({ line }) => line.replace(/pi_\w+/, 'pi_1')))].toSorted()).toEqual([
      'GET /v1/payment_intents',
      'GET /v1/payment_intents/pi_1',
      'GET /v1/payment_intents/search',
      'GET /v1/refunds',
      'POST /v1/payment_intents',
      'POST /v1/payment_intents/pi_1/cancel',
      'POST /v1/payment_intents/pi_1/capture',
      'POST /v1/refunds',
    ]);
  });

  test('refuses what is not in the description, so that its yes means something', async () => {
    const answer = await fetch(`http://127.0.0.1:${portOf(recorder)}/v1/payment_intents`, {
      method: 'POST',
      headers: { authorization: 'Bearer sk_test_stripemock0123', 'content-type': 'application/x-www-form-urlencoded' },
      body: 'amount=2000&currency=eur&capture_methods=manual',
    });
    expect(answer.status).toBe(400);
  });
});
