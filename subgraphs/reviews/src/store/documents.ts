/** What is kept: one document each, changed by one write at a time, and the collections that they stand in. */
import type { PendingEvent } from '@ebuy/events';
import type { AuditedDocument } from '@ebuy/runtime';
import { type Connection, type Model, Schema } from 'mongoose';
import type { Histogram } from '../domain/rating.ts';
import type { ReviewStatus } from '../domain/review.ts';

export const COLLECTIONS = {
  reviews: 'reviews',
  ratings: 'ratings',
  purchases: 'purchases',
  products: 'products',
  erasures: 'erasures',
} as const;

interface Emitting {
  readonly pendingEvents: PendingEvent[];
  readonly pendingSince?: Date;
}

/** A review as it is shown: what a rating keeps of the newest. */
export interface ShownDocument {
  /** The review's id. */
  readonly _id: string;
  readonly productId: string;
  readonly stars: number;
  readonly title: string;
  readonly body: string;
  readonly displayName: string | null;
  readonly verifiedPurchase: boolean;
  readonly status: ReviewStatus;
  readonly moderationReason: string | null;
  readonly version: number;
  readonly createdAt: Date;
}

/** `_id`: the review. */
export interface ReviewDocument extends ShownDocument, Emitting, AuditedDocument {
  /** Unique. Absent when it holds no place any more. */
  readonly slot?: string;
  /** Absent once its author is forgotten. */
  readonly userId?: string;
  readonly orderId?: string;
  readonly updatedAt: Date;
}

/** `_id`: the product. */
export interface RatingDocument extends Emitting {
  /** How often it was counted: compared and raised by every count, whether or not it changed anything. */
  readonly round: number;
  /** Of the histogram: 0 until there was a first star, then a time in ms or more, see `nextVersion`. */
  readonly version: number;
  readonly histogram: Histogram;
  /** The newest published, the latest first. */
  readonly newest: readonly ShownDocument[];
  readonly countedAt: Date;
}

/** `_id`: the order. One that was cancelled before it was recorded has nothing but that. */
export interface PurchaseDocument extends Emitting {
  /** Absent: a guest's, or that of someone who was erased. */
  readonly userId?: string;
  readonly productIds?: readonly string[];
  readonly recordedAt?: Date;
  readonly cancelledAt?: Date;
}

/** `_id`: the product. There is none for a draft that never was on sale. */
export interface ProductDocument {
  readonly _id: string;
  readonly version: number;
  readonly onSale: boolean;
}

/** `_id`: a user who was erased: what comes late must not bring them back. */
export interface ErasureDocument {
  readonly _id: string;
  readonly erasedAt: Date;
}

const text = { type: String, required: true } as const;
const number = { type: Number, required: true } as const;
const moment = { type: Date, required: true } as const;
const part = { _id: false, id: false } as const;
const whole = {
  versionKey: false,
  id: false,
  autoCreate: false,
  autoIndex: false,
  strict: 'throw',
  strictQuery: 'throw',
} as const;

const pending = {
  pendingEvents: { type: [new Schema({ id: text, topic: text, key: text, value: text }, part)], default: undefined },
  pendingSince: Date,
};

const shown = {
  _id: text,
  productId: text,
  stars: number,
  title: text,
  body: text,
  displayName: String,
  verifiedPurchase: { type: Boolean, required: true },
  status: { type: String, enum: ['PENDING', 'PUBLISHED', 'REJECTED'], required: true },
  moderationReason: String,
  version: number,
  createdAt: moment,
} as const;

const schemas = {
  reviews: new Schema(
    {
      ...{ ...shown, slot: String, userId: String, orderId: String, updatedAt: moment, ...pending },
      pendingAudit: { type: [Schema.Types.Mixed], default: undefined },
      pendingAuditSince: Date,
    },
    whole,
  ),
  ratings: new Schema(
    {
      _id: text,
      round: number,
      version: number,
      histogram: { type: [Number], default: undefined },
      newest: { type: [new Schema(shown, part)], default: undefined },
      countedAt: moment,
      ...pending,
    },
    whole,
  ),
  purchases: new Schema(
    {
      _id: text,
      userId: String,
      productIds: { type: [String], default: undefined },
      recordedAt: Date,
      cancelledAt: Date,
      ...pending,
    },
    whole,
  ),
  products: new Schema({ _id: text, version: number, onSale: { type: Boolean, required: true } }, whole),
  erasures: new Schema({ _id: text, erasedAt: moment }, whole),
};

export interface Models {
  readonly reviews: Model<ReviewDocument>;
  readonly ratings: Model<RatingDocument & { _id: string }>;
  readonly purchases: Model<PurchaseDocument & { _id: string }>;
  readonly products: Model<ProductDocument>;
  readonly erasures: Model<ErasureDocument>;
}

export function modelsOf(connection: Connection): Models {
  const model = (name: keyof typeof schemas) => connection.model(name, schemas[name] as Schema, COLLECTIONS[name]);
  return {
    reviews: model('reviews'),
    ratings: model('ratings'),
    purchases: model('purchases'),
    products: model('products'),
    erasures: model('erasures'),
  } as unknown as Models;
}

/** Made one at a time: not every engine takes two at once. */
export async function createIndexes({ reviews, ratings, purchases }: Models): Promise<void> {
  // One review a place.
  await reviews.collection.createIndex({ slot: 1 }, { unique: true, sparse: true });
  // A product's pages, its stars, staff's list, an author's own.
  await reviews.collection.createIndex({ productId: 1, status: 1, createdAt: -1, _id: -1 });
  await reviews.collection.createIndex({ productId: 1, status: 1, stars: 1 });
  await reviews.collection.createIndex({ status: 1, createdAt: -1, _id: -1 });
  await reviews.collection.createIndex({ createdAt: -1, _id: -1 });
  await reviews.collection.createIndex({ userId: 1 }, { sparse: true });
  // What a shopper bought.
  await purchases.collection.createIndex({ userId: 1, productIds: 1, recordedAt: 1 }, { sparse: true });
  // For the relays.
  for (const { collection } of [reviews, ratings, purchases]) {
    await collection.createIndex({ pendingSince: 1 }, { sparse: true });
  }
}
