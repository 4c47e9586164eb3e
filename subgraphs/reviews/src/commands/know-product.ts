import type { DomainEvent } from '@ebuy/events';
import type { Needs } from './needs.ts';

/** Remembers what is on sale and what was withdrawn; a draft that never was on sale is nothing to review. */
export async function knowProduct(
  { store }: Pick<Needs, 'store'>,
  { payload }: DomainEvent<'product.changed'> | DomainEvent<'product.withdrawn'>,
): Promise<void> {
  const { productId, version, status } = payload;
  if (status === 'DRAFT') return;
  await store.products.keep({ productId, version, onSale: status === 'PUBLISHED' });
}
