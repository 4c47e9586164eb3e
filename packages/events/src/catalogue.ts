/**
 * Every event of the shop, by type: which topic it travels on, what keys it, and the shape of its `data`.
 *
 * An event's type is `<aggregate>.<pastParticiple>`; its topic `ebuy.<subgraph>.<aggregate>.v<major>`. All events of one
 * aggregate share a topic and a key, so that Kafka keeps them in the order in which they were committed.
 * State topics carry the aggregate's whole state and version and are compacted: a read model is rebuilt from them at any time.
 * Saga topics keep 30 days. No event carries a name, an address or an e-mail: ids only, asked of their owner, so that
 * erasure is possible.
 *
 * Within a major version a schema only grows: fields are added as optional, never removed or narrowed
 * (tests/catalogue.test.ts holds each against its committed sample).
 */
import { z } from 'zod';

const id = z.uuid();
const minor = z.number().int().refine(Number.isSafeInteger, 'must be a safe integer of minor units');
const currency = z.string().regex(/^[A-Z]{3}$/);
const quantity = z.number().int().min(1).max(999);
const count = z.number().int().nonnegative();
const version = z.number().int().min(1);
const at = z.iso.datetime();
const money = z.object({ amountMinor: minor, currency });

const orderedLine = z.object({ orderLineId: id, productId: id, variantId: id, sku: z.string(), quantity });
const reservedLine = z.object({ variantId: id, quantity });
const shortage = z.object({ variantId: id, sku: z.string().nullable(), requested: quantity, available: count });

/** Why an order was cancelled. */
export const CANCELLATION_REASONS = [
  'OUT_OF_STOCK',
  'PAYMENT_NOT_COMPLETED',
  'STOCK_NOT_CONFIRMED',
  'REQUESTED_BY_SHOPPER',
  'REQUESTED_BY_STAFF',
] as const;

const order = {
  'order.placed': z.object({ orderId: id, cartId: id, total: money, lines: z.array(orderedLine).min(1).max(100) }),
  'order.paymentRequested': z.object({ orderId: id, attemptId: id, amount: money, paymentMethod: z.string().max(255) }),
  'order.confirmed': z.object({
    orderId: id,
    cartId: id,
    userId: z.string().nullable(),
    total: money,
    lines: z.array(orderedLine).min(1).max(100),
  }),
  'order.cancelled': z.object({ orderId: id, reason: z.enum(CANCELLATION_REASONS) }),
  'order.shipped': z.object({ orderId: id }),
  'order.delivered': z.object({ orderId: id }),
};

const reservation = {
  'reservation.made': z.object({ orderId: id, lines: z.array(reservedLine).min(1).max(100) }),
  'reservation.refused': z.object({ orderId: id, shortages: z.array(shortage).min(1).max(100) }),
  'reservation.consumed': z.object({ orderId: id, lines: z.array(reservedLine).min(1).max(100) }),
  'reservation.released': z.object({ orderId: id, lines: z.array(reservedLine).max(100) }),
};

const stock = {
  'stock.changed': z.object({
    variantId: id,
    productId: id,
    onHand: count,
    reserved: count,
    available: count,
    /** Units that left for orders since the variant was made: never falls. */
    sold: count.optional(),
    version,
  }),
};

const variant = z.object({
  variantId: id,
  sku: z.string(),
  title: z.string(),
  selectedOptions: z.array(z.object({ name: z.string(), value: z.string() })).max(3),
  price: money,
  compareAtPrice: money.nullable(),
});

/** What the products service and the read model both say of a product. */
const productFields = {
  productId: id,
  version,
  status: z.enum(['DRAFT', 'PUBLISHED', 'WITHDRAWN']),
  slug: z.string(),
  title: z.string(),
  descriptionHtml: z.string(),
  vendor: z.string().nullable(),
  productType: z.string().nullable(),
  tags: z.array(z.string()).max(250),
  options: z.array(z.object({ name: z.string(), values: z.array(z.string()) })).max(3),
  images: z
    .array(
      z.object({ url: z.string(), altText: z.string().nullable(), width: count.nullable(), height: count.nullable() }),
    )
    .max(250),
  createdAt: at,
  updatedAt: at,
  publishedAt: at.nullable(),
  withdrawnAt: at.nullable(),
};

const productState = z.object({
  ...productFields,
  /** Slugs: catalog decides membership by them, among others. */
  collections: z.array(z.string()).max(250),
  variants: z.array(variant).max(250),
});

const product = { 'product.changed': productState, 'product.withdrawn': productState };

const availability = z.enum(['IN_STOCK', 'LOW_STOCK', 'OUT_OF_STOCK']);
/** How many of one star, of two, … of five. */
const histogram = z.array(count).length(5);

/** One document a product, built by catalog from every source. Its version is the document's own, not the product's. */
const catalogProductState = z.object({
  ...productFields,
  collections: z.array(z.object({ collectionId: id, slug: z.string(), title: z.string() })).max(1_000),
  variants: z.array(variant.extend({ availability, availableQuantity: count })).max(250),
  availability,
  priceRange: z.object({ min: money, max: money }),
  rating: z.object({ average: z.number().min(1).max(5).nullable(), count, histogram }),
  /** Of all its variants together. */
  unitsSold: count,
  relatedProductIds: z.array(id).max(12),
});

/** `changed` while it is on sale; `withdrawn` for any state in which no shopper finds it, a draft's too. */
const catalogProduct = {
  'catalogProduct.changed': catalogProductState,
  'catalogProduct.withdrawn': catalogProductState,
};

