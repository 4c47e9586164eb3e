import { refuse } from '../refusals.ts';
import type { Product } from './product.ts';

/**
 * DRAFT → PUBLISHED → WITHDRAWN → PUBLISHED. Asking for the status that a product has changes nothing: the very product comes back.
 * publishedAt is the first time, and stays: who ever sold it can tell from it.
 */
export function published(product: Product, now: Date): Product {
  if (product.status === 'PUBLISHED') return product;
  return {
    ...product,
    status: 'PUBLISHED',
    publishedAt: product.publishedAt ?? now.toISOString(),
    withdrawnAt: null,
  };
}

export function withdrawn(product: Product, now: Date): Product {
  if (product.status === 'WITHDRAWN') return product;
  if (product.status === 'DRAFT') refuse('NOT_PUBLISHED', { field: ['productId'] });
  return { ...product, status: 'WITHDRAWN', withdrawnAt: now.toISOString() };
}
