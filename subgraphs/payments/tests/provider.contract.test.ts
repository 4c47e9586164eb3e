/** What every payment provider has to do for payments: one suite, run against each implementation. */
import { createServer, type Server } from 'node:http';
import { Fault, type Money, newId } from '@ebuy/kernel';
import { close, listen, portOf } from '@ebuy/runtime';
import { eventually } from '@ebuy/testing';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  type BookedCharge,
  type PaymentProvider,
  type ProviderNews,
  WebhookRefused,
} from '../src/provider/provider.ts';
import { createSandboxProvider } from '../src/provider/sandbox.ts';
import { createStripeProvider } from '../src/provider/stripe.ts';
import { prepareSandbox } from './sandbox-process.ts';
import { takeSecondStep } from './stage.ts';
import { openStripeStage, STAGE_SECRETS } from './stripe-stage/stage.ts';

/** An implementation, started for real, and the names that its methods of play have. */
interface Staged {
  readonly provider: PaymentProvider;
  /** What its webhooks said so far, read through the provider. */
  readonly heard: ProviderNews[];
  /** Amounts where units may be mistaken, and amounts that it cannot take: those are declined, never rounded. */
  readonly exact: readonly Money[];
  readonly unsayable: readonly Money[];
  close(): Promise<void>;
}

const money = (currency: string, amountMinor: number): Money => ({ currency, amountMinor });

const IMPLEMENTATIONS: readonly [name: string, open: () => Promise<Staged>][] = [
  ['sandbox', openSandbox],
  ['stripe', openStripe],
];

async function openSandbox(): Promise<Staged> {
  const sandbox = await prepareSandbox();
  const heard: ProviderNews[] = [];
  const provider = createSandboxProvider({
    url: sandbox.url,
    apiKey: sandbox.apiKey,
    webhookSecrets: [sandbox.webhookSecret],
  });
  const listener = await listenForWebhooks(provider, heard);
  await sandbox.start(`http://127.0.0.1:${portOf(listener)}/`);
  return {
    provider,
    heard,
    exact: [money('JPY', 1), money('KWD', 1_999), money('EUR', Number.MAX_SAFE_INTEGER)],
    unsayable: [],
    async close() {
      await provider.close();
      await sandbox.stop();
      await close(listener);
    },
  };
}

/** Against our reading of Stripe's reference: the real one was never asked. */
async function openStripe(): Promise<Staged> {
  const stage = await openStripeStage();
  const heard: ProviderNews[] = [];
  const provider = createStripeProvider({
    secretKey: STAGE_SECRETS.secretKey,
    webhookSecrets: [STAGE_SECRETS.webhookSecret],
    returnUrl: 'http://127.0.0.1/orders',
    apiUrl: stage.url,
    deadlineMs: 40_000,
  });
  const listener = await listenForWebhooks(provider, heard);
  stage.tellTo(`http://127.0.0.1:${portOf(listener)}/`);
  return {
    provider,
    heard,
    exact: [
      ...[money('JPY', 1), money('KWD', 1_990), money('ISK', 5), money('UGX', 7)],
      ...[money('MGA', 500), money('HUF', 1_999), money('TWD', 199)],
    ],
    unsayable: [money('KWD', 1_999), money('MGA', 501), money('LYD', 10), money('EUR', Number.MAX_SAFE_INTEGER)],
    async close() {
      await stage.close();
      await provider.close();
      await close(listener);
    },
  };
}

/** Refuses each piece of news the first time: it has to be sent again. */
async function listenForWebhooks(provider: PaymentProvider, heard: ProviderNews[]): Promise<Server> {
  const refused = new Set<unknown>();
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const news = provider.readWebhook(request.headers, Buffer.concat(chunks), new Date());
    if (refused.has(news.id)) heard.push(news);
    response.writeHead(refused.has(news.id) ? 204 : 503).end();
    refused.add(news.id);
  });
  await listen(server, '127.0.0.1', 0);
  return server;
}

const EUR_20: Money = { amountMinor: 2_000, currency: 'EUR' };

