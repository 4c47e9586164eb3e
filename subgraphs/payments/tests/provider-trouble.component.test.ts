/** A provider that is not one: every answer that makes no sense is a Fault, and nothing is concluded from it. */
import { createServer, type Server, type ServerResponse } from 'node:http';
import { Fault } from '@ebuy/kernel';
import { close, listen, portOf } from '@ebuy/runtime';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { PaymentProvider } from '../src/provider/provider.ts';
import { createSandboxProvider } from '../src/provider/sandbox.ts';

const REFERENCE = '01939f00-0000-7000-8000-000000000001';
const REQUEST = {
  idempotencyKey: 'key',
  reference: REFERENCE,
  orderId: REFERENCE,
  amount: { amountMinor: 2_000, currency: 'EUR' },
  paymentMethod: 'pm_card_visa',
};
const SOUND = {
  id: 'auth_1',
  reference: REFERENCE,
  status: 'authorized',
  amountMinor: 2_000,
  currency: 'EUR',
  capturedMinor: 0,
  expiresAt: '2026-11-30T12:00:00.000Z',
  nextActionUrl: null,
  failure: null,
};

let server: Server;
/** Waits for what must come, and for as long as a busy machine takes. */
let provider: PaymentProvider;
/** For what must not come. */
let hasty: PaymentProvider;
let reply: (response: ServerResponse) => void;
beforeAll(async () => {
  server = createServer((request, response) => {
    request.resume();
    reply(response);
  });
  await listen(server, '127.0.0.1', 0);
  const url = `http://127.0.0.1:${portOf(server)}`;
  const settings = { url, apiKey: 'sk_test', webhookSecrets: [] };
  provider = createSandboxProvider({ ...settings, deadlineMs: 30_000 });
  hasty = createSandboxProvider({ ...settings, deadlineMs: 300 });
});
afterAll(async () => {
  await Promise.all([provider.close(), hasty.close()]);
  server.closeAllConnections();
  await close(server);
});

const json =
  (body: unknown, status = 200) =>
  (response: ServerResponse) =>
    void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));

test('a sound answer is believed', async () => {
  reply = json(SOUND);
  expect(await provider.authorize(REQUEST)).toMatchObject({ status: 'AUTHORIZED', providerId: 'auth_1' });
});

test.each<[string, (response: ServerResponse) => void, (() => PaymentProvider)?]>([
  ['another amount', json({ ...SOUND, amountMinor: 1 })],
  ['another currency', json({ ...SOUND, currency: 'USD' })],
  ['another reference', json({ ...SOUND, reference: '01939f00-0000-7000-8000-000000000002' })],
  ['an unknown status', json({ ...SOUND, status: 'approved' })],
  ['an amount that is no whole number', json({ ...SOUND, amountMinor: 2_000.5 })],
  ['an id that leads elsewhere', json({ ...SOUND, id: '../refunds' })],
  ['no end of the hold', json({ ...SOUND, expiresAt: null })],
  ['a page that is a script', json({ ...SOUND, status: 'requires_action', nextActionUrl: 'javascript:alert(1)' })],
  ['a decline without a reason', json({ ...SOUND, status: 'declined' })],
  ['a refused key', json({ error: { code: 'unauthorized', message: 'No.' } }, 401)],
  ['an overload', json({}, 503)],
  ['a redirect', (response) => void response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end()],
  ['HTML', (response) => void response.writeHead(200).end('<html>')],
  ['nothing', (response) => void response.destroy()],
  ['an endless answer', (response) => void response.writeHead(200).end(' '.repeat(200_000))],
  ['half an answer', (response) => void response.writeHead(200, { 'content-length': '100' }).write('{'), () => hasty],
  ['no answer in time', () => undefined, () => hasty],
])('%s is not believed', async (_what, answer, asking = () => provider) => {
  reply = answer;
  await expect(asking().authorize(REQUEST)).rejects.toThrow();
  const failure: unknown = await asking()
    .authorize(REQUEST)
    .catch((error: unknown) => error);
  if (failure instanceof Fault) expect(failure.message).not.toContain('sk_test');
});

test('a capture of another amount is not believed', async () => {
  reply = json({ ...SOUND, status: 'captured', capturedMinor: 1_999 });
  await expect(provider.capture({ ...REQUEST, providerId: 'auth_1' })).rejects.toThrow(Fault);
});
