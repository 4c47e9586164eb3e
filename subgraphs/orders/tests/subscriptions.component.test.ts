import { newEvent } from '@ebuy/events';
import { newId } from '@ebuy/kernel';
import type { Caller } from '@ebuy/runtime';
import { readOperations } from '@ebuy/schema';
import { type ClientOperation, splitOperations } from '@ebuy/schema/operations';
import { eventually, shopper, staff, testEngines } from '@ebuy/testing';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { print } from 'graphql';
import { Redis } from 'ioredis';
import { change, openShop, type Shop } from './shop.ts';

const support = staff(['orders:read', 'orders:write']);
const documentOf = (client: ClientOperation['client'], name: string) =>
  splitOperations(client, readOperations(client))
    .flatMap((one) => (one.name === name ? [print(one.document)] : []))
    .join('');
const FEED = documentOf('console', 'StaffOrderFeed');
const MOBILE = documentOf('mobile', 'MobileOrderChanged');
const ORDER_CHANGED =
  'subscription ($id: ID!, $accessToken: String) { orderChanged(id: $id, accessToken: $accessToken) { id version status email history { version } } }';
const AMOUNT = { amountMinor: 1_892, currency: 'EUR' };

interface Changed {
  readonly orderChanged: {
    readonly id: string;
    readonly version: number;
    readonly status: string;
    readonly email: string | null;
    readonly history: readonly unknown[];
  };
}
interface Fed {
  readonly staffOrderFeed: { readonly id: string; readonly status: string };
}

let shop: Shop;
let redis: Redis;
beforeAll(async () => {
  shop = await openShop();
  redis = new Redis(testEngines().redis);
});
afterAll(async () => {
  redis?.disconnect();
  await shop?.close();
});

const trace = () => ({ correlationId: newId(), causationId: null });
const reserve = (orderId: string) =>
  shop.kafka.publish([
    newEvent('reservation.made', { orderId, lines: [{ variantId: newId(), quantity: 1 }] }, trace()),
  ]);
async function payment(orderId: string) {
  const attemptId = await eventually(async () => {
    const requested = (await shop.outbox(orderId)).findLast(({ type }) => type === 'order.paymentRequested');
    if (requested === undefined) throw new Error('not requested yet');
    return String(requested.data.attemptId);
  });
  return { orderId, attemptId, paymentId: newId(), amount: AMOUNT };
}

const watch = (variables: object, caller?: Caller) =>
  shop.subscribe<Changed>(ORDER_CHANGED, variables as Record<string, unknown>, caller);
const nextOf = async (stream: AsyncIterator<{ data?: Changed | null | undefined }>) => {
  const order = (await stream.next()).value?.data?.orderChanged;
  if (order === undefined) throw new Error('the stream ended');
  return order;
};
/** Reads until the order has come so far; versions and history never go back. */
async function until(stream: ReturnType<typeof watch>, status: string, from = 0): Promise<number> {
  for (let version = from; ; ) {
    const order = await nextOf(stream);
    expect(order.version).toBeGreaterThanOrEqual(version);
    expect(order.history).toHaveLength(order.version);
    version = order.version;
    if (order.status === status) return version;
  }
}
const codeOf = async (stream: AsyncIterator<{ errors?: readonly { extensions?: { code?: unknown } }[] | undefined }>) =>
  (await stream.next()).value?.errors?.[0]?.extensions?.code;

