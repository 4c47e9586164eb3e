/** A catalog service on real engines; events are put on the topics as products and reviews do. */
import type { DomainEvent } from '@ebuy/events';
import { type Caller, type RunningService, startService } from '@ebuy/runtime';
import {
  asRouter,
  eventually,
  openTestKafka,
  openTestMongo,
  staff,
  type TestKafka,
  type TestMongo,
  testEngines,
  testKey,
} from '@ebuy/testing';
import type { mongo } from 'mongoose';
import { createApp } from '../src/app.ts';
import type { Settings } from '../src/config.ts';
import type { CollectionDocument, ProductDocument } from '../src/store/document.ts';

export const merchandiser = staff(['catalog:write']);

export interface CollectionPayload {
  readonly collection: { readonly id: string; readonly slug: string; readonly version: number } | null;
  readonly userErrors: readonly { readonly code: string; readonly message: string; readonly field: string[] | null }[];
}

export interface Shop {
  readonly kafka: TestKafka;
  readonly mongo: TestMongo;
  readonly settings: Settings;
  readonly routerKey: string;
  readonly products: mongo.Collection<ProductDocument>;
  readonly collections: mongo.Collection<CollectionDocument>;
  readonly adminPort: () => number;
  readonly port: () => number;
  readonly ask: ReturnType<typeof asRouter>['ask'];
  /** The answer's data. Throws when there is an error in it. */
  get<Result>(query: string, variables?: Record<string, unknown>, caller?: Caller): Promise<Result>;
  /** createCollection or updateCollection, as a merchandiser. */
  collect(name: 'createCollection' | 'updateCollection', input: Record<string, unknown>): Promise<CollectionPayload>;
  /** A new collection's id. */
  collection(input: Record<string, unknown>): Promise<string>;
  tell(...events: readonly DomainEvent[]): Promise<void>;
  /** The document once the check passes. */
  sees(productId: string, check: (document: ProductDocument) => void): Promise<ProductDocument>;
  restart(): Promise<void>;
  stop(): Promise<void>;
  close(): Promise<void>;
}

export function settingsOf(more: Partial<Settings> & Pick<Settings, 'mongodbUrl' | 'namespace'>): Settings {
  return {
    host: '127.0.0.1',
    port: 0,
    adminPort: 0,
    logLevel: 'silent',
    environment: 'test',
    kafkaBrokers: [testEngines().kafka],
    identityVerifyKeys: { router: testKey() },
    redisUrl: testEngines().redis,
    reconcileMinutes: 60,
    ...more,
  };
}

export async function openShop(): Promise<Shop> {
  const [mongo, kafka] = await Promise.all([openTestMongo('catalog'), openTestKafka()]);
  const routerKey = testKey();
  const identityVerifyKeys = { router: routerKey };
  const settings = settingsOf({ mongodbUrl: mongo.url, namespace: kafka.namespace, identityVerifyKeys });
  let service: RunningService | undefined;
  let router: ReturnType<typeof asRouter> | undefined;
  const start = async () => {
    service = await startService('catalog', settings, createApp);
    router = asRouter({ name: 'catalog', port: service.port, key: routerKey });
  };
  const stop = async () => {
    await router?.close();
    await service?.stop();
    service = undefined;
  };
  const database = mongo.connection.db!;
  const products = database.collection<ProductDocument>('products') as unknown as Shop['products'];
  await start();
  const shop: Shop = {
    kafka,
    mongo,
    settings,
    routerKey,
    products,
    collections: database.collection<CollectionDocument>('collections') as unknown as Shop['collections'],
    adminPort: () => service!.adminPort,
    port: () => service!.port,
    ask: (query, variables, caller) => router!.ask(query, variables, caller),
    async get<Result>(query: string, variables?: Record<string, unknown>, caller?: Caller) {
      const { result, errors } = await router!.ask<Result>(query, variables, caller);
      if (errors.length > 0 || !result) throw new Error(JSON.stringify(errors));
      return result;
    },
    async collect(name, input) {
      const type = `${name[0]?.toUpperCase()}${name.slice(1)}Input`;
      const query = `mutation ($input: ${type}!) { ${name}(input: $input) { collection { id slug version } userErrors { code message field } } }`;
      const { [name]: payload } = await shop.get<Record<string, CollectionPayload>>(query, { input }, merchandiser);
      return payload!;
    },
    async collection(input) {
      const { collection, userErrors } = await shop.collect('createCollection', input);
      if (collection === null) throw new Error(JSON.stringify(userErrors));
      return collection.id;
    },
    tell: (...events) => kafka.publish(events),
    sees: (productId, check) =>
      eventually(async () => {
        const document = await products.findOne({ _id: productId });
        if (document === null) throw new Error('no such document');
        check(document as ProductDocument);
        return document as ProductDocument;
      }),
    async restart() {
      await stop();
      await start();
    },
    stop,
    async close() {
      await stop();
      await Promise.all([kafka.close(), mongo.drop()]);
    },
  };
  return shop;
}
