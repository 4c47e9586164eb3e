import { expect, test } from '@jest/globals';
import { sign } from '../sandbox/webhooks.ts';
import { verifyWebhook, webhookKey } from '../src/provider/standard-webhooks.ts';

const SECRET = `whsec_${Buffer.alloc(32, 1).toString('base64')}`;
const KEY = webhookKey(SECRET);
const OTHER = Buffer.alloc(32, 2);
const NOW = new Date('2026-11-23T12:00:00.000Z');
const SECONDS = NOW.getTime() / 1_000;
const BODY = '{"type":"authorization.updated"}';

function headers(change: { id?: string; seconds?: number; signature?: string; body?: string; key?: Buffer } = {}) {
  const id = change.id ?? 'msg_1';
  const timestamp = String(change.seconds ?? SECONDS);
  return {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': change.signature ?? sign(change.key ?? KEY, id, timestamp, change.body ?? BODY),
  };
}
const verify = (given: Record<string, string | undefined>, keys = [KEY], body = BODY) =>
  verifyWebhook(given, Buffer.from(body), keys, NOW);

test('what the provider signs is believed, whichever of two keys it used', () => {
  expect(verify(headers())).toEqual({ id: 'msg_1' });
  expect(verify(headers({ key: OTHER }), [KEY, OTHER])).toEqual({ id: 'msg_1' });
  const { 'webhook-id': id, 'webhook-timestamp': timestamp } = headers();
  const both = [sign(OTHER, id, timestamp, BODY), sign(KEY, id, timestamp, BODY)].join(' ');
  expect(verify(headers({ signature: both }))).toEqual({ id: 'msg_1' });
});

test('the example of the specification', () => {
  const given = {
    'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    'webhook-timestamp': '1614265330',
    'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  };
  const key = webhookKey('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw');
  const at = new Date(1_614_265_330_000);
  expect(verifyWebhook(given, Buffer.from('{"test": 2432232314}'), [key], at)).toEqual({ id: given['webhook-id'] });
});

test.each([
  ['another body', headers(), '{"type":"authorization.updated" }'],
  ['another id', { ...headers(), 'webhook-id': 'msg_2' }],
  ['another time', { ...headers(), 'webhook-timestamp': String(SECONDS + 1) }],
  ['an unknown key', headers({ key: OTHER })],
  ['six minutes ago', headers({ seconds: SECONDS - 301 })],
  ['six minutes from now', headers({ seconds: SECONDS + 301 })],
  ['no signature', { ...headers(), 'webhook-signature': undefined }],
  ['no id', { ...headers(), 'webhook-id': undefined }],
  ['no time', { ...headers(), 'webhook-timestamp': undefined }],
  ['a time that is none', { ...headers(), 'webhook-timestamp': '1e9' }],
  ['an id with a dot, which would move the seam', headers({ id: 'msg.1' })],
  ['an empty signature', headers({ signature: 'v1,' })],
  ['another version of signature', headers({ signature: headers()['webhook-signature'].replace('v1,', 'v1a,') })],
  ['a signature cut short', headers({ signature: headers()['webhook-signature'].slice(0, 20) })],
  ['a thousand signatures', headers({ signature: `${'v1,AAAA '.repeat(1_000)}${headers()['webhook-signature']}` })],
  ['an endless id', headers({ id: 'm'.repeat(300) })],
])('%s is refused', (_what, given, body = BODY) => {
  expect(verify(given, [KEY, KEY], body)).toHaveProperty('problem');
});

test('without a key nothing is believed', () => {
  expect(verify(headers(), [])).toHaveProperty('problem');
});
