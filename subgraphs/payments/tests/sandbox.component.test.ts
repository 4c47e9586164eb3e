import { newId } from '@ebuy/kernel';
import { eventually } from '@ebuy/testing';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { prepareSandbox, type SandboxProcess } from './sandbox-process.ts';
import { takeSecondStep } from './stage.ts';

let sandbox: SandboxProcess;
beforeAll(async () => {
  sandbox = await prepareSandbox({ AUTHORIZATION_SECONDS: '2' });
  await sandbox.start('http://127.0.0.1:1/');
});
afterAll(() => sandbox?.stop());

async function post(path: string, body: unknown, headers: Record<string, string> = {}) {
  const response = await fetch(`${sandbox.url}${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${sandbox.apiKey}`, 'idempotency-key': newId(), ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  const json = (await response.json()) as { id?: string; nextActionUrl?: string; error?: { code: string } };
  return { status: response.status, json, code: json.error?.code };
}

const request = (change: Record<string, unknown> = {}) => ({
  reference: newId(),
  orderId: newId(),
  amountMinor: 2_000,
  currency: 'EUR',
  paymentMethod: 'pm_card_visa',
  ...change,
});

test('without the key nothing is answered, nor is it felt out', async () => {
  for (const authorization of [
    '',
    'Bearer ',
    `Bearer ${sandbox.apiKey}x`,
    sandbox.apiKey,
    `bearer ${sandbox.apiKey}`,
  ]) {
    expect(await post('/v1/authorizations', request(), { authorization })).toMatchObject({
      status: 401,
      code: 'unauthorized',
    });
  }
  expect((await fetch(`${sandbox.url}/v1/charges`)).status).toBe(401);
});

test.each([
  ['a card number', request({ paymentMethod: '4242424242424242' }), 'card_number_refused'],
  ['a card number with dashes', request({ paymentMethod: 'pm_4242-4242-4242-4242' }), 'card_number_refused'],
  ['an amount below nothing', request({ amountMinor: -1 }), 'invalid_request'],
  ['an amount beyond exactness', request({ amountMinor: 2 ** 53 }), 'invalid_request'],
  ['half a cent', request({ amountMinor: 0.5 }), 'invalid_request'],
  ['a currency that is none', request({ currency: 'eur' }), 'invalid_request'],
  ['a reference that is none', request({ reference: '1' }), 'invalid_request'],
  ['no object', [], 'invalid_request'],
  ['no JSON', '{', 'invalid_request'],
])('%s is refused and nothing is kept', async (_what, body, code) => {
  expect(await post('/v1/authorizations', body)).toMatchObject({ status: 400, code });
  const kept = await sandbox.database.query(`SELECT FROM kept_answer UNION ALL SELECT FROM card_authorization`);
  expect(kept).toEqual([]);
});

test('too large a body, no key, another method, another path', async () => {
  expect(await post('/v1/authorizations', 'x'.repeat(20_000))).toMatchObject({ status: 413 });
  expect(await post('/v1/authorizations', request(), { 'idempotency-key': '' })).toMatchObject({
    code: 'idempotency_key_missing',
  });
  expect(await post('/v1/nothing', {})).toMatchObject({ status: 404 });
  const headers = { authorization: `Bearer ${sandbox.apiKey}` };
  expect((await fetch(`${sandbox.url}/v1/authorizations`, { method: 'DELETE', headers })).status).toBe(405);
  expect((await fetch(`${sandbox.url}/`)).status).toBe(404);
});

test('a reference is used once', async () => {
  const asked = request();
  expect(await post('/v1/authorizations', asked)).toMatchObject({ status: 200 });
  expect(await post('/v1/authorizations', asked)).toMatchObject({ status: 422, code: 'reference_taken' });
});

test('a hold ends: it is not captured afterwards', async () => {
  const { json } = await post('/v1/authorizations', request());
  await eventually(async () => {
    const { rows } = {
      rows: await sandbox.database.query('SELECT FROM card_authorization WHERE id = $1 AND expires_at < now()', [
        json.id,
      ]),
    };
    expect(rows).toHaveLength(1);
  });
  const amount = { amountMinor: 2_000, currency: 'EUR' };
  expect(await post(`/v1/authorizations/${json.id}/capture`, amount)).toMatchObject({
    status: 422,
    code: 'authorization_expired',
  });
  expect(await post(`/v1/authorizations/${json.id}/void`, {})).toMatchObject({ status: 200 });
});

test('the page of the second step works without scripts, names itself, and lets nothing else in', async () => {
  const { json } = await post(
    '/v1/authorizations',
    request({ paymentMethod: 'pm_card_authenticationRequired', currency: 'JPY' }),
  );
  const page = await fetch(json.nextActionUrl ?? '');
  const html = await page.text();
  expect(html).toContain('<html lang="en">');
  expect(html).toContain('JPY 2000');
  expect(html.match(/<button /g)).toHaveLength(2);
  expect(html).not.toMatch(/<script|onclick|javascript:/);
  expect(page.headers.get('content-security-policy')).toMatch(/default-src 'none'.*frame-ancestors 'none'/);
  expect(page.headers.get('cache-control')).toBe('no-store');
  const wrong = await fetch(json.nextActionUrl ?? '', { method: 'POST', body: 'decision=steal' });
  expect(wrong.status).toBe(400);
  expect(await takeSecondStep({ url: json.nextActionUrl ?? '' }, 'decline')).toContain('You declined');
  expect((await fetch(`${sandbox.url}/actions/${'x'.repeat(43)}`)).status).toBe(404);
});

test('a webhook that nobody takes is kept and tried again, also after a kill', async () => {
  await post('/v1/authorizations', request({ paymentMethod: 'pm_sandbox_webhookTwice' }));
  const tries = async () => {
    const rows = await sandbox.database.query<{ tries: number }>(
      'SELECT tries FROM webhook WHERE delivered_at IS NULL ORDER BY created_at DESC LIMIT 1',
    );
    return rows[0]?.tries ?? 0;
  };
  await eventually(async () => expect(await tries()).toBeGreaterThan(1));
  await sandbox.kill();
  const before = await tries();
  await sandbox.start('http://127.0.0.1:1/');
  await eventually(async () => expect(await tries()).toBeGreaterThan(before));
});