const collection = {
  'collection.changed': z.object({
    collectionId: id,
    version,
    slug: z.string(),
    title: z.string(),
    description: z.string().nullable(),
    /** Members by hand, in their order. */
    productIds: z.array(id).max(1_000),
    /** Members by rule: all that is not null must hold. */
    rule: z
      .object({
        tag: z.string().nullable(),
        productType: z.string().nullable(),
        vendor: z.string().nullable(),
        maxPrice: money.nullable(),
      })
      .nullable(),
    createdAt: at,
    updatedAt: at,
  }),
};

/** A review's state in events: never its words or its author, who may want them forgotten. */
const reviewState = z.object({
  reviewId: id,
  productId: id,
  version,
  status: z.enum(['PENDING', 'PUBLISHED', 'REJECTED']),
  stars: z.number().int().min(1).max(5),
  verifiedPurchase: z.boolean(),
  createdAt: at,
  updatedAt: at,
});

const review = { 'review.posted': reviewState, 'review.moderated': reviewState };

const rating = { 'rating.changed': z.object({ productId: id, version, histogram }) };

/** Reviews has noted who may review what as bought. */
const purchase = { 'purchase.recorded': z.object({ orderId: id, productIds: z.array(id).min(1).max(100) }) };

const failure = z.object({ code: z.string().max(255), message: z.string().max(1_000) });
const settled = z.object({ orderId: id, paymentId: id, attemptId: id, amount: money });

const payment = {
  'payment.authorized': settled.extend({ expiresAt: at }),
  'payment.declined': settled.extend({ failure }),
  'payment.actionRequired': settled,
  'payment.captured': settled.omit({ attemptId: true }),
  'payment.captureFailed': settled.omit({ attemptId: true }).extend({ failure, willRetry: z.boolean() }),
  'payment.voided': settled.omit({ attemptId: true }),
  'payment.refunded': settled.omit({ attemptId: true }).extend({ refundId: id, refundedTotal: money }),
};

/** A user's state in events: the id and status only. */
const userState = z.object({ userId: z.string(), status: z.enum(['ACTIVE', 'ERASED']), version });
const user = { 'user.registered': userState, 'user.changed': userState, 'user.erased': userState };

const cart = {
  /** With the order whose lines it lost while it kept others; emptied by it, it says cart.emptied. */
  'cart.changed': z.object({ cartId: id, version, orderId: id.optional() }),
  'cart.emptied': z.object({ cartId: id, orderId: id, version }),
};

const schemas = {
  ...order,
  ...reservation,
  ...stock,
  ...product,
  ...catalogProduct,
  ...collection,
  ...review,
  ...rating,
  ...purchase,
  ...payment,
  ...user,
  ...cart,
};

export type EventType = keyof typeof schemas;
export type EventPayload<Type extends EventType> = z.infer<(typeof schemas)[Type]>;

/** What a topic keeps: `state` topics are compacted by key, `saga` topics keep 30 days. */
export type Retention = 'state' | 'saga';

export interface Topic {
  /** Name without the namespace. */
  readonly name: string;
  /** The subgraph that alone writes to it. */
  readonly owner: string;
  readonly retention: Retention;
}

export interface EventDefinition<Type extends EventType = EventType> {
  readonly type: Type;
  readonly topic: Topic;
  readonly schema: z.ZodType<EventPayload<Type>>;
  /** The aggregate's id: the record's key and the envelope's `subject`. */
  readonly key: (payload: EventPayload<Type>) => string;
}

const topic = (owner: string, aggregate: string, retention: Retention): Topic => ({
  name: `ebuy.${owner}.${aggregate}.v1`,
  owner,
  retention,
});

/** Topics by aggregate: the word before the dot of an event's type. */
export const TOPICS = {
  order: topic('orders', 'order', 'saga'),
  reservation: topic('products', 'reservation', 'saga'),
  stock: topic('products', 'stock', 'state'),
  product: topic('products', 'product', 'state'),
  catalogProduct: topic('catalog', 'catalogProduct', 'state'),
  collection: topic('catalog', 'collection', 'state'),
  review: topic('reviews', 'review', 'state'),
  rating: topic('reviews', 'rating', 'state'),
  purchase: topic('reviews', 'purchase', 'saga'),
  payment: topic('payments', 'payment', 'saga'),
  user: topic('users', 'user', 'state'),
  cart: topic('cart', 'cart', 'saga'),
} as const satisfies Record<string, Topic>;

const keys: Record<keyof typeof TOPICS, string> = {
  order: 'orderId',
  reservation: 'orderId',
  stock: 'variantId',
  product: 'productId',
  catalogProduct: 'productId',
  collection: 'collectionId',
  review: 'reviewId',
  rating: 'productId',
  purchase: 'orderId',
  payment: 'paymentId',
  user: 'userId',
  cart: 'cartId',
};

function define(type: EventType): EventDefinition {
  const aggregate = type.slice(0, type.indexOf('.')) as keyof typeof TOPICS;
  const field = keys[aggregate];
  return {
    type,
    topic: TOPICS[aggregate],
    schema: schemas[type] as z.ZodType<EventPayload<EventType>>,
    key: (payload) => String((payload as Record<string, unknown>)[field]),
  };
}

const DEFINITIONS: ReadonlyMap<string, EventDefinition> = new Map(
  (Object.keys(schemas) as EventType[]).map((type) => [type, define(type)]),
);

/** The definition of a type; undefined for one that this version of the shop does not know. */
export function eventDefinition(type: string): EventDefinition | undefined {
  return DEFINITIONS.get(type);
}

export function eventDefinitions(): readonly EventDefinition[] {
  return [...DEFINITIONS.values()];
}
