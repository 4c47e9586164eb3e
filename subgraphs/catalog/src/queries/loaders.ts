import { isId } from '@ebuy/kernel';
import { perRequest } from '@ebuy/runtime';
import DataLoader from 'dataloader';
import type { Shown, ShownVariant } from '../domain/catalog-product.ts';
import type { Collection } from '../domain/collection.ts';
import type { CatalogStore } from '../store/index.ts';
import type { Extent } from '../store/product-reads.ts';

const MAX_BATCH = 100;

export interface VariantOfProduct {
  readonly product: Shown;
  readonly variant: ShownVariant;
}

/** Products, variants and collections by id, whatever a product's status, each kind in one batch a request. */
export function createLoaders({ shown, collections }: Pick<CatalogStore, 'shown' | 'collections'>) {
  const productsIn = (extent: Extent) =>
    new DataLoader<string, Shown | null>(
      (ids) =>
        inOrder(ids, async (known) =>
          (await shown.findMany(known, extent)).map((product) => [product.productId, product]),
        ),
      { maxBatchSize: MAX_BATCH },
    );
  return perRequest(() => ({
    whole: productsIn('whole'),
    card: productsIn('card'),
    variants: new DataLoader<string, VariantOfProduct | null>(
      (ids) =>
        inOrder(ids, async (known) =>
          (await shown.findByVariants(known)).flatMap((product) =>
            product.variants.map((variant) => [variant.variantId, { product, variant }] as const),
          ),
        ),
      { maxBatchSize: MAX_BATCH },
    ),
    collections: new DataLoader<string, Collection | null>(
      (ids) => inOrder(ids, async (known) => (await collections.findMany(known)).map((one) => [one.id, one])),
      { maxBatchSize: MAX_BATCH },
    ),
  }));
}

export type Loaders = ReturnType<typeof createLoaders>;

/** Only ids are asked for, in the store's spelling; what is not there is null. */
async function inOrder<One>(
  ids: readonly string[],
  read: (ids: readonly string[]) => Promise<readonly (readonly [string, One])[]>,
): Promise<(One | null)[]> {
  const known = [...new Set(ids.filter(isId).map((id) => id.toLowerCase()))];
  const byId = new Map<string, One>(known.length === 0 ? [] : await read(known));
  return ids.map((id) => byId.get(id.toLowerCase()) ?? null);
}
