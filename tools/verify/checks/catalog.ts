import type { EventPayload } from '@ebuy/events';
import type { Check, Violation } from '../contract.ts';
import { compareAll } from '../differences.ts';
import type { Stores } from '../stores.ts';
import { type ExpectedProduct, readTruth } from '../truth.ts';
import { readHistograms } from './reviews.ts';

type Shown = EventPayload<'catalogProduct.changed'>;

interface ProductDocument {
  readonly _id: string;
  readonly version: number;
  readonly shown?: Omit<Shown, 'version'>;
}

interface CollectionDocument {
  readonly _id: string;
  readonly version: number;
  readonly slug: string;
  readonly title: string;
  readonly description?: string | null;
  readonly productIds: string[];
  readonly rule?: EventPayload<'collection.changed'>['rule'];
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** What the catalog shows and tells of, by product. A stub shows nothing yet. */
export async function readVersionedCatalog({ catalog }: Stores): Promise<Map<string, Shown>> {
  const projection = { version: 1, shown: 1 };
  const documents = await catalog.collection<ProductDocument>('products').find({}, { projection }).toArray();
  return new Map(
    documents.flatMap(({ _id, version, shown }) =>
      shown === undefined ? [] : [[_id, { ...shown, version }] as const],
    ),
  );
}

export function catalogShowsTheTruth(stores: Stores): Check {
  return {
    invariant: 'I10',
    claim: 'catalog shows every product as products, its reviews and the collections have it',
    counted: 'products',
    run: async (look) => {
      const histograms = await look.at(readHistograms, stores.reviews);
      const expected = await readTruth(stores.products, histograms, await readCollections(stores));
      const shown = await look.at(readVersionedCatalog, stores);
      const found = new Map(
        [...shown].map(([id, { version: _version, relatedProductIds: _related, ...rest }]) => [id, inOrder(rest)]),
      );
      return { compared: expected.size, violations: compareAll<ExpectedProduct>('catalog product', expected, found) };
    },
  };
}

/** Related products are the catalog's own choice; whatever it chooses must be others that exist. */
export function relatedProductsExist(stores: Stores): Check {
  return {
    invariant: 'I10',
    claim: 'catalog relates products to others that exist, each once',
    counted: 'products',
    run: async (look) => {
      const shown = await look.at(readVersionedCatalog, stores);
      const violations = [...shown].flatMap(([id, { relatedProductIds }]): Violation[] => {
        const odd = relatedProductIds.filter((other) => other === id || !shown.has(other));
        const isSound = odd.length === 0 && new Set(relatedProductIds).size === relatedProductIds.length;
        const where = `catalog product ${id}`;
        return isSound
          ? []
          : [{ where, field: 'relatedProductIds', expected: 'others, each once', found: relatedProductIds }];
      });
      return { compared: shown.size, violations };
    },
  };
}

async function readCollections({ catalog }: Stores): Promise<EventPayload<'collection.changed'>[]> {
  const documents = await catalog.collection<CollectionDocument>('collections').find().toArray();
  return documents.map(({ _id, version, slug, title, description, productIds, rule, createdAt, updatedAt }) => ({
    collectionId: _id,
    version,
    slug,
    title,
    description: description ?? null,
    productIds,
    rule: rule ?? null,
    createdAt: createdAt.toISOString(),
    updatedAt: updatedAt.toISOString(),
  }));
}

/** Which collections, not in which order they are named. */
function inOrder<Product extends { collections: Shown['collections'] }>(product: Product): Product {
  const collections = [...product.collections].sort((a, b) => (a.collectionId < b.collectionId ? -1 : 1));
  return { ...product, collections };
}
