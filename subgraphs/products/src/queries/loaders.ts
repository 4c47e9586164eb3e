import { isId } from '@ebuy/kernel';
import { perRequest } from '@ebuy/runtime';
import DataLoader from 'dataloader';
import type { ProductStatus, Stock } from '../domain/product.ts';
import { type Database, Prisma } from '../store/index.ts';

const MAX_BATCH = 100;

/** All that this subgraph adds to a product or a variant that another one shows: by id, whatever the product's status. */
export interface ProductReference {
  readonly __typename: 'Product';
  readonly id: string;
  readonly version: number;
  readonly status: ProductStatus;
}

export interface VariantReference {
  readonly __typename: 'Variant';
  readonly id: string;
  readonly stock: Stock;
}

/** One narrow statement a request and type, for as many as it asks for. */
export function createLoaders(database: Database) {
  return perRequest(() => ({
    products: new DataLoader<string, ProductReference | null>(
      async (ids) =>
        inOrder(
          ids,
          await database.$queryRaw<ProductReference[]>(Prisma.sql`
            SELECT 'Product' AS "__typename", id, version, status FROM product WHERE id = ANY(${ids.filter(isId)}::uuid[])`),
        ),
      { maxBatchSize: MAX_BATCH },
    ),
    variants: new DataLoader<string, VariantReference | null>(
      async (ids) => {
        const rows = await database.$queryRaw<(Stock & { readonly id: string })[]>(Prisma.sql`
          SELECT variant_id AS id, on_hand AS "onHand", reserved, sold, version
            FROM stock WHERE variant_id = ANY(${ids.filter(isId)}::uuid[])`);
        return inOrder(
          ids,
          rows.map(({ id, ...stock }) => ({ __typename: 'Variant', id, stock }) as const),
        );
      },
      { maxBatchSize: MAX_BATCH },
    ),
  }));
}

function inOrder<Row extends { readonly id: string }>(ids: readonly string[], rows: readonly Row[]): (Row | null)[] {
  const byId = new Map(rows.map((row) => [row.id, row]));
  return ids.map((id) => byId.get(id.toLowerCase()) ?? null);
}

export type Loaders = ReturnType<typeof createLoaders>;
