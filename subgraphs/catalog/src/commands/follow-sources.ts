/** The catalog hears its sources: each event is folded into its product, once, whatever the number and the order of deliveries. */
import { causedBy, type DomainEvent } from '@ebuy/events';
import { foldProduct, foldRating, foldStock } from '../domain/catalog-product.ts';
import { changeProducts, placeProducts } from './change-products.ts';
import type { CatalogNeeds } from './needs.ts';

/** Its places in collections are decided again even when nothing else is new: the last time may have been cut off before that. */
export async function followProduct(
  needs: CatalogNeeds,
  event: DomainEvent<'product.changed'> | DomainEvent<'product.withdrawn'>,
): Promise<void> {
  const { payload } = event;
  await placeProducts(needs, [payload.productId], causedBy(event), (current) => foldProduct(current, payload));
}

export async function followStock(needs: CatalogNeeds, event: DomainEvent<'stock.changed'>): Promise<void> {
  const { payload } = event;
  await changeProducts(needs, [payload.productId], causedBy(event), (current) => foldStock(current, payload));
}

export async function followRating(needs: CatalogNeeds, event: DomainEvent<'rating.changed'>): Promise<void> {
  const { payload } = event;
  await changeProducts(needs, [payload.productId], causedBy(event), (current) => foldRating(current, payload));
}
