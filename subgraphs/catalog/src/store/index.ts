import { createAuditIndexes, type Logger, type OpenMongo, openMongo } from '@ebuy/runtime';
import { type CollectionStore, collectionStore } from './collections.ts';
import { COLLECTIONS, collectionModel, createIndexes, productModel } from './document.ts';
import { type ProductReads, productReads } from './product-reads.ts';
import { type ProductWrites, productWrites } from './products.ts';

/** A page of a long list is a scan on the embedded engine. */
const SOCKET_TIMEOUT_MS = 10_000;

/** Whose documents the audit's entries wait in. */
export const AUDITED = [COLLECTIONS] as const;

export interface CatalogStore {
  readonly products: ProductWrites;
  readonly shown: ProductReads;
  readonly collections: CollectionStore;
}

export type OpenStore = CatalogStore & Omit<OpenMongo<unknown>, 'models'>;

/** Who is told that a document's event waits. */
export interface EventListeners {
  readonly onProduct: (productId: string) => void;
  readonly onCollection: (collectionId: string) => void;
}

export async function openStore(url: string, logger: Logger, listeners: EventListeners): Promise<OpenStore> {
  const { models, ...mongo } = await openMongo({
    url,
    appName: 'catalog',
    logger,
    socketTimeoutMs: SOCKET_TIMEOUT_MS,
    models: (connection) => ({ products: productModel(connection), collections: collectionModel(connection) }),
    prepare: async ({ products, collections }, database) => {
      await createIndexes(products, collections);
      await createAuditIndexes(database, AUDITED);
    },
  });
  return {
    products: productWrites(models.products, listeners.onProduct),
    shown: productReads(models.products),
    collections: collectionStore(models.collections, listeners.onCollection),
    ...mongo,
  };
}
