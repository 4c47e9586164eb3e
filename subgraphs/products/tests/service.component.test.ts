import { newId } from '@ebuy/kernel';
import { createLogger } from '@ebuy/runtime';
import { eventually } from '@ebuy/testing';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Gauge, Registry } from 'prom-client';
import { reportStrays } from '../src/commands/report-strays.ts';
import { type Database, openDatabase } from '../src/store/index.ts';
import { makeOnSale, orderPlaced, type Products, startProducts, statusOf } from './fixture.ts';

let products: Products;
let database: Database;

beforeAll(async () => {
  products = await startProducts();
  database = openDatabase(products.database.url);
});

afterAll(async () => {
  await database?.$disconnect();
  await products?.stop();
});

test('the Prisma schema and the migrations agree on every table and column', async () => {
  await makeOnSale(products, 1);
  const tables = [
    'product',
    'productOption',
    'productImage',
    'variant',
    'stock',
    'stockMovement',
    'reservation',
  ] as const;
  for (const table of tables) await (database[table] as { findFirst(): Promise<unknown> }).findFirst();
  await Promise.all([
    database.reservationLine.findFirst(),
    database.outbox.findFirst(),
    database.inbox.findFirst(),
    database.idempotencyKey.findFirst(),
  ]);
});

test('is ready once its engines and its reactions are there', async () => {
  const report = await eventually(async () => {
    const response = await fetch(`http://127.0.0.1:${products.services[0]?.adminPort}/readyz`);
    expect(response.status).toBe(200);
    return (await response.json()) as { checks: Record<string, boolean> };
  });
  expect(report.checks).toEqual({ postgresql: true, reactions: true, kafka: true });
});

test('reports a reservation that outlived its order, and leaves it alone', async () => {
  const { variant } = await makeOnSale(products, 2);
  const placed = orderPlaced([{ variantId: variant.id, quantity: 1 }]);
  const { orderId } = placed.payload;
  await products.kafka.publish([placed]);
  await eventually(async () => expect(await statusOf(products, orderId)).toBe('MADE'));
  const gauge = new Gauge({ name: 'strays', help: 'strays', registers: [new Registry()] });
  const options = { afterHours: 24, gauge, logger: createLogger('products', 'silent') };
  expect(await reportStrays(database, options)).toBe(0);
  await products.database.query("UPDATE reservation SET made_at = now() - interval '25 hours' WHERE order_id = $1", [
    orderId,
  ]);
  expect(await reportStrays(database, options)).toBe(1);
  expect((await gauge.get()).values[0]?.value).toBe(1);
  expect(await statusOf(products, orderId)).toBe('MADE');
});

test('what was asked without the signature of a service of the shop is not answered', async () => {
  const response = await fetch(`http://127.0.0.1:${products.services[0]?.port}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: '{ __typename }', variables: { id: newId() } }),
  });
  expect(response.status).toBe(401);
});
