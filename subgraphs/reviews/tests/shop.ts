/** A reviews service on real engines, and what the rest of the shop would tell it. */
import { CONSUMER_GROUPS, type DomainEvent, newEvent } from '@ebuy/events';
import { newId } from '@ebuy/kernel';
import { type Caller, type GraphAnswer, type RunningService, startService } from '@ebuy/runtime';
import {
  asRouter,
  eventually,
  openTestKafka,
  openTestMongo,
  shopper,
  staff,
  type TestKafka,
  type TestMongo,
  testKey,
} from '@ebuy/testing';
import { expect } from '@jest/globals';
import type { mongo } from 'mongoose';
import { createApp } from '../src/app.ts';
import type { Settings } from '../src/config.ts';
import type { ProductDocument, PurchaseDocument, RatingDocument, ReviewDocument } from '../src/store/documents.ts';

export const REVIEW =
  'id stars title body verifiedPurchase status version createdAt author { displayName } product { id }';
const PAYLOAD = `review { ${REVIEW} } userErrors { code message field }`;
export const TRACE = { correlationId: 'test', causationId: null };

export interface ReviewSeen {
  readonly id: string;
  readonly stars: number;
  readonly title: string;
  readonly body: string;
  readonly verifiedPurchase: boolean;
  readonly status: 'PENDING' | 'PUBLISHED' | 'REJECTED';
  readonly version: number;
  readonly createdAt: string;
  readonly author: { readonly displayName: string | null };
  readonly product: { readonly id: string };
}

export interface Payload {
  readonly review: ReviewSeen | null;
  readonly userErrors: readonly { readonly code: string; readonly message: string; readonly field: string[] | null }[];
}

export interface PageSeen {
  readonly totalCount: number;
  readonly nodes: readonly ReviewSeen[];
  readonly pageInfo: {
    readonly hasNextPage: boolean;
    readonly hasPreviousPage: boolean;
    readonly endCursor: string | null;
  };
}

const PAGE = `totalCount nodes { ${REVIEW} } pageInfo { hasNextPage hasPreviousPage endCursor }`;

export const moderator = staff(['reviews:moderate']);

/** A shopper whom nobody has seen before. */
export const someone = (more: Partial<Caller> = {}) => shopper(crypto.randomUUID(), more);

export const codes = ({ userErrors }: Pick<Payload, 'userErrors'>): string[] => userErrors.map(({ code }) => code);

interface Kept {
  readonly reviews: mongo.Collection<ReviewDocument>;
  readonly ratings: mongo.Collection<RatingDocument & { _id: string }>;
  readonly purchases: mongo.Collection<PurchaseDocument & { _id: string }>;
  readonly products: mongo.Collection<ProductDocument>;
}

export interface ReviewsShop {
  readonly mongo: TestMongo;
  readonly kafka: TestKafka;
  readonly settings: Settings;
  readonly kept: Kept;
  ask<Result>(query: string, variables?: Record<string, unknown>, caller?: Caller): Promise<GraphAnswer<Result>>;
  readyz(): Promise<number>;
  restart(): Promise<void>;
  close(): Promise<void>;
}

interface ShopOptions {
  /** Another replica: on the same engines. */
  readonly shares?: ReviewsShop;
  readonly settings?: Partial<Settings>;
}

export async function openShop(more: ShopOptions = {}): Promise<ReviewsShop> {
  const { shares } = more;
  const [mongo, kafka] = shares
    ? [shares.mongo, shares.kafka]
    : await Promise.all([openTestMongo('reviews'), openTestKafka()]);
  const routerKey = testKey();
  const settings: Settings = {
    host: '127.0.0.1',
    port: 0,
    adminPort: 0,
    logLevel: 'silent',
    environment: 'test',
    namespace: kafka.namespace,
    kafkaBrokers: [...kafka.settings.brokers],
    identityVerifyKeys: { router: routerKey },
    mongodbUrl: mongo.url,
    reconcileMinutes: 60,
    ...more.settings,
  };
  let service: RunningService = await startService('reviews', settings, createApp);
  let router = asRouter({ name: 'reviews', port: service.port, key: routerKey });
  const stop = async () => {
    await router.close();
    await service.stop();
  };
  const { db } = mongo.connection;
  if (db === undefined) throw new Error('No database');
  const kept: Kept = {
    reviews: db.collection<ReviewDocument>('reviews') as unknown as mongo.Collection<ReviewDocument>,
    ratings: db.collection('ratings') as unknown as mongo.Collection<RatingDocument & { _id: string }>,
    purchases: db.collection('purchases') as unknown as mongo.Collection<PurchaseDocument & { _id: string }>,
    products: db.collection('products') as unknown as mongo.Collection<ProductDocument>,
  };
  return {
    mongo,
    kafka,
    settings,
    kept,
    ask: <Result>(query: string, variables?: Record<string, unknown>, caller?: Caller) =>
      router.ask<Result>(query, variables, caller),
    readyz: async () => (await fetch(`http://127.0.0.1:${service.adminPort}/readyz`)).status,
    async restart() {
      await stop();
      service = await startService('reviews', settings, createApp);
      router = asRouter({ name: 'reviews', port: service.port, key: routerKey });
    },
    async close() {
      await stop();
      if (shares === undefined) await Promise.all([kafka.close(), mongo.drop()]);
    },
  };
}

