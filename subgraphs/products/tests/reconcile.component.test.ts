/** What products tells again, and that whoever says a thing again to products changes nothing. */
import { type DomainEvent, TOPICS } from '@ebuy/events';
import { newId } from '@ebuy/kernel';
import { reconcileTopic } from '@ebuy/runtime';
import { eventually } from '@ebuy/testing';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { topicTruths } from '../src/commands/reconcile-topics.ts';
import { type Database, openDatabase } from '../src/store/index.ts';
import {
  levelsOf,
  makeOnSale,
  orderCancelled,
  orderPlaced,
  orderShipped,
  type Products,
  startProducts,
  statusOf,
} from './fixture.ts';

let products: Products;
let database: Database;
let told: Record<'product' | 'stock' | 'reservation', readonly DomainEvent[]>;

beforeAll(async () => {
  products = await startProducts();
  database = openDatabase(products.database.url);
  const watch = async (name: 'product' | 'stock' | 'reservation') =>
    [name, (await products.kafka.watch(TOPICS[name])).events] as const;
  told = Object.fromEntries(
    await Promise.all((['product', 'stock', 'reservation'] as const).map(watch)),
  ) as typeof told;
});
afterAll(async () => {
  await database?.$disconnect();
  await products?.stop();
});

/** Once nothing waits: what is told again is told because of the test. */
async function reconcile(): Promise<Record<string, number>[]> {
  await eventually(async () => {
    expect(await products.database.query('SELECT FROM outbox WHERE published_at IS NULL')).toEqual([]);
  });
  const findings = [];
  for (const truth of topicTruths(database)) findings.push(await reconcileTopic(products.kafka.settings, truth));
  expect(findings.flatMap(({ reported }) => reported)).toEqual([]);
  return findings.map(({ repaired }) => ({ ...repaired }));
}

const last = (events: readonly DomainEvent[], key: string) => events.findLast(({ subject }) => subject === key);

test('a product and a level that the topics have in older versions are told again, whole', async () => {
  const { product, variant } = await makeOnSale(products, 7);
  expect(await reconcile()).toEqual([{}, {}]);
  await products.database.query('UPDATE product SET version = version + 1, title = $2 WHERE id = $1', [
    product.id,
    'Told again',
  ]);
  await products.database.query('UPDATE stock SET version = version + 1, on_hand = 9 WHERE variant_id = $1', [
    variant.id,
  ]);
  const older = { 'older states told again': 1 };
  expect(await reconcile()).toEqual([older, older]);
  await eventually(() => {
    expect(last(told.product, product.id)?.payload).toMatchObject({ title: 'Told again', status: 'PUBLISHED' });
    expect(last(told.stock, variant.id)?.payload).toMatchObject({ onHand: 9, available: 9 });
  });
  expect(await reconcile()).toEqual([{}, {}]);
});

test('an older state that was put last is covered by the newest again', async () => {
  const { product } = await makeOnSale(products, 1);
  expect(await reconcile()).toEqual([{}, {}]);
  const draft = told.product.find(({ subject }) => subject === product.id) as DomainEvent;
  await products.kafka.publish([draft]);
  expect(await reconcile()).toEqual([{ 'older states told again': 1 }, {}]);
  await eventually(() => expect(last(told.product, product.id)?.payload).toMatchObject({ version: product.version }));
});

test('an order that is said again, by an event of its own, is a repetition', async () => {
  const { variant } = await makeOnSale(products, 10);
  const lines = [{ variantId: variant.id, quantity: 3 }];
  const [kept, cancelled, shipped] = [newId(), newId(), newId()];
  const say = async (orderId: string, event: DomainEvent, status: string) => {
    await products.kafka.publish([event]);
    await eventually(async () => expect(await statusOf(products, orderId)).toBe(status));
  };
  await say(kept, orderPlaced(lines, kept), 'MADE');
  await say(cancelled, orderPlaced(lines, cancelled), 'MADE');
  await say(cancelled, orderCancelled(cancelled), 'RELEASED');
  await say(shipped, orderPlaced(lines, shipped), 'MADE');
  await say(shipped, orderShipped(shipped), 'CONSUMED');
  const levels = await levelsOf(products, variant.id);
  expect(levels).toMatchObject({ on_hand: 7, reserved: 3 });
  const again = [
    orderPlaced(lines, kept),
    orderPlaced(lines, cancelled),
    orderCancelled(cancelled),
    orderShipped(shipped),
  ];
  await products.kafka.publish(again);
  // Each order has a partition of its own: what follows it there is applied after it.
  for (const orderId of [kept, cancelled, shipped]) await products.kafka.publish([orderPlaced(lines, orderId)]);
  await products.kafka.caughtUp({ subgraph: 'products', reaction: 'keep-reservations', topic: TOPICS.order });
  expect(await levelsOf(products, variant.id)).toEqual(levels);
  const types = (orderId: string) =>
    told.reservation.filter(({ subject }) => subject === orderId).map(({ type }) => type);
  await eventually(() => {
    expect(types(kept)).toEqual(['reservation.made']);
    expect(types(cancelled)).toEqual(['reservation.made', 'reservation.released']);
    expect(types(shipped)).toEqual(['reservation.made', 'reservation.consumed']);
  });
});

test('what became of reservations is told to services of the shop alone, as are those that are held', async () => {
  const { variant } = await makeOnSale(products, 5);
  const orderId = newId();
  await products.kafka.publish([orderPlaced([{ variantId: variant.id, quantity: 1 }], orderId)]);
  await eventually(async () => expect(await statusOf(products, orderId)).toBe('MADE'));
  const query = `query ($ids: [ID!]!, $after: ID) {
    reservationsOfOrders(orderIds: $ids) { orderId status } heldReservations(after: $after) { orderId status } }`;
  const variables = { ids: [orderId, newId(), 'no id'], after: null };
  await products.database.query(`UPDATE reservation SET made_at = now() - interval '2 minutes' WHERE order_id = $1`, [
    orderId,
  ]);
  const mine = { orderId, status: 'MADE' };
  const { result } = await products.askAsCart<{ reservationsOfOrders: unknown[]; heldReservations: unknown[] }>(
    query,
    variables,
  );
  expect(result?.reservationsOfOrders).toEqual([mine]);
  expect(result?.heldReservations).toEqual([mine]);
  for (const field of [`reservationsOfOrders(orderIds: ["${orderId}"])`, 'heldReservations']) {
    const { errors } = await products.router.ask(`{ ${field} { orderId } }`);
    expect(errors.map(({ extensions }) => extensions?.code)).toEqual(['FORBIDDEN']);
  }
});