describe.each(IMPLEMENTATIONS)('%s', (_name, open) => {
  let staged: Staged;
  let provider: PaymentProvider;
  beforeAll(async () => {
    staged = await open();
    provider = staged.provider;
  });
  afterAll(() => staged?.close());

  const request = (paymentMethod: string, amount = EUR_20) => ({
    idempotencyKey: newId(),
    reference: newId(),
    orderId: newId(),
    amount,
    paymentMethod,
  });

  /** The provider's books since this suite began. */
  const began = new Date(Date.now() - 5_000);
  async function booked(): Promise<BookedCharge[]> {
    const charges: BookedCharge[] = [];
    for (let after: string | null = null; ; ) {
      const page = await provider.listCharges(began, after);
      expect(page.charges.length).toBeLessThanOrEqual(100);
      charges.push(...page.charges);
      if (page.next === null) return charges;
      after = page.next;
    }
  }

  async function held(paymentMethod = 'pm_card_visa', amount = EUR_20) {
    const asked = request(paymentMethod, amount);
    const news = await provider.authorize(asked);
    if (news.providerId === null) throw new Error('nothing is held');
    return {
      asked,
      news,
      followUp: (key = newId()) => ({ ...asked, idempotencyKey: key, providerId: news.providerId ?? '' }),
    };
  }

  test('a good card is authorized until some days from now, and found by our reference', async () => {
    const { asked, news } = await held();
    expect(news).toMatchObject({ status: 'AUTHORIZED', providerId: expect.any(String), endsAt: expect.any(Date) });
    expect(await provider.findAuthorization(asked.reference, EUR_20)).toEqual({ news, captured: false });
    expect(await provider.findAuthorization(asked.reference, EUR_20, news.providerId)).toEqual({
      news,
      captured: false,
    });
    expect(await provider.findAuthorization(newId(), EUR_20)).toBeNull();
  });

  test.each([
    ['pm_card_chargeDeclined', 'card_declined'],
    ['pm_card_chargeDeclinedInsufficientFunds', 'insufficient_funds'],
  ])('%s is declined as %s', async (paymentMethod, code) => {
    const asked = request(paymentMethod);
    expect(await provider.authorize(asked)).toMatchObject({ status: 'DECLINED', failure: { code } });
    expect((await provider.findAuthorization(asked.reference, EUR_20))?.news).toMatchObject({ status: 'DECLINED' });
  });

  test('a second step has a page; once it is taken a webhook says so, and it is sent until it is accepted', async () => {
    const { asked, news } = await held('pm_card_authenticationRequired');
    if (news.status !== 'REQUIRES_ACTION') throw new Error(news.status);
    await takeSecondStep({ url: news.nextActionUrl }, 'approve');
    const told = {
      about: 'authorization',
      reference: asked.reference,
      amount: EUR_20,
      news: expect.objectContaining({ status: 'AUTHORIZED', providerId: news.providerId }),
    };
    await eventually(() => expect(staged.heard).toContainEqual(expect.objectContaining(told)));
    expect((await provider.findAuthorization(asked.reference, EUR_20))?.news.status).toBe('AUTHORIZED');
  });

  test('the same key again, also at the same moment, does it once; with another request it is refused', async () => {
    const asked = request('pm_card_visa');
    const outcomes = await Promise.allSettled(Array.from({ length: 5 }, () => provider.authorize(asked)));
    // A provider that is busy with the key may put the others off.
    const answers = outcomes.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    const putOff = outcomes.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
    for (const reason of putOff) expect(reason).toMatchObject({ name: 'Fault', retryable: true });
    const again = await provider.authorize(asked);
    expect(new Set([...answers, again].map(({ providerId }) => providerId)).size).toBe(1);
    expect((await booked()).filter(({ reference }) => reference === asked.reference)).toHaveLength(1);
    await expect(provider.authorize({ ...asked, amount: { amountMinor: 1, currency: 'EUR' } })).rejects.toThrow(Fault);
  });

  test('captured once, whatever the number of keys, and never more than was authorized', async () => {
    const { asked, followUp } = await held();
    expect(await provider.capture({ ...followUp(), amount: { amountMinor: 2_001, currency: 'EUR' } })).toMatchObject({
      status: 'FAILED',
      final: true,
    });
    const key = newId();
    expect(await provider.capture(followUp(key))).toEqual({ status: 'CAPTURED' });
    expect(await provider.capture(followUp(key))).toEqual({ status: 'CAPTURED' });
    // With another key it is refused, or said that it is done.
    const again = await provider.capture(followUp());
    expect(again.status === 'CAPTURED' || again.final).toBe(true);
    expect(await provider.findAuthorization(asked.reference, EUR_20)).toMatchObject({ captured: true });
    const charges = (await booked()).filter(({ orderId }) => orderId === asked.orderId);
    expect(charges.map(({ capturedMinor }) => capturedMinor)).toEqual([2_000]);
    expect(await provider.void(followUp())).toMatchObject({ status: 'REFUSED' });
  });

  test('voided, and nothing can be captured afterwards; voided again it stays so', async () => {
    const { asked, followUp } = await held();
    expect(await provider.void(followUp())).toEqual({ status: 'VOIDED' });
    expect(await provider.void(followUp())).toEqual({ status: 'VOIDED' });
    expect(await provider.capture(followUp())).toMatchObject({ status: 'FAILED', final: true });
    expect((await provider.findAuthorization(asked.reference, EUR_20))?.news.status).toBe('VOIDED');
  });

  test('refunded in parts, each once, and never more than was captured', async () => {
    const { followUp } = await held();
    const { providerId } = followUp();
    const refund = (amountMinor: number, reference = newId(), idempotencyKey = newId()) =>
      provider.refund({ idempotencyKey, providerId, reference, amount: { amountMinor, currency: 'EUR' } });
    expect(await refund(1)).toMatchObject({ status: 'FAILED' });
    await provider.capture(followUp());
    const [reference, key] = [newId(), newId()];
    for (let times = 0; times < 3; times += 1)
      expect(await refund(1_500, reference, key)).toEqual({ status: 'SUCCEEDED' });
    expect(await provider.findRefund(reference, { amountMinor: 1_500, currency: 'EUR' })).toEqual({
      status: 'SUCCEEDED',
    });
    expect(await provider.findRefund(reference, { amountMinor: 1_500, currency: 'EUR' }, providerId)).toEqual({
      status: 'SUCCEEDED',
    });
    expect(await provider.findRefund(newId(), EUR_20)).toBeNull();
    expect(await provider.findRefund(newId(), EUR_20, providerId)).toBeNull();
    const race = await Promise.all([refund(300), refund(300)]);
    expect(race.map(({ status }) => status).sort()).toEqual(['FAILED', 'SUCCEEDED']);
  });

  test('an amount is taken exactly, whatever decimals its currency has, or not at all', async () => {
    for (const amount of staged.exact) {
      const { asked, followUp } = await held('pm_card_visa', amount);
      expect(await provider.capture(followUp())).toEqual({ status: 'CAPTURED' });
      expect(await provider.findAuthorization(asked.reference, amount)).toMatchObject({ captured: true });
    }
    for (const amount of staged.unsayable) {
      const asked = request('pm_card_visa', amount);
      expect(await provider.authorize(asked)).toMatchObject({
        status: 'DECLINED',
        failure: { code: 'amount_not_supported' },
      });
    }
    const charges = await booked();
    for (const amount of staged.unsayable) expect(charges.map((one) => one.amount)).not.toContainEqual(amount);
  });

  test('its books show every charge: ours by our names, with what was held, taken and given back, oldest first', async () => {
    const [kept, taken, released] = [await held(), await held(), await held()];
    await provider.capture(taken.followUp());
    const refund = { idempotencyKey: newId(), reference: newId(), amount: { amountMinor: 500, currency: 'EUR' } };
    await provider.refund({ ...refund, providerId: taken.followUp().providerId });
    await provider.void(released.followUp());
    const charges = await booked();
    const times = charges.map(({ bookedAt }) => bookedAt.getTime());
    expect(times).toEqual(times.toSorted((one, other) => one - other));
    const shown = ({ asked }: { asked: { reference: string } }) =>
      charges.find(({ reference }) => reference === asked.reference);
    expect(shown(kept)).toMatchObject({
      providerId: kept.followUp().providerId,
      orderId: kept.asked.orderId,
      amount: EUR_20,
      status: 'HELD',
      capturedMinor: 0,
      refundedMinor: 0,
    });
    expect(shown(taken)).toMatchObject({ status: 'CAPTURED', capturedMinor: 2_000, refundedMinor: 500 });
    expect(shown(released)).toMatchObject({ status: 'VOIDED', capturedMinor: 0 });
    expect(new Set(charges.map(({ providerId }) => providerId)).size).toBe(charges.length);
  });

  test('what is not signed by the provider is refused', () => {
    const body = Buffer.from('{}');
    expect(() => provider.readWebhook({}, body, new Date())).toThrow(WebhookRefused);
  });

  test('an answer about another amount than ours is not believed', async () => {
    const { asked } = await held();
    await expect(provider.findAuthorization(asked.reference, { amountMinor: 1, currency: 'EUR' })).rejects.toThrow(
      Fault,
    );
    await expect(provider.findAuthorization(asked.reference, { amountMinor: 2_000, currency: 'USD' })).rejects.toThrow(
      Fault,
    );
  });
});
