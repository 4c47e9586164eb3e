/** Orders whose neighbours did not follow, planted one by one: said again, or reported. The neighbours answer as the test tells them. */
import { type DomainEvent, newEvent } from '@ebuy/events';
import { newId } from '@ebuy/kernel';
import type { Findings } from '@ebuy/runtime';
import { eventually, staff } from '@ebuy/testing';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { openNeighbours } from '../src/clients/neighbours.ts';
import type { ReconcileNeeds } from '../src/commands/reconcile-orders.ts';
import { orderReconciliation, reconcileAllOrders } from '../src/commands/reconciliation.ts';
import type { PaymentOfOrder } from '../src/domain/followed.ts';
import { openStore, type Store } from '../src/store/index.ts';
import { change, openShop, type Shop } from './shop.ts';

let shop: Shop;
let store: Store;
let neighbours: ReturnType<typeof openNeighbours>;
let needs: ReconcileNeeds;
beforeAll(async () => {
  shop = await openShop();
  store = openStore(shop.settings.databaseUrl);
  neighbours = openNeighbours(shop.settings);
  const { reservations, payments } = neighbours;
  needs = { store, reservations, payments, now: () => new Date(), youngMs: 0 };
});
afterAll(async () => {
  await neighbours?.close();
  await store?.$disconnect();
  await shop?.close();
});

afterEach(async () => {
  shop.reservations.clear();
  shop.paid.clear();
  await shop.database.query('TRUNCATE orders, order_story, discrepancy, reconciliation CASCADE');
});

const TOTAL = { amountMinor: 1_892, currency: 'EUR' };
const trace = () => ({ correlationId: newId(), causationId: null });

async function say(event: DomainEvent): Promise<void> {
  await shop.kafka.publish([event]);
  await eventually(async () => {
    expect(await shop.database.query('SELECT FROM inbox WHERE event_id = $1', [event.id])).toHaveLength(1);
  });
}

/** On a busy machine a neighbour may take longer than placing waits for it. */
const placed = () => eventually(() => shop.placed());

async function awaitingPayment() {
  const { id } = await placed();
  await say(newEvent('reservation.made', { orderId: id, lines: [{ variantId: newId(), quantity: 1 }] }, trace()));
  const attemptId = String((await said(id, 'order.paymentRequested'))[0]?.data.attemptId);
  shop.reservations.set(id, 'MADE');
  return { id, attemptId };
}

async function confirmed() {
  const { id, attemptId } = await awaitingPayment();
  const settled = { orderId: id, paymentId: newId(), attemptId, amount: TOTAL };
  await say(newEvent('payment.authorized', { ...settled, expiresAt: '2030-01-01T00:00:00.000Z' }, trace()));
  pay(id, attemptId, {});
  return { id, attemptId };
}

function pay(orderId: string, attemptId: string | null, more: Partial<PaymentOfOrder>) {
  const state = { cancelled: false, captureRequested: false, taken: false, ...more };
  shop.paid.set(orderId, { orderId, attemptId, status: 'AUTHORIZED', ...state });
}

const said = async (orderId: string, type: string) => (await shop.outbox(orderId)).filter((one) => one.type === type);
const reconcile = (): Promise<Findings> => reconcileAllOrders(needs);
const reportsOf = ({ reported }: Findings, subject: string) =>
  reported.filter((one) => one.subject === subject).map(({ kind }) => kind);

async function saidAgain(orderId: string, type: string) {
  const [first, second, ...more] = await said(orderId, type);
  expect(more).toEqual([]);
  expect(second).toMatchObject({ data: first?.data, causationid: first?.id });
  const told = 'SELECT FROM order_story WHERE order_id = $1 AND type = $2';
  expect(await shop.database.query(told, [orderId, type])).toHaveLength(1);
}

test('everybody has followed: nothing is said, nothing reported; what has just moved is left alone', async () => {
  const { id } = await confirmed();
  const stuck = await placed();
  const young = await reconcileAllOrders({ ...needs, youngMs: 3_600_000 });
  expect(young).toMatchObject({ compared: 0, repaired: {}, reported: [] });
  shop.reservations.set(stuck.id, 'MADE');
  expect(await reconcile()).toMatchObject({ repaired: {}, reported: [] });
  expect(await said(id, 'order.confirmed')).toHaveLength(1);
});

test('a reservation that outlived its cancelled order: order.cancelled is said again, until it is followed', async () => {
  const { id, attemptId } = await confirmed();
  await change(shop, 'cancelOrder', { orderId: id }, staff(['orders:write']));
  pay(id, attemptId, { status: 'VOIDED', cancelled: true });
  expect((await reconcile()).repaired).toEqual({ 'order.cancelled said again': 1 });
  await saidAgain(id, 'order.cancelled');
  shop.reservations.set(id, 'RELEASED');
  expect(await reconcile()).toMatchObject({ repaired: {}, reported: [] });
});

