import { newEvent } from '@ebuy/events';
import { newId } from '@ebuy/kernel';
import { ANONYMOUS, type Caller, createLogger, openLive } from '@ebuy/runtime';
import { readSubgraphSdl } from '@ebuy/schema';
import {
  type AuditReader,
  auditedBy,
  auditedMutations,
  auditOfPostgres,
  CLIENT_ADDRESS,
  eventually,
  partner,
  shopper,
  staff,
  testEngines,
} from '@ebuy/testing';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { followPayments, followReservations } from '../src/api/reactions.ts';
import { openStore } from '../src/store/index.ts';
import { DEADLINES } from './orders.ts';
import { change, openShop, type Shop } from './shop.ts';

/** Every mutation here is about an order, and so about money. */
const AUDITED = auditedMutations(readSubgraphSdl('orders'), { payment: true });
const support = staff(['orders:read', 'orders:write']);
let shop: Shop;
let read: AuditReader;
let follow: (orderId: string, how: 'authorized' | 'declined') => Promise<void>;
let close: () => Promise<unknown>;

beforeAll(async () => {
  shop = await openShop();
  read = auditOfPostgres(shop.database);
  const store = openStore(shop.database.url);
  const logger = createLogger('test', 'silent');
  const live = openLive({
    ...{ redisUrl: testEngines().redis, namespace: shop.kafka.namespace, subgraph: 'orders', logger },
  });
  const needs = { store, live, deadlines: DEADLINES, now: () => new Date(), logger };
  follow = async (orderId, how) => {
    const trace = { correlationId: newId(), causationId: null };
    const delivery = { consumer: 'orders.test' };
    const made = newEvent('reservation.made', { orderId, lines: [{ variantId: newId(), quantity: 1 }] }, trace);
    await followReservations(needs).on['reservation.made']?.(made, delivery);
    const attemptId = String((await shop.outbox(orderId)).at(-1)?.data.attemptId);
    const about = { orderId, paymentId: newId(), attemptId, amount: { amountMinor: 1_892, currency: 'EUR' } };
    const payments = followPayments(needs).on;
    if (how === 'authorized') {
      const authorized = newEvent('payment.authorized', { ...about, expiresAt: '2030-01-01T00:00:00.000Z' }, trace);
      await payments['payment.authorized']?.(authorized, delivery);
    } else {
      const failure = { code: 'card_declined', message: 'No.' };
      await payments['payment.declined']?.(newEvent('payment.declined', { ...about, failure }, trace), delivery);
    }
  };
  close = () => Promise.all([store.$disconnect(), live.close()]);
});
afterAll(async () => {
  await close?.();
  await shop?.close();
});

interface Case {
  /** An order that it may be done to, and its guest's token. */
  readonly before: () => Promise<{ readonly id: string; readonly accessToken: string | null }>;
  readonly input: object;
  /** Who may; the first one's entry is looked at. */
  readonly caller: Caller;
  readonly kind: string;
  readonly detail: object;
}

/** A busy machine may miss the neighbours' deadline of a second. */
const placed = (caller: Caller = ANONYMOUS) => eventually(() => shop.placed(caller));
const place = (input: Record<string, unknown>, caller: Caller) => eventually(() => shop.place(input, caller));

const confirmed = async (caller: Caller = ANONYMOUS) => {
  const order = await placed(caller);
  await follow(order.id, 'authorized');
  return order;
};
const declined = async () => {
  const order = await placed();
  await follow(order.id, 'declined');
  return order;
};
const shippedOrder = async () => {
  const order = await confirmed();
  await change(shop, 'shipOrder', { orderId: order.id }, support);
  return order;
};

const CASES: Readonly<Record<string, Case>> = {
  shipOrder: {
    before: confirmed,
    input: { carrier: 'Ada Lovelace Carriers', trackingNumber: 'T 1' },
    caller: support,
    kind: 'staff',
    detail: { was: 'CONFIRMED', status: 'SHIPPED' },
  },
  deliverOrder: {
    before: shippedOrder,
    input: {},
    caller: support,
    kind: 'staff',
    detail: { was: 'SHIPPED', status: 'DELIVERED' },
  },
  cancelOrder: {
    before: confirmed,
    input: { reason: 'Ada Lovelace called' },
    caller: support,
    kind: 'staff',
    detail: { was: 'CONFIRMED', status: 'CANCELLED' },
  },
  retryPayment: {
    before: declined,
    input: { paymentMethod: 'pm_card_visa' },
    caller: ANONYMOUS,
    kind: 'guest',
    detail: { was: 'AWAITING_PAYMENT', status: 'AWAITING_PAYMENT', attemptId: expect.any(String) },
  },
};

