import { newEvent } from '@ebuy/events';
import { newId } from '@ebuy/kernel';
import { startService } from '@ebuy/runtime';
import { asRouter, eventually, openTestKafka, openTestMongo, testKey, wireTo } from '@ebuy/testing';
import { describe, expect, test } from '@jest/globals';
import { createApp } from '../src/app.ts';
import type { Settings } from '../src/config.ts';

const routerKey = testKey();
const settingsOf = (more: Pick<Settings, 'mongodbUrl' | 'kafkaBrokers' | 'namespace'>): Settings => ({
  host: '127.0.0.1',
  port: 0,
  adminPort: 0,
  logLevel: 'silent',
  environment: 'test',
  identityVerifyKeys: { router: routerKey },
  identitySignKeys: { products: testKey() },
  productsUrl: 'http://127.0.0.1:1/graphql',
  accessTokenSecret: testKey(),
  ...more,
});

const CREATE = 'mutation { createCart(input: {}) { cart { id version } accessToken } }';
const READ = 'query ($id: ID!, $token: String) { cart(id: $id, accessToken: $token) { id version } }';

describe('outages', () => {
  test('MongoDB is late, goes and comes back: requests say so, a confirmed order waits, nothing is lost', async () => {
    const mongo = await openTestMongo('cart');
    const kafka = await openTestKafka();
    const wire = await wireTo(mongo.url);
    await wire.cut();
    const settings = settingsOf({
      mongodbUrl: wire.url,
      kafkaBrokers: [...kafka.settings.brokers],
      namespace: kafka.namespace,
    });
    const starting = startService('cart', settings, createApp);
    await new Promise((resolve) => setTimeout(resolve, 300));
    await wire.join();
    const service = await starting;
    const router = asRouter({ name: 'cart', port: service.port, key: routerKey });
    const ready = async () => (await fetch(`http://127.0.0.1:${service.adminPort}/readyz`)).status;
    const { result } = await router.ask<{ createCart: { cart: { id: string }; accessToken: string } }>(CREATE);
    const { cart, accessToken: token } = result?.createCart ?? { cart: { id: '' }, accessToken: '' };
    const read = () => router.ask<{ cart: { version: number } | null }>(READ, { id: cart.id, token });
    await eventually(async () => expect(await ready()).toBe(200));

    await wire.cut();
    const away = await read();
    expect([away.result, away.errors[0]?.extensions?.code]).toEqual([{ cart: null }, 'SERVICE_UNAVAILABLE']);
    expect(await ready()).toBe(503);
    const line = { orderLineId: newId(), productId: newId(), variantId: newId(), sku: 'SKU', quantity: 1 };
    const total = { amountMinor: 1, currency: 'EUR' };
    const order = { orderId: newId(), cartId: cart.id, userId: null, total, lines: [line] };
    await kafka.publish([newEvent('order.confirmed', order, { correlationId: 'test', causationId: null })]);

    await wire.join();
    await eventually(async () => expect((await read()).result?.cart?.version).toBe(2));
    await eventually(async () => expect(await ready()).toBe(200));
    const carts = mongo.connection.collection('carts');
    await eventually(async () => expect(await carts.countDocuments({ pendingSince: { $exists: true } })).toBe(0));
    await router.close();
    await service.stop();
    await wire.cut();
    await kafka.close();
    await mongo.drop();
  });

  test('Kafka is away: carts work, their events wait', async () => {
    const mongo = await openTestMongo('cart');
    const settings = settingsOf({ mongodbUrl: mongo.url, kafkaBrokers: ['127.0.0.1:1'], namespace: 'away.' });
    const service = await startService('cart', settings, createApp);
    const router = asRouter({ name: 'cart', port: service.port, key: routerKey });
    const { result, errors } = await router.ask<{ createCart: { cart: { id: string } } }>(CREATE);
    expect(errors).toEqual([]);
    const kept = await mongo.connection.collection('carts').findOne({});
    expect(kept).toMatchObject({
      _id: result?.createCart.cart.id,
      pendingSince: expect.any(Date),
      pendingEvents: [{ topic: 'ebuy.cart.cart.v1' }],
    });
    expect((await fetch(`http://127.0.0.1:${service.adminPort}/readyz`)).status).toBe(503);
    await router.close();
    await service.stop();
    await mongo.drop();
  });
});