describe('orderChanged', () => {
  test('shows the order as it is, then each change of it and of its payment', async () => {
    const { id, accessToken } = await shop.placed();
    const stream = watch({ id, accessToken });
    expect(await nextOf(stream)).toMatchObject({ id, version: 1, status: 'AWAITING_STOCK', email: 'ada@example.com' });
    await reserve(id);
    const waiting = await until(stream, 'AWAITING_PAYMENT', 1);
    const declined = await payment(id);
    const failure = { code: 'card_declined', message: 'Declined.' };
    await shop.kafka.publish([newEvent('payment.declined', { ...declined, failure }, trace())]);
    expect(await until(stream, 'AWAITING_PAYMENT', waiting)).toBeGreaterThanOrEqual(waiting);
    await eventually(async () => expect(await shop.historyOf(id)).toHaveLength(3));
    await change(shop, 'retryPayment', { orderId: id, accessToken, paymentMethod: 'pm_card_visa' });
    const authorized = await payment(id);
    await shop.kafka.publish([
      newEvent('payment.authorized', { ...authorized, expiresAt: '2030-01-01T00:00:00.000Z' }, trace()),
    ]);
    const confirmed = await until(stream, 'CONFIRMED', waiting);
    await change(shop, 'shipOrder', { orderId: id }, support);
    const shipped = await until(stream, 'SHIPPED', confirmed);
    // A capture changes nothing of the order: it is shown again for its payment's sake, and so it is when the event comes twice.
    const captured = newEvent('payment.captured', { orderId: id, paymentId: newId(), amount: AMOUNT }, trace());
    await shop.kafka.publish([captured]);
    expect((await nextOf(stream)).version).toBe(shipped);
    await shop.kafka.publish([captured]);
    expect((await nextOf(stream)).version).toBe(shipped);
    await stream.return?.();
  });

  test('is for whom the order is: refused at the beginning to all others', async () => {
    const mine = await shop.placed(shopper('ada'));
    const guests = await shop.placed();
    for (const [variables, caller] of [
      [{ id: guests.id }, undefined],
      [{ id: guests.id, accessToken: 'guessed' }, undefined],
      [{ id: mine.id }, shopper('eve')],
      [{ id: newId() }, support],
      [{ id: "'; --" }, support],
    ] as const) {
      expect(await codeOf(watch(variables, caller))).toBe('NOT_FOUND');
    }
    const own = shop.subscribe<Changed>(MOBILE, { id: mine.id }, shopper('ada'));
    expect((await own.next()).value).toEqual({ data: { orderChanged: { id: mine.id, status: 'AWAITING_STOCK' } } });
    await own.return?.();
    const staffs = watch({ id: mine.id }, support);
    expect((await nextOf(staffs)).id).toBe(mine.id);
    await staffs.return?.();
  });

  test('looks again when Redis was away', async () => {
    const { id, accessToken } = await shop.placed();
    const stream = watch({ id, accessToken });
    await nextOf(stream);
    const next = nextOf(stream);
    await killSubscriber();
    expect((await next).id).toBe(id);
    await stream.return?.();
  });
});

describe('staffOrderFeed', () => {
  test('is for support', async () => {
    expect(await codeOf(shop.subscribe(FEED))).toBe('UNAUTHENTICATED');
    expect(await codeOf(shop.subscribe(FEED, {}, shopper('ada')))).toBe('FORBIDDEN');
  });

  test('shows every order that changes, and ends where it may have missed one', async () => {
    const { stream, first } = await openFeed();
    const orders = await Promise.all([shop.placed(), shop.placed(shopper('ada'))]);
    const seen = new Set([(await first).value?.data?.staffOrderFeed.id]);
    while (!orders.every(({ id }) => seen.has(id))) seen.add((await stream.next()).value?.data?.staffOrderFeed.id);
    const broken = (async () => {
      for (;;) await stream.next();
    })();
    await killSubscriber();
    await expect(broken).rejects.toMatchObject([{ extensions: { code: 'FEED_INTERRUPTED' } }]);
  });
});

/** A feed that is listened to. One that was opened while the listening connection comes back ends at once, rightly: then another. */
function openFeed() {
  return eventually(async () => {
    const stream = shop.subscribe<Fed>(FEED, {}, support);
    const first = stream.next();
    first.catch(() => undefined);
    await eventually(
      async () => expect(await redis.pubsub('NUMSUB', `${shop.kafka.namespace}live:orders:order:all`)).toContain(1),
      { timeoutMs: 2_000 },
    );
    return { stream, first };
  });
}

/** Ends the service's listening connection as a failing Redis would. */
async function killSubscriber() {
  const lines = String(await redis.client('LIST')).split('\n');
  const [id] = lines.flatMap((line) =>
    line.includes(`name=${shop.kafka.namespace}orders.live`) && !line.includes(' sub=0 ')
      ? [/^id=(\d+)/.exec(line)?.[1]]
      : [],
  );
  expect(await redis.client('KILL', 'ID', String(id))).toBe(1);
}
