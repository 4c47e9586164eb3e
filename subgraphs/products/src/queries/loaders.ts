import { isId } from '@ebuy/kernel';
import { perRequest } from '@ebuy/runtime';
import DataLoader from 'dataloader';
import type { Product, VariantOfProduct } from '../domain/product.ts';
import type { Database } from '../store/index.ts';
import { readProducts, readProductsOfVariants } from '../store/products.ts';

const MAX_BATCH = 100;

/** Products and variants by id, whatever their status, in one batch a request: carts, orders and the console show them all. */
export function createLoaders(database: Database) {
  return perRequest(() => ({
    products: new DataLoader<string, Product | null>(
      async (ids) => {
        const products = await readProducts(database, ids.filter(isId));
        const byId = new Map(products.map((product) => [product.id, product]));
        return ids.map((id) => byId.get(id.toLowerCase()) ?? null);
      },
      { maxBatchSize: MAX_BATCH },
    ),
    variants: new DataLoader<string, VariantOfProduct | null>(
      async (ids) => {
        const products = await readProductsOfVariants(database, ids.filter(isId));
        const byId = new Map(
          products.flatMap((product) => product.variants.map((variant) => [variant.id, { product, variant }] as const)),
        );
        return ids.map((id) => byId.get(id.toLowerCase()) ?? null);
      },
      { maxBatchSize: MAX_BATCH },
    ),
  }));
}

export type Loaders = ReturnType<typeof createLoaders>;