/** What shoppers and staff do. A mutation throws when it fails instead of being refused. */
export function peopleOf(shop: Pick<ReviewsShop, 'ask'>) {
  const mutate = async (name: string, input: object, caller: Caller): Promise<Payload> => {
    const type = `${name[0]?.toUpperCase()}${name.slice(1)}Input`;
    const { result, errors } = await shop.ask<Record<string, Payload>>(
      `mutation ($input: ${type}!) { ${name}(input: $input) { ${PAYLOAD} } }`,
      { input },
      caller,
    );
    const payload = result?.[name];
    if (!payload) throw new Error(`${name} failed: ${JSON.stringify(errors)}`);
    return payload;
  };
  return {
    post: (caller: Caller, productId: string, more: object = {}) =>
      mutate(
        'postReview',
        { productId, stars: 4, title: 'As it should be', body: 'It does what it says.', ...more },
        caller,
      ),
    moderate: (reviewId: string, status: string, reason?: string) =>
      mutate('moderateReview', { reviewId, status, ...(reason === undefined ? {} : { reason }) }, moderator),
    async page(productId: string, first = 5, after: string | null = null, caller?: Caller): Promise<PageSeen> {
      const { result, errors } = await shop.ask<{ _entities: ({ reviews: PageSeen | null } | null)[] }>(
        `query ($of: [_Any!]!, $first: Int!, $after: String) {
          _entities(representations: $of) { ... on Product { reviews(first: $first, after: $after) { ${PAGE} } } } }`,
        { of: [{ __typename: 'Product', id: productId }], first, after },
        caller,
      );
      const page = result?._entities[0]?.reviews;
      if (!page) throw new Error(`No page: ${JSON.stringify(errors)}`);
      return page;
    },
    async staffPage(first: number, after: string | null = null, status: string | null = null): Promise<PageSeen> {
      const { result, errors } = await shop.ask<{ staffReviews: PageSeen | null }>(
        `query ($status: ReviewStatus, $first: Int!, $after: String) {
          staffReviews(status: $status, first: $first, after: $after) { ${PAGE} } }`,
        { status, first, after },
        moderator,
      );
      if (!result?.staffReviews) throw new Error(`No page: ${JSON.stringify(errors)}`);
      return result.staffReviews;
    },
  };
}

/** Once nothing waits to be told, and every review that was told of is counted: nobody but the test changes a rating then. */
export async function counted({ kafka, kept }: Pick<ReviewsShop, 'kafka' | 'kept'>): Promise<void> {
  await eventually(async () => expect(await kept.reviews.countDocuments({ pendingSince: { $exists: true } })).toBe(0));
  await kafka.caughtUp(CONSUMER_GROUPS.countRatings);
}

/** What other subgraphs tell. */
export function neighboursOf({ kafka, kept }: Pick<ReviewsShop, 'kafka' | 'kept'>) {
  return {
    /** A product on sale, once reviews knows it. */
    async product(productId = newId()): Promise<string> {
      await kafka.publish([productEvent(productId, 1, 'PUBLISHED')]);
      await eventually(async () => expect(await kept.products.findOne({ _id: productId })).not.toBeNull());
      return productId;
    },
    /** A confirmed order, once reviews has recorded it. */
    async purchase(userId: string | null, productIds: readonly string[], orderId = newId()): Promise<string> {
      await kafka.publish([confirmed(orderId, userId, productIds)]);
      await eventually(async () =>
        expect((await kept.purchases.findOne({ _id: orderId }))?.recordedAt).toBeInstanceOf(Date),
      );
      return orderId;
    },
    async cancel(orderId: string): Promise<void> {
      await kafka.publish([cancelled(orderId)]);
      await eventually(async () =>
        expect((await kept.purchases.findOne({ _id: orderId }))?.cancelledAt).toBeInstanceOf(Date),
      );
    },
  };
}

export function confirmed(orderId: string, userId: string | null, productIds: readonly string[]): DomainEvent {
  const lines = productIds.map((productId) => {
    return { orderLineId: newId(), productId, variantId: newId(), sku: 'SKU', quantity: 1 };
  });
  const total = { amountMinor: 1_000, currency: 'EUR' };
  return newEvent('order.confirmed', { orderId, cartId: newId(), userId, total, lines }, TRACE);
}

export const cancelled = (orderId: string): DomainEvent =>
  newEvent('order.cancelled', { orderId, reason: 'REQUESTED_BY_SHOPPER' }, TRACE);

export const erased = (userId: string): DomainEvent =>
  newEvent('user.erased', { userId, status: 'ERASED', version: 2 }, TRACE);

export function productEvent(
  productId: string,
  version: number,
  status: 'DRAFT' | 'PUBLISHED' | 'WITHDRAWN',
): DomainEvent {
  const at = new Date().toISOString();
  const payload = {
    ...{ productId, version, status, slug: `p-${productId}`, title: 'A product', descriptionHtml: '<p>Good.</p>' },
    ...{ vendor: null, productType: null, tags: [], options: [], images: [], collections: [] },
    ...{ createdAt: at, updatedAt: at, publishedAt: status === 'DRAFT' ? null : at },
    ...{ withdrawnAt: status === 'WITHDRAWN' ? at : null },
    variants: [
      {
        ...{ variantId: newId(), sku: `S-${productId}`, title: 'One', selectedOptions: [] },
        ...{ price: { amountMinor: 1_000, currency: 'EUR' }, compareAtPrice: null },
      },
    ],
  };
  return newEvent(status === 'WITHDRAWN' ? 'product.withdrawn' : 'product.changed', payload, TRACE);
}