test('a hold that outlived its cancelled order, and an order that payments never heard of', async () => {
  const [held, unheard] = [await confirmed(), await awaitingPayment()];
  for (const { id } of [held, unheard]) {
    await change(shop, 'cancelOrder', { orderId: id }, staff(['orders:write']));
    shop.reservations.set(id, 'RELEASED');
  }
  expect((await reconcile()).repaired).toEqual({ 'order.cancelled said again': 2 });
  pay(held.id, held.attemptId, { status: 'VOIDED', cancelled: true });
  pay(unheard.id, null, { status: null, cancelled: true });
  expect(await reconcile()).toMatchObject({ repaired: {}, reported: [] });
});

test('shipped, and neither units nor money have followed: order.shipped is said once for both', async () => {
  const { id, attemptId } = await confirmed();
  await change(shop, 'shipOrder', { orderId: id }, staff(['orders:write']));
  expect((await reconcile()).repaired).toEqual({ 'order.shipped said again': 1 });
  await saidAgain(id, 'order.shipped');
  shop.reservations.set(id, 'CONSUMED');
  pay(id, attemptId, { status: 'CAPTURED', captureRequested: true, taken: true });
  expect(await reconcile()).toMatchObject({ repaired: {}, reported: [] });
});

test('products never heard of it: order.placed is said again with the same lines', async () => {
  const { id } = await placed();
  expect((await reconcile()).repaired).toEqual({ 'order.placed said again': 1 });
  await saidAgain(id, 'order.placed');
  shop.reservations.set(id, 'MADE');
});

test('payments never heard of the request: it is said again as it was sent, as long as that is kept', async () => {
  const [kept, pruned] = [await awaitingPayment(), await awaitingPayment()];
  const [request] = await said(pruned.id, 'order.paymentRequested');
  await eventually(async () => {
    const gone = 'DELETE FROM outbox WHERE id = $1 AND published_at IS NOT NULL RETURNING id';
    expect(await shop.database.query(gone, [request?.id])).toHaveLength(1);
  });
  expect((await reconcile()).repaired).toEqual({ 'order.paymentRequested said again': 1 });
  await saidAgain(kept.id, 'order.paymentRequested');
  for (const { id, attemptId } of [kept, pruned]) pay(id, attemptId, { status: 'PENDING' });
  expect(await reconcile()).toMatchObject({ repaired: {}, reported: [] });
});

test('said three times in vain it is for people, and said no more', async () => {
  const { id, attemptId } = await confirmed();
  await change(shop, 'cancelOrder', { orderId: id }, staff(['orders:write']));
  pay(id, attemptId, { status: 'VOIDED', cancelled: true });
  for (let round = 1; round <= 3; round += 1) {
    expect(await reconcile()).toMatchObject({ repaired: { 'order.cancelled said again': 1 }, reported: [] });
  }
  const findings = await reconcile();
  expect(findings.repaired).toEqual({});
  expect(reportsOf(findings, id)).toEqual(['not_followed']);
  expect(await said(id, 'order.cancelled')).toHaveLength(4);
  shop.reservations.set(id, 'RELEASED');
  expect(await reconcile()).toMatchObject({ reported: [] });
});

test.each([
  ['units_not_held', (id: string) => shop.reservations.set(id, 'RELEASED')],
  ['payment_not_held', (id: string) => pay(id, null, { status: 'VOIDED' })],
])('a confirmed order: %s is reported until it is settled, and nothing is said', async (kind, plant) => {
  const { id, attemptId } = await confirmed();
  plant(id);
  const findings = await reconcile();
  expect(findings.repaired).toEqual({});
  expect(reportsOf(findings, id)).toEqual([kind]);
  shop.reservations.set(id, 'MADE');
  pay(id, attemptId, {});
  expect(await reconcile()).toMatchObject({ reported: [] });
});

test('units held for an order that nobody placed are reported, never given back', async () => {
  const stray = newId();
  shop.reservations.set(stray, 'MADE');
  expect(reportsOf(await reconcile(), stray)).toEqual(['reservation_without_order']);
  shop.reservations.set(stray, 'RELEASED');
  expect(reportsOf(await reconcile(), stray)).toEqual([]);
});

test('a round of the sweep finds it, too, and one replica does it', async () => {
  const { id } = await confirmed();
  shop.reservations.set(id, 'RELEASED');
  const sweep = orderReconciliation(needs, 60_000);
  const begun = await Promise.all([sweep.begin(), sweep.begin()]);
  expect(begun.filter(Boolean)).toHaveLength(1);
  expect(reportsOf(await sweep.round(), id)).toEqual(['units_not_held']);
  shop.reservations.set(id, 'MADE');
  expect(reportsOf(await sweep.round(), id)).toEqual([]);
});
