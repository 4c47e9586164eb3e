import type { PendingEvent } from '@ebuy/events';
import { type Connection, type Model, Schema } from 'mongoose';
import type { Cart, CartChange } from '../domain/cart.ts';

/** A cart as it is kept: one document, changed by one write at a time. */
export interface CartDocument {
  readonly _id: string;
  readonly version: number;
  readonly status: Cart['status'];
  /** Absent for guests, so that the unique index passes them over. */
  readonly userId?: string;
  readonly currency?: string | null;
  readonly lines: readonly {
    readonly id: string;
    readonly variantId: string;
    readonly quantity: number;
    readonly amountMinor: number;
    readonly currency: string;
  }[];
  readonly mergedFrom?: Cart['mergedFrom'];
  readonly mergedInto?: string | null;
  readonly appliedEvents?: readonly string[];
  readonly createdAt: Date;
  readonly updatedAt: Date;
  /** A guest's open cart: since when nobody touched it. */
  readonly idleSince?: Date;
  readonly closedAt?: Date;
  readonly pendingEvents: PendingEvent[];
  readonly pendingSince?: Date;
}

const text = { type: String, required: true } as const;
const number = { type: Number, required: true } as const;
const part = { _id: false, id: false } as const;

const lineSchema = new Schema(
  { id: text, variantId: text, quantity: number, amountMinor: number, currency: text },
  part,
);
const mergeSchema = new Schema(
  {
    guestCartId: text,
    quantities: { type: [new Schema({ variantId: text, quantity: number }, part)], default: undefined },
  },
  part,
);
const pendingSchema = new Schema({ id: text, topic: text, key: text, value: text }, part);

const cartSchema = new Schema<CartDocument>(
  {
    _id: text,
    version: number,
    status: { type: String, enum: ['OPEN', 'CLOSED'], required: true },
    userId: String,
    currency: String,
    lines: { type: [lineSchema], default: undefined },
    mergedFrom: { type: [mergeSchema], default: undefined },
    mergedInto: String,
    appliedEvents: { type: [String], default: undefined },
    createdAt: { type: Date, required: true },
    updatedAt: { type: Date, required: true },
    idleSince: Date,
    closedAt: Date,
    pendingEvents: { type: [pendingSchema], default: undefined },
    pendingSince: Date,
  },
  { versionKey: false, id: false, autoCreate: false, autoIndex: false, strict: 'throw', strictQuery: 'throw' },
);

export type CartModel = Model<CartDocument>;

export const COLLECTION = 'carts';

export function cartModel(connection: Connection): CartModel {
  return connection.model<CartDocument>('Cart', cartSchema, COLLECTION);
}

/** Made one at a time: not every engine takes two at once. */
export async function createIndexes({ collection }: CartModel): Promise<void> {
  // One cart a shopper.
  await collection.createIndex({ userId: 1 }, { unique: true, sparse: true });
  // For the relay, for the sweep that closes, and for the one that deletes.
  await collection.createIndex({ pendingSince: 1 }, { sparse: true });
  await collection.createIndex({ idleSince: 1 }, { sparse: true });
  await collection.createIndex({ closedAt: 1 }, { sparse: true });
}

/** Read without what waits for the relay. */
export function toCart(document: Omit<CartDocument, 'pendingEvents' | 'pendingSince'>): Cart {
  return {
    id: document._id,
    version: document.version,
    status: document.status,
    userId: document.userId ?? null,
    currency: document.currency ?? null,
    lines: document.lines.map(({ id, variantId, quantity, amountMinor, currency }) => ({
      id,
      variantId,
      quantity,
      unitPrice: { amountMinor, currency },
    })),
    mergedFrom: document.mergedFrom ?? [],
    mergedInto: document.mergedInto ?? null,
    appliedEvents: document.appliedEvents ?? [],
  };
}

/** The fields that a change sets. */
export function toFields({ lines, ...rest }: CartChange) {
  if (lines === undefined) return rest;
  return {
    ...rest,
    lines: lines.map(({ id, variantId, quantity, unitPrice }) => ({ id, variantId, quantity, ...unitPrice })),
  };
}
