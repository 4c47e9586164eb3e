import { expect, test } from '@jest/globals';
import { Stripe } from 'stripe';
import { WebhookRefused } from '../src/provider/provider.ts';
import { readStripeWebhook } from '../src/provider/stripe-webhooks.ts';

const SECRET = `whsec_${'a'.repeat(32)}`;
const NEXT = `whsec_${'b'.repeat(32)}`;
const NOW = new Date('2026-11-23T12:00:00.000Z');
const SECONDS = NOW.getTime() / 1_000;
const REFERENCE = '01939f00-0000-7000-8000-000000000001';

const INTENT = {
  id: 'pi_1',
  object: 'payment_intent',
  livemode: false,
  created: SECONDS - 60,
  status: 'requires_capture',
  capture_method: 'manual',
  amount: 2_000,
  amount_capturable: 2_000,
  amount_received: 0,
  currency: 'eur',
  metadata: { reference: REFERENCE, orderId: REFERENCE },
  next_action: null,
  last_payment_error: null,
  latest_charge: 'ch_1',
};
const REFUND = {
  id: 're_1',
  object: 'refund',
  amount: 500,
  currency: 'eur',
  metadata: { reference: REFERENCE },
  payment_intent: 'pi_1',
  status: 'succeeded',
};
const EUR_20 = { amountMinor: 2_000, currency: 'EUR' };
const about = { about: 'authorization', id: 'evt_1', reference: REFERENCE, amount: EUR_20 };

const event = (type: string, object: unknown, change: Record<string, unknown> = {}) =>
  JSON.stringify({
    id: 'evt_1',
    object: 'event',
    type,
    created: SECONDS,
    livemode: false,
    data: { object },
    ...change,
  });

function read(
  payload: string | Buffer,
  {
    secret = SECRET,
    at = SECONDS,
    header,
    secrets = [SECRET],
    live = false,
  }: {
    secret?: string;
    at?: number;
    header?: string | undefined;
    secrets?: readonly string[];
    live?: boolean;
  } = {},
) {
  const signature =
    header ?? Stripe.webhooks.generateTestHeaderString({ payload: payload.toString(), secret, timestamp: at });
  return readStripeWebhook({ 'stripe-signature': signature }, Buffer.from(payload), NOW, { secrets, live });
}

function refusal(run: () => unknown): number | undefined {
  try {
    run();
    return undefined;
  } catch (error) {
    if (!(error instanceof WebhookRefused)) throw error;
    expect(error.message).not.toContain('whsec_');
    return error.status;
  }
}

test.each([
  [
    'amount_capturable_updated',
    {},
    { status: 'AUTHORIZED', providerId: 'pi_1', endsAt: new Date(NOW.getTime() + 7 * 86_400_000) },
  ],
  ['canceled', { status: 'canceled', amount_capturable: 0 }, { status: 'VOIDED', providerId: 'pi_1' }],
  ['processing', { status: 'processing', amount_capturable: 0 }, { status: 'PENDING', providerId: 'pi_1' }],
  [
    'payment_failed',
    { status: 'requires_payment_method', last_payment_error: { code: 'card_declined', decline_code: 'stolen_card' } },
    { status: 'DECLINED', providerId: 'pi_1', failure: expect.objectContaining({ code: 'card_declined' }) },
  ],
  [
    'requires_action',
    {
      status: 'requires_action',
      next_action: { type: 'redirect_to_url', redirect_to_url: { url: 'https://bank.example/3ds' } },
    },
    { status: 'REQUIRES_ACTION', providerId: 'pi_1', nextActionUrl: 'https://bank.example/3ds' },
  ],
])('payment_intent.%s', (type, change, news) => {
  expect(read(event(`payment_intent.${type}`, { ...INTENT, ...change }))).toEqual({ ...about, news });
});

test.each([
  ['created', 'pending', { status: 'PENDING' }],
  ['updated', 'requires_action', { status: 'PENDING' }],
  ['updated', 'succeeded', { status: 'SUCCEEDED' }],
  ['failed', 'failed', { status: 'FAILED', failure: expect.objectContaining({ code: 'lost_or_stolen_card' }) }],
  ['updated', 'canceled', { status: 'FAILED', failure: expect.objectContaining({ code: 'lost_or_stolen_card' }) }],
])('refund.%s with status %s', (type, status, news) => {
  const refund = { ...REFUND, status, failure_reason: 'lost_or_stolen_card' };
  const amount = { amountMinor: 500, currency: 'EUR' };
  expect(read(event(`refund.${type}`, refund))).toEqual({
    about: 'refund',
    id: 'evt_1',
    reference: REFERENCE,
    amount,
    news,
  });
});

