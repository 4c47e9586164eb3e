/** A cart service on real engines, with a neighbour that answers as products does. */
import { newId } from '@ebuy/kernel';
import { type Caller, type RunningService, startService } from '@ebuy/runtime';
import {
  asRouter,
  openTestKafka,
  openTestMongo,
  shopper,
  startNeighbour,
  type TestKafka,
  type TestMongo,
  testKey,
} from '@ebuy/testing';
import type { mongo } from 'mongoose';
import { createApp } from '../src/app.ts';
import type { Settings } from '../src/config.ts';
import type { CartDocument } from '../src/store/document.ts';

export const CART = `id version currency
  lines { id quantity unitPrice { amountMinor currency } lineTotal { amountMinor currency } priceIsCurrent variant { id } }
  subtotal { amountMinor currency }`;
const PAYLOAD = `cart { ${CART} } userErrors { code message field }`;
const LINES = 'id version currency lines { id quantity variant { id } }';

export interface CartSeen {
  readonly id: string;
  readonly version: number;
  readonly currency: string | null;
  readonly lines: readonly {
    readonly id: string;
    readonly quantity: number;
    readonly unitPrice: { readonly amountMinor: number; readonly currency: string };
    readonly lineTotal: { readonly amountMinor: number } | null;
    readonly priceIsCurrent: boolean;
    readonly variant: { readonly id: string };
  }[];
  readonly subtotal: { readonly amountMinor: number; readonly currency: string } | null;
}

export interface Payload {
  readonly cart: CartSeen | null;
  readonly accessToken?: string | null;
  readonly userErrors: readonly { readonly code: string; readonly message: string; readonly field: string[] | null }[];
}

interface Variant {
  amountMinor: number;
  currency: string;
  available: number;
  published: boolean;
}

/** What products knows, and what was asked of it. */
export class Catalogue {
  readonly variants = new Map<string, Variant>();
  readonly asked: { readonly ids: readonly string[]; readonly caller: Caller; readonly service: string }[] = [];
  /** 'slow' is beyond cart's patience. */
  mood: 'well' | 'failing' | 'slow' | 'odd' = 'well';

  add(more: Partial<Variant> = {}): string {
    const id = newId();
    this.variants.set(id, { amountMinor: 1_000, currency: 'EUR', available: 1_000, published: true, ...more });
    return id;
  }

  reprice(id: string, amountMinor: number): void {
    const variant = this.variants.get(id);
    if (variant) variant.amountMinor = amountMinor;
  }

  async answer(ids: readonly string[]) {
    if (this.mood === 'failing') return { errorCode: 'SERVICE_UNAVAILABLE' };
    if (this.mood === 'odd') return { data: { purchasableVariants: [{ variantId: ids[0], price: 'free' }] } };
    if (this.mood === 'slow') await new Promise((resolve) => setTimeout(resolve, 1_500));
    const known = ids.flatMap((variantId) => {
      const variant = this.variants.get(variantId);
      if (!variant) return [];
      const { amountMinor, currency, available, published } = variant;
      return [{ variantId, price: { amountMinor, currency }, available, published }];
    });
    return { data: { purchasableVariants: known } };
  }
}

export interface Shop {
  readonly catalogue: Catalogue;
  readonly kafka: TestKafka;
  readonly mongo: TestMongo;
  readonly carts: mongo.Collection<CartDocument>;
  readonly settings: Settings;
  readonly ask: ReturnType<typeof asRouter>['ask'];
  /** A mutation of a cart by its name. Throws when it fails instead of being refused. */
  change(name: string, input: Record<string, unknown>, caller?: Caller): Promise<Payload>;
  read(id: string, accessToken?: string | null, caller?: Caller): Promise<CartSeen | null>;
  /** A guest's cart with these lines. */
  guest(...lines: readonly [variantId: string, quantity: number][]): Promise<{ cart: CartSeen; accessToken: string }>;
  restart(): Promise<void>;
  close(): Promise<void>;
}

/** `patience`: with products; as long as a busy machine takes, unless that it ends is under test. */
export async function openShop(patience: { readonly deadlineMs?: number } = { deadlineMs: 20_000 }): Promise<Shop> {
  const [mongo, kafka] = await Promise.all([openTestMongo('cart'), openTestKafka()]);
  const [routerKey, productsKey] = [testKey(), testKey()];
  const catalogue = new Catalogue();
  const products = await startNeighbour('products', { cart: productsKey }, ({ variables, caller, service }) => {
    const ids = variables.ids as string[];
    catalogue.asked.push({ ids, caller, service });
    return catalogue.answer(ids);
  });
  const settings: Settings = {
    host: '127.0.0.1',
    port: 0,
    adminPort: 0,
    logLevel: 'silent',
    environment: 'test',
    namespace: kafka.namespace,
    kafkaBrokers: [...kafka.settings.brokers],
    identityVerifyKeys: { router: routerKey },
    identitySignKeys: { products: productsKey },
    mongodbUrl: mongo.url,
    productsUrl: products.url,
    accessTokenSecret: testKey(),
  };
  const start = () => startService('cart', settings, (given, tools) => createApp(given, tools, patience));
  let service: RunningService = await start();
  let router = asRouter({ name: 'cart', port: service.port, key: routerKey });
  const stop = async () => {
    await router.close();
    await service.stop();
  };
  const shop: Shop = {
    catalogue,
    kafka,
    mongo,
    carts: mongo.connection.db!.collection<CartDocument>('carts') as never,
    settings,
    ask: (query, variables, caller) => router.ask(query, variables, caller),
    async change(name, input, caller) {
      const token = name === 'createCart' ? ' accessToken' : '';
      const type = `${name[0]?.toUpperCase()}${name.slice(1)}Input`;
      const { result, errors } = await router.ask<Record<string, Payload>>(
        `mutation ($input: ${type}!) { ${name}(input: $input) { ${PAYLOAD}${token} } }`,
        { input },
        caller,
      );
      const payload = result?.[name];
      if (!payload) throw new Error(`${name} failed: ${JSON.stringify(errors)}`);
      return payload;
    },
    async read(id, accessToken = null, caller) {
      const { result } = await router.ask<{ cart: CartSeen | null }>(
        `query ($id: ID!, $accessToken: String) { cart(id: $id, accessToken: $accessToken) { ${LINES} } }`,
        { id, accessToken },
        caller,
      );
      return result?.cart ?? null;
    },
    async guest(...lines) {
      const input = { lines: lines.map(([variantId, quantity]) => ({ variantId, quantity })) };
      const { cart, accessToken, userErrors } = await shop.change('createCart', input);
      if (!cart || !accessToken) throw new Error(`No cart: ${JSON.stringify(userErrors)}`);
      return { cart, accessToken };
    },
    async restart() {
      await stop();
      service = await start();
      router = asRouter({ name: 'cart', port: service.port, key: routerKey });
    },
    async close() {
      await stop();
      await Promise.all([products.close(), kafka.close(), mongo.drop()]);
    },
  };
  return shop;
}

/** A shopper whom nobody has seen before. */
export const someone = () => shopper(crypto.randomUUID());

export const codes = ({ userErrors }: Pick<Payload, 'userErrors'>): string[] => userErrors.map(({ code }) => code);

export const quantitiesOf = (cart: Pick<CartSeen, 'lines'> | null): Record<string, number> =>
  Object.fromEntries((cart?.lines ?? []).map(({ variant, quantity }) => [variant.id, quantity]));