test('every mutation of the schema has its case here', () => {
  expect(AUDITED).toEqual([...Object.keys(CASES), 'placeOrder'].sort());
});

describe.each(Object.entries(CASES))('%s', (name, { before, input, caller, kind, detail }) => {
  const operation = name as Parameters<typeof change>[1];
  test('leaves one entry, a repeat none, a refusal none', async () => {
    const { id: orderId, accessToken } = await before();
    const needsToken = ['cancelOrder', 'retryPayment'].includes(operation) && kind === 'guest';
    const idempotencyKey = newId();
    const whole = { orderId, idempotencyKey, ...input, ...(needsToken ? { accessToken } : {}) };
    const done = await auditedBy(read, AUDITED, async () =>
      expect((await change(shop, operation, whole, caller)).code).toBeNull(),
    );
    const isStaff = kind === 'staff';
    expect(done).toEqual([
      {
        ...{ id: expect.any(String), at: expect.any(String), correlationId: expect.any(String), causationId: null },
        actor: { kind, id: caller.id, clientId: caller.clientId, roles: caller.roles },
        action: operation,
        aggregate: { type: 'Order', id: orderId },
        version: expect.any(Number),
        detail,
        from: { address: isStaff ? CLIENT_ADDRESS : null, service: 'router' },
      },
    ]);
    expect(JSON.stringify(done)).not.toMatch(/Ada|T 1|pm_card|@/);
    expect(
      await auditedBy(read, AUDITED, async () =>
        expect((await change(shop, operation, whole, caller)).replayed).toBe(true),
      ),
    ).toEqual([]);
    const again = { ...whole, idempotencyKey: newId(), expectedVersion: 1 };
    expect(
      await auditedBy(read, AUDITED, async () =>
        expect((await change(shop, operation, again, caller)).code).not.toBeNull(),
      ),
    ).toEqual([]);
  });
});

describe('placeOrder', () => {
  test.each([
    ['a guest', ANONYMOUS, { kind: 'guest', id: null }, null],
    ['a shopper, who leaves no address', shopper('u-1'), { kind: 'shopper', id: 'u-1' }, null],
    ['staff who buy for themselves', support, { kind: 'shopper', id: 'staff' }, null],
    ['a partner, who leaves one', partner('partner-1'), { kind: 'client', id: 'partner-1' }, CLIENT_ADDRESS],
  ])('by %s', async (_, caller, actor, address) => {
    const input = shop.wish();
    let id = '';
    const entries = await auditedBy(read, AUDITED, async () => {
      id = (await place(input, caller)).order?.id ?? '';
    });
    expect(entries).toMatchObject([
      {
        actor,
        action: 'placeOrder',
        aggregate: { type: 'Order', id },
        version: 1,
        detail: { status: 'AWAITING_STOCK', totalMinor: 1_892, currency: 'EUR', lines: 1 },
        from: { address, service: 'router' },
      },
    ]);
    expect(await auditedBy(read, AUDITED, () => place(input, caller))).toEqual([]);
    const refused = { ...shop.wish(), expectedTotal: { amountMinor: 1, currency: 'EUR' } };
    expect(await auditedBy(read, AUDITED, async () => expect((await place(refused, caller)).order).toBeNull())).toEqual(
      [],
    );
  });
});

test('a shopper who cancels their own order leaves no address, and whoever may not leaves nothing', async () => {
  const owner = shopper('u-2');
  const order = await confirmed(owner);
  const stranger = shopper('u-3');
  const cancel = (caller: Caller) => () => change(shop, 'cancelOrder', { orderId: order.id }, caller);
  expect(await auditedBy(read, AUDITED, cancel(stranger))).toEqual([]);
  expect(await auditedBy(read, AUDITED, cancel(owner))).toMatchObject([
    { actor: { kind: 'shopper', id: 'u-2' }, from: { address: null } },
  ]);
});
