import type { mongo } from 'mongoose';
import type { Check } from '../contract.ts';
import { compareAll } from '../differences.ts';
import type { Look } from '../look.ts';
import type { Stores } from '../stores.ts';

const STARS = [1, 2, 3, 4, 5];
const NEWEST_KEPT = 10;

interface ReviewDocument {
  readonly _id: string;
  readonly productId: string;
  readonly stars: number;
  readonly title: string;
  readonly body: string;
  readonly displayName?: string | null;
  readonly verifiedPurchase: boolean;
  readonly status: string;
  readonly createdAt: Date;
}

interface Rating {
  readonly histogram: readonly number[];
  readonly newest: readonly object[];
}

interface RatingDocument {
  readonly _id: string;
  readonly histogram: readonly number[];
  readonly newest: readonly ReviewDocument[];
}

async function readPublished(reviews: mongo.Db): Promise<Map<string, ReviewDocument[]>> {
  const published = await reviews.collection<ReviewDocument>('reviews').find({ status: 'PUBLISHED' }).toArray();
  return Map.groupBy(published, ({ productId }) => productId);
}

/** Published reviews by product: how many of one star, of two, … of five. */
export async function readHistograms(reviews: mongo.Db, look: Look): Promise<Map<string, number[]>> {
  return new Map([...(await look.at(readPublished, reviews))].map(([id, list]) => [id, histogramOf(list)]));
}

export function ratingsCountReviews(stores: Stores): Check {
  return {
    invariant: 'I10',
    claim: 'reviews counts the stars of every product as they were given, and shows its newest reviews',
    counted: 'ratings',
    run: async (look) => {
      const published = await look.at(readPublished, stores.reviews);
      const ratings = await stores.reviews.collection<RatingDocument>('ratings').find().toArray();
      const expected = new Map([...published].map(([id, list]) => [id, ratingOf(list)]));
      // A product whose last review was taken off the page keeps its rating, all zeros.
      for (const { _id } of ratings) if (!expected.has(_id)) expected.set(_id, ratingOf([]));
      const found = new Map(
        ratings.map(({ _id, histogram, newest }) => [_id, { histogram, newest: newest.map(wordsOf) } as Rating]),
      );
      return { compared: expected.size, violations: compareAll('rating', expected, found) };
    },
  };
}

function ratingOf(list: readonly ReviewDocument[]): Rating {
  const newestFirst = [...list].sort(
    (a, b) => b.createdAt.getTime() - a.createdAt.getTime() || (a._id < b._id ? 1 : -1),
  );
  return { histogram: histogramOf(list), newest: newestFirst.slice(0, NEWEST_KEPT).map(wordsOf) };
}

function histogramOf(list: readonly ReviewDocument[]): number[] {
  return STARS.map((stars) => list.filter((review) => review.stars === stars).length);
}

function wordsOf({ _id, stars, title, body, displayName, verifiedPurchase, createdAt }: ReviewDocument): object {
  return {
    _id,
    stars,
    title,
    body,
    displayName: displayName ?? null,
    verifiedPurchase,
    createdAt: createdAt.toISOString(),
  };
}

const BOUGHT = ['CONFIRMED', 'SHIPPED', 'DELIVERED'];

interface PurchaseDocument {
  readonly _id: string;
  readonly userId?: string | null;
  readonly productIds?: readonly string[];
  readonly cancelledAt?: Date;
}

interface Purchase {
  readonly userId: string | null;
  readonly productIds: readonly string[];
}

const ORDERED = `
  SELECT o.id, o.status, o.user_id AS "userId", array_agg(DISTINCT l.product_id::text) AS "productIds"
    FROM orders o JOIN order_line l ON l.order_id = o.id GROUP BY o.id`;

export function purchasesAreOrders(stores: Stores): Check {
  return {
    invariant: 'I10',
    claim: 'reviews knows who bought what: every confirmed order, and no other',
    counted: 'orders',
    run: async () => {
      const { rows } = await stores.orders.query<Purchase & { id: string; status: string }>(ORDERED);
      const documents = await stores.reviews.collection<PurchaseDocument>('purchases').find().toArray();
      const standing = documents.filter(({ cancelledAt }) => cancelledAt === undefined);
      const expected = new Map(
        rows.filter(({ status }) => BOUGHT.includes(status)).map((row) => [row.id, purchaseOf(row)]),
      );
      const found = new Map(
        standing.map(({ _id, userId = null, productIds = [] }) => [_id, purchaseOf({ userId, productIds })]),
      );
      return { compared: rows.length, violations: compareAll('purchase', expected, found) };
    },
  };
}

function purchaseOf({ userId, productIds }: Purchase): Purchase {
  return { userId, productIds: [...productIds].sort() };
}
