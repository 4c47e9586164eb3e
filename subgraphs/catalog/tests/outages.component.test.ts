import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { TOPICS } from '@ebuy/events';
import { startService } from '@ebuy/runtime';
import { asRouter, eventually, openTestKafka, openTestMongo, testKey, wireTo } from '@ebuy/testing';
import { describe, expect, test } from '@jest/globals';
import { createApp } from '../src/app.ts';
import { payloadOf } from '../src/domain/event.ts';
import type { ProductDocument } from '../src/store/document.ts';
import { product, productEvent, stockEvent } from './histories.ts';
import { settingsOf } from './shop.ts';

const PAGE = 'query ($slug: String!) { product(slug: $slug) { title availability } }';

describe('outages', () => {
  test('MongoDB is late, goes and comes back: requests say so, events wait, the page is right in the end', async () => {
    const [mongo, kafka] = [await openTestMongo('catalog'), await openTestKafka()];
    const wire = await wireTo(mongo.url);
    await wire.cut();
    const routerKey = testKey();
    const settings = settingsOf({
      mongodbUrl: wire.url,
      namespace: kafka.namespace,
      identityVerifyKeys: { router: routerKey },
    });
    const starting = startService('catalog', settings, createApp);
    await new Promise((resolve) => setTimeout(resolve, 300));
    await wire.join();
    const service = await starting;
    const router = asRouter({ name: 'catalog', port: service.port, key: routerKey });
    const ready = async () => (await fetch(`http://127.0.0.1:${service.adminPort}/readyz`)).status;
    const state = product();
    const page = () => router.ask<{ product: object | null }>(PAGE, { slug: state.slug });
    await kafka.publish([productEvent(state)]);
    await eventually(async () => expect((await page()).result?.product).toMatchObject({ title: 'A lamp' }));
    await eventually(async () => expect(await ready()).toBe(200));

    await wire.cut();
    const away = await page();
    expect([away.result, away.errors[0]?.extensions?.code]).toEqual([{ product: null }, 'SERVICE_UNAVAILABLE']);
    expect(await ready()).toBe(503);
    await kafka.publish([
      productEvent({ ...state, version: 2, title: 'A new lamp' }),
      stockEvent(state.productId, state.variants[0]!.variantId, 1, 9),
    ]);

    await wire.join();
    await eventually(async () =>
      expect((await page()).result?.product).toEqual({ title: 'A new lamp', availability: 'IN_STOCK' }),
    );
    await eventually(async () => expect(await ready()).toBe(200));
    const products = mongo.connection.collection('products');
    await eventually(async () => expect(await products.countDocuments({ pendingSince: { $exists: true } })).toBe(0));
    await router.close();
    await service.stop();
    await wire.cut();
    await kafka.close();
    await mongo.drop();
  });

  test('Redis is away: pages are served and told, and the service is ready all the same', async () => {
    const [mongo, kafka] = [await openTestMongo('catalog'), await openTestKafka()];
    const routerKey = testKey();
    const service = await startService(
      'catalog',
      settingsOf({
        mongodbUrl: mongo.url,
        namespace: kafka.namespace,
        identityVerifyKeys: { router: routerKey },
        redisUrl: 'redis://127.0.0.1:1',
      }),
      createApp,
    );
    const router = asRouter({ name: 'catalog', port: service.port, key: routerKey });
    const state = product();
    await kafka.publish([productEvent(state)]);
    await eventually(async () => {
      expect((await router.ask<{ product: object | null }>(PAGE, { slug: state.slug })).result?.product).not.toBeNull();
    });
    await eventually(async () =>
      expect((await fetch(`http://127.0.0.1:${service.adminPort}/readyz`)).status).toBe(200),
    );
    await router.close();
    await service.stop();
    await kafka.close();
    await mongo.drop();
  });

  test('killed with kill -9 again and again while products change: what was told last is what is kept', async () => {
    const [mongo, kafka] = [await openTestMongo('catalog'), await openTestKafka()];
    const told = await kafka.watch(TOPICS.catalogProduct);
    const settings = settingsOf({ mongodbUrl: mongo.url, namespace: kafka.namespace });
    const children: ChildProcess[] = [];
    const start = async () => {
      const child = spawn(process.execPath, [fileURLToPath(new URL('../src/main.ts', import.meta.url))], {
        stdio: ['ignore', 'pipe', 'inherit'],
        env: {
          PATH: process.env.PATH,
          PORT: '0',
          ADMIN_PORT: '0',
          MONGODB_URL: settings.mongodbUrl,
          KAFKA_BROKERS: settings.kafkaBrokers.join(','),
          EBUY_NAMESPACE: settings.namespace,
          REDIS_URL: settings.redisUrl,
          IDENTITY_VERIFY_KEYS: JSON.stringify(settings.identityVerifyKeys),
        },
      });
      children.push(child);
      await once(child.stdout!, 'data');
      child.stdout!.resume();
      return child;
    };
    const states = Array.from({ length: 3 }, () => product());
    const products = mongo.connection.collection<ProductDocument>('products');
    try {
      let child = await start();
      let version = 0;
      for (let kill = 0; kill < 3; kill += 1) {
        const before = told.events.length;
        for (let change = 0; change < 8; change += 1) {
          version += 1;
          await kafka.publish(
            states.map((state) => stockEvent(state.productId, state.variants[0]!.variantId, version, version)),
          );
          await kafka.publish(states.map((state) => productEvent({ ...state, version, title: `Title ${version}` })));
        }
        await eventually(() => expect(told.events.length).toBeGreaterThan(before), { timeoutMs: 90_000 });
        child.kill('SIGKILL');
        await once(child, 'exit');
        child = await start();
      }
      for (const { productId } of states) {
        await eventually(
          async () => {
            const kept = (await products.findOne({ _id: productId })) as ProductDocument | null;
            expect(kept?.shown).toMatchObject({ title: 'Title 24', variants: [{ availableQuantity: 24 }] });
            expect(kept?.pendingSince).toBeUndefined();
            const versions = told.events.filter(({ subject }) => subject === productId).map(({ payload }) => payload);
            expect(versions.at(-1)).toEqual(payloadOf(kept!));
          },
          { timeoutMs: 120_000 },
        );
      }
    } finally {
      await Promise.all(
        children.map(async (child) => {
          if (child.exitCode !== null || child.signalCode !== null) return;
          const ended = once(child, 'exit');
          child.kill('SIGKILL');
          await ended;
        }),
      );
      await kafka.close();
      await mongo.drop();
    }
  }, 400_000);
});
