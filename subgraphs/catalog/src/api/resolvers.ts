/** GraphQL in: reads arguments, calls a command or a query, shows the answer. */
import { type Live, payloadOf } from '@ebuy/runtime';
import { createCollection } from '../commands/create-collection.ts';
import type { CatalogNeeds } from '../commands/needs.ts';
import { updateCollection } from '../commands/update-collection.ts';
import type { Shown } from '../domain/catalog-product.ts';
import type { Collection } from '../domain/collection.ts';
import type { Resolvers } from '../generated/graphql.ts';
import { browseCollections, collectionBySlug } from '../queries/browse-collections.ts';
import { browseProducts, productBySlug, variantsBySku } from '../queries/browse-products.ts';
import { createLoaders } from '../queries/loaders.ts';
import { productChanges } from '../queries/product-changes.ts';
import type { RefusalCode } from '../refusals.ts';
import { extentOf } from './selection.ts';
import { catalogTypes } from './types.ts';

export function createResolvers(needs: Pick<CatalogNeeds, 'store' | 'now'>, live: Live): Resolvers {
  const { shown, collections } = needs.store;
  return {
    Query: {
      product: (_, { slug }) => productBySlug(shown, slug),
      products: (_, { first, after = null, updatedSince = null }, __, info) =>
        browseProducts(shown, { first, after, updatedSince, extent: extentOf(info, 'nodes', 'edges.node') }),
      variantsBySku: (_, { skus }) => variantsBySku(shown, skus),
      collection: (_, { slug }) => collectionBySlug(collections, slug),
      collections: (_, { first, after = null }) => browseCollections(collections, { first, after }),
    },
    Mutation: {
      createCollection: (_, { input }, context) => changed(() => createCollection(needs, context, input)),
      updateCollection: (_, { input }, context) => changed(() => updateCollection(needs, context, input)),
    },
    Subscription: {
      productChanged: {
        subscribe: (_, { ids }) => productChanges(shown, live, ids),
        resolve: (product: Shown) => product,
      },
    },
    ...catalogTypes(needs.store, createLoaders(needs.store)),
  };
}

/** A payload; the codes are those of REFUSALS, which a test holds against the schema's enum. */
function changed(run: () => Promise<Collection>) {
  return payloadOf<'collection', Collection, RefusalCode>('collection', run);
}
