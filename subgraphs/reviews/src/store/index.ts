import { createAuditIndexes, type Logger, type OpenMongo, openMongo } from '@ebuy/runtime';
import { COLLECTIONS, createIndexes, modelsOf } from './documents.ts';
import { type Erasures, erasuresIn } from './erasures.ts';
import { type Products, productsIn } from './products.ts';
import { type Purchases, purchasesIn } from './purchases.ts';
import { type Ratings, ratingsIn } from './ratings.ts';
import { type Reviews, reviewsIn } from './reviews.ts';

/** Whose documents the audit's entries wait in. */
export const AUDITED = [COLLECTIONS.reviews] as const;

export interface Store {
  readonly reviews: Reviews;
  readonly ratings: Ratings;
  readonly purchases: Purchases;
  readonly products: Products;
  readonly erasures: Erasures;
}

export type OpenStore = Store & Omit<OpenMongo<unknown>, 'models'>;

/** The collections whose documents emit. */
export type EmittingCollection = 'reviews' | 'ratings' | 'purchases';

/** `onEvents` is told of each document whose events wait. */
export async function openStore(
  url: string,
  logger: Logger,
  onEvents: (collection: EmittingCollection, id: string) => void,
): Promise<OpenStore> {
  const { models, ...mongo } = await openMongo({
    url,
    appName: 'reviews',
    logger,
    models: modelsOf,
    prepare: async (models, database) => {
      await createIndexes(models);
      await createAuditIndexes(database, AUDITED);
    },
  });
  return {
    reviews: reviewsIn(models, (id) => onEvents('reviews', id)),
    ratings: ratingsIn(models, (id) => onEvents('ratings', id)),
    purchases: purchasesIn(models, (id) => onEvents('purchases', id)),
    products: productsIn(models),
    erasures: erasuresIn(models),
    ...mongo,
  };
}