test.each([
  ['a capture, whose answer says so', event('payment_intent.succeeded', { ...INTENT, status: 'succeeded' })],
  ['a charge, which does not say which refund', event('charge.refunded', { object: 'charge' })],
  ['a type that nobody asked for', event('customer.created', {})],
  ['an intent that others made', event('payment_intent.canceled', { ...INTENT, metadata: {} })],
  ['a name that is none of ours', event('payment_intent.canceled', { ...INTENT, metadata: { reference: '1' } })],
  ['a refund that staff made at Stripe', event('refund.updated', { ...REFUND, metadata: null })],
  [
    'news that is older than what became of it',
    event('payment_intent.processing', { ...INTENT, status: 'succeeded', amount_received: 2_000 }),
  ],
  ['the other mode', event('payment_intent.canceled', INTENT, { livemode: true })],
])('%s is not acted upon', (_what, payload) => {
  expect(read(payload)).toEqual({ about: 'nothing', id: 'evt_1' });
});

const PAYLOAD = event('payment_intent.amount_capturable_updated', INTENT);
const SIGNED = Stripe.webhooks.generateTestHeaderString({ payload: PAYLOAD, secret: SECRET, timestamp: SECONDS });

test('either secret while one is being replaced, and 300 seconds either way', () => {
  expect(read(PAYLOAD, { secret: NEXT, secrets: [SECRET, NEXT] })).toMatchObject(about);
  expect(read(PAYLOAD, { header: `${SIGNED},v1=${'0'.repeat(64)}` })).toMatchObject(about);
  for (const at of [SECONDS - 300, SECONDS + 300]) expect(read(PAYLOAD, { at })).toMatchObject(about);
});

test.each<[string, Parameters<typeof read>]>([
  ['an unknown secret', [PAYLOAD, { secret: NEXT }]],
  ['no secret of ours', [PAYLOAD, { secrets: [] }]],
  ['301 seconds ago', [PAYLOAD, { at: SECONDS - 301 }]],
  ['301 seconds from now', [PAYLOAD, { at: SECONDS + 301 }]],
  ['another body', [`${PAYLOAD} `, { header: SIGNED }]],
  ['no signature', [PAYLOAD, { header: '' }]],
  ['another time than was signed', [PAYLOAD, { header: SIGNED.replace(/t=\d+/, `t=${SECONDS + 1}`) }]],
  ['two times, one of them signed', [PAYLOAD, { header: `t=${SECONDS + 9_999},${SIGNED}` }]],
  ['another scheme', [PAYLOAD, { header: SIGNED.replace('v1=', 'v0=') }]],
  ['an endless header', [PAYLOAD, { header: `${SIGNED}${',v1=0'.repeat(1_000)}` }]],
  ['an empty body', ['', { header: SIGNED }]],
])('%s is refused as unsigned', (_what, given) => {
  expect(refusal(() => read(...given))).toBe(401);
});

test('several headers are none', () => {
  const header = { 'stripe-signature': [SIGNED, SIGNED] as unknown as string };
  expect(refusal(() => readStripeWebhook(header, Buffer.from(PAYLOAD), NOW, { secrets: [SECRET], live: false }))).toBe(
    401,
  );
});

const intent = (change: Record<string, unknown>) =>
  event('payment_intent.amount_capturable_updated', { ...INTENT, ...change });

test.each<[string, string | Buffer]>([
  ['no JSON', 'evt_1'],
  ['an event of the second API', JSON.stringify({ object: 'v2.core.event', id: 'evt_1' })],
  ['no event', '{}'],
  ['an id that is none', event('charge.refunded', {}, { id: "evt_1';--" })],
  ['another status', intent({ status: 'approved' })],
  ['half a cent', intent({ amount: 2_000.5 })],
  ['less than nothing', intent({ amount: -1 })],
  ['a currency that is none', intent({ currency: 'xxx' })],
  ['a fraction of our unit', intent({ currency: 'isk', amount: 550, amount_capturable: 550 })],
  ['a hold of less', intent({ amount_capturable: 1 })],
  ['what takes the money by itself', intent({ capture_method: 'automatic' })],
  ['a second step without a page', intent({ status: 'requires_action' })],
  [
    'a second step that is a script',
    intent({
      status: 'requires_action',
      next_action: { type: 'redirect_to_url', redirect_to_url: { url: 'javascript:alert(1)' } },
    }),
  ],
  ['a refund of a status that is none', event('refund.updated', { ...REFUND, status: 'done' })],
])('%s is signed and not understood', (_what, payload) => {
  expect(refusal(() => read(payload))).toBe(400);
});

test('bytes that only look like what was signed are not taken', () => {
  const text = event('payment_intent.canceled', { ...INTENT, status: 'canceled', description: '\uFFFD' });
  const [before, after] = text.split('\uFFFD');
  const bytes = Buffer.concat([Buffer.from(before ?? ''), Buffer.from([0xff]), Buffer.from(after ?? '')]);
  const header = Stripe.webhooks.generateTestHeaderString({ payload: text, secret: SECRET, timestamp: SECONDS });
  expect(read(text, { header })).toMatchObject({ about: 'authorization' });
  expect(refusal(() => read(bytes, { header }))).toBe(400);
  expect(refusal(() => read(`\uFEFF${text}`, { header }))).toBe(400);
});
