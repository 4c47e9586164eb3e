/** A Stripe that is not one: every answer that makes no sense is a Fault, and nothing is concluded from it. */
import { createServer, type Server, type ServerResponse } from 'node:http';
import { Fault, newId } from '@ebuy/kernel';
import { close, listen, portOf } from '@ebuy/runtime';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { PaymentProvider } from '../src/provider/provider.ts';
import { createStripeProvider } from '../src/provider/stripe.ts';

const EUR_20 = { amountMinor: 2_000, currency: 'EUR' };
/** A deadline that a busy machine keeps, unless it is what the test is about. */
const connect = (apiUrl: string, deadlineMs = 40_000) =>
  createStripeProvider({
    secretKey: `sk_test_${'0'.repeat(24)}`,
    webhookSecrets: [],
    returnUrl: 'http://127.0.0.1/orders',
    apiUrl,
    deadlineMs,
  });

/** A byte now and then: the connection is never silent for long. */
function drip(response: ServerResponse): void {
  response.writeHead(200);
  const timer = setInterval(() => response.write(' '), 20);
  response.on('close', () => clearInterval(timer));
}

const REFERENCE = '01939f00-0000-7000-8000-000000000001';
const ASKED = {
  idempotencyKey: 'key',
  reference: REFERENCE,
  orderId: REFERENCE,
  amount: EUR_20,
  paymentMethod: 'pm_card_visa',
};
const SOUND = {
  id: 'pi_1',
  object: 'payment_intent',
  livemode: false,
  created: 1_795_435_200,
  status: 'requires_capture',
  capture_method: 'manual',
  client_secret: 'pi_1_secret_abc',
  amount: 2_000,
  amount_capturable: 2_000,
  amount_received: 0,
  currency: 'eur',
  metadata: { reference: REFERENCE },
  next_action: null,
  last_payment_error: null,
  latest_charge: null,
};

let server: Server;
let provider: PaymentProvider;
let hurried: PaymentProvider;
let reply: (response: ServerResponse) => void;
let asked = 0;
beforeAll(async () => {
  server = createServer((incoming, response) => {
    asked += 1;
    incoming.resume();
    reply(response);
  });
  await listen(server, '127.0.0.1', 0);
  provider = connect(`http://127.0.0.1:${portOf(server)}`);
  hurried = connect(`http://127.0.0.1:${portOf(server)}`, 200);
});
afterAll(async () => {
  await Promise.all([provider.close(), hurried.close()]);
  server.closeAllConnections();
  await close(server);
});
const json =
  (body: unknown, status = 200) =>
  (response: ServerResponse) =>
    void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));

test('a sound answer is believed', async () => {
  reply = json(SOUND);
  expect(await provider.authorize(ASKED)).toEqual({
    status: 'AUTHORIZED',
    providerId: 'pi_1',
    endsAt: new Date((SOUND.created + 7 * 86_400) * 1_000),
  });
});

const declinedWith = (intent: unknown) =>
  json({ error: { type: 'card_error', code: 'card_declined', message: 'No.', payment_intent: intent } }, 402);

test.each<[string, (response: ServerResponse) => void]>([
  ['another amount', json({ ...SOUND, amount: 1, amount_capturable: 1 })],
  ['another currency', json({ ...SOUND, currency: 'usd' })],
  ['another reference', json({ ...SOUND, metadata: { reference: newId() } })],
  ['no reference', json({ ...SOUND, metadata: {} })],
  ['the other mode', json({ ...SOUND, livemode: true })],
  ['a hold of less', json({ ...SOUND, amount_capturable: 1_999 })],
  ['what takes the money by itself', json({ ...SOUND, capture_method: 'automatic' })],
  ['an unknown status', json({ ...SOUND, status: 'approved' })],
  ['an amount that is no whole number', json({ ...SOUND, amount: 2_000.5 })],
  ['an id that leads elsewhere', json({ ...SOUND, id: 'pi_1/../../refunds' })],
  ['another object', json({ ...SOUND, object: 'setup_intent' })],
  ['a second step without a page', json({ ...SOUND, status: 'requires_action' })],
  ['a decline of another order', declinedWith({ ...SOUND, status: 'requires_payment_method', metadata: {} })],
  ['a decline of what is held', declinedWith(SOUND)],
  ['a decline that is no intent', declinedWith({ id: 'pi_1' })],
  ['an error that is none', json({ error: 'no' }, 400)],
  ['a no with a yes', json({ ...SOUND, error: { type: 'card_error' } })],
  ['a yes with a no', json(SOUND, 500)],
  [
    'a parameter that it does not know',
    json({ error: { type: 'invalid_request_error', code: 'parameter_unknown', param: 'confirm' } }, 400),
  ],
  ['nothing in JSON', json(null)],
  ['a redirect', (response) => void response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end('{}')],
  ['HTML', (response) => void response.writeHead(200).end('<html><h1>502 Bad Gateway</h1></html>')],
  ['a connection that is closed', (response) => void response.destroy()],
  ['ten megabytes of a sound answer', json({ ...SOUND, description: 'x'.repeat(10_000_000) })],
  [
    'half an answer, then nothing more',
    (response) => void response.writeHead(200, { 'content-length': '9' }).write('{', () => response.destroy()),
  ],
])('%s is not believed, and not asked for again by itself', async (_what, answer) => {
  reply = answer;
  asked = 0;
  const failure: unknown = await provider.authorize(ASKED).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(Fault);
  expect(asked).toBe(1);
  const told = `${(failure as Fault).message} ${((failure as Fault).cause as Error | undefined)?.stack}`;
  expect(told).not.toMatch(/sk_test|_secret_/);
});

test.each<[string, (response: ServerResponse) => void]>([
  ['no answer', () => undefined],
  ['half an answer', (response) => void response.writeHead(200, { 'content-length': '100' }).write('{')],
  ['an answer that never ends', (response) => drip(response)],
])('%s in time is no answer', async (_what, answer) => {
  reply = answer;
  await expect(hurried.authorize(ASKED)).rejects.toMatchObject({ name: 'Fault', retryable: true });
});

test('a capture, a void and a refund of something else are not believed', async () => {
  const followUp = { ...ASKED, providerId: 'pi_1' };
  const taken = { ...SOUND, status: 'succeeded', amount_capturable: 0, amount_received: 2_000 };
  reply = json(taken);
  expect(await provider.capture(followUp)).toEqual({ status: 'CAPTURED' });
  for (const change of [{ amount_received: 1_999 }, { id: 'pi_2' }, { currency: 'usd' }, { status: 'processing' }]) {
    reply = json({ ...taken, ...change });
    await expect(provider.capture(followUp)).rejects.toThrow(Fault);
  }
  for (const change of [{ status: 'requires_capture' }, { id: 'pi_2' }, { metadata: {} }]) {
    reply = json({ ...SOUND, status: 'canceled', amount_capturable: 0, ...change });
    await expect(provider.void(followUp)).rejects.toThrow(Fault);
  }
  reply = json(taken);
  await expect(provider.refund(followUp)).rejects.toThrow(Fault);
});

test('a list that is none, or holds another mode, says nothing about what there is', async () => {
  for (const list of [
    {},
    { data: [SOUND] },
    { data: [{ ...SOUND, livemode: true }], has_more: false },
    { data: [{}], has_more: false },
  ]) {
    reply = json(list);
    await expect(provider.findAuthorization(REFERENCE, EUR_20)).rejects.toThrow(Fault);
    await expect(provider.listCharges(new Date(), null)).rejects.toThrow(Fault);
  }
});
