/** What the topics of collections and of the catalog's products must end with, for each: the version that we keep. */
import { documentVersions, documentVersionsOf, newEvent, TOPICS, type TopicTruth, tellAgain } from '@ebuy/events';
import { newId } from '@ebuy/kernel';
import { stateOf } from '../domain/collection.ts';
import { catalogEvent } from '../domain/event.ts';
import {
  COLLECTIONS,
  type CollectionDocument,
  PRODUCTS,
  type ProductDocument,
  toCatalogProduct,
  toCollection,
} from '../store/document.ts';
import type { OpenStore } from '../store/index.ts';

export function topicTruths({ database }: Pick<OpenStore, 'database'>): TopicTruth[] {
  const products = database.collection(PRODUCTS);
  const collections = database.collection(COLLECTIONS);
  const trace = () => ({ correlationId: newId(), causationId: null });
  return [
    {
      topic: TOPICS.catalogProduct,
      versions: () => documentVersions(products),
      versionsOf: (keys) => documentVersionsOf(products, keys),
      // A product that no event tells of any more is withdrawn, then let go.
      isFarewell: ({ type }) => type === 'catalogProduct.withdrawn',
      announce: (keys) =>
        tellAgain<ProductDocument>(products, keys, (document) =>
          catalogEvent(toCatalogProduct(document), trace(), new Date()),
        ),
    },
    {
      topic: TOPICS.collection,
      versions: () => documentVersions(collections),
      versionsOf: (keys) => documentVersionsOf(collections, keys),
      announce: (keys) =>
        tellAgain<CollectionDocument>(collections, keys, (document) =>
          newEvent('collection.changed', stateOf(toCollection(document)), trace()),
        ),
    },
  ];
}
