import type { Product } from '../domain/product.ts';
import { withdrawn } from '../domain/status.ts';
import type { Database } from '../store/index.ts';
import type { Actor } from './actor.ts';
import { changeProduct } from './change-product.ts';

export async function withdrawProduct(
  database: Database,
  { productId, expectedVersion = null }: { productId: string; expectedVersion?: number | null | undefined },
  actor: Actor,
): Promise<Product> {
  const now = new Date();
  return changeProduct(database, { productId, expectedVersion, actor, action: 'withdrawProduct', now }, (product) =>
    withdrawn(product, now),
  );
}
