import { causedBy, type DomainEvent } from '@ebuy/events';
import type { Shown, Sources } from '../domain/catalog-product.ts';
import { placementOf } from '../domain/placement.ts';
import { same } from '../domain/same.ts';
import { placeProducts } from './change-products.ts';
import type { CatalogNeeds } from './needs.ts';

const BATCH = 200;

interface Row {
  readonly _id: string;
  readonly shown?: Pick<Shown, 'tags' | 'productType' | 'vendor' | 'priceRange' | 'collections'>;
  readonly sources: Pick<Sources, 'collectionSlugs'>;
  readonly sortedInto: readonly string[];
  readonly goneSince?: string;
}

const FIELDS = {
  'shown.tags': 1,
  'shown.productType': 1,
  'shown.vendor': 1,
  'shown.priceRange': 1,
  'shown.collections': 1,
  'sources.collectionSlugs': 1,
  sortedInto: 1,
  goneSince: 1,
} as const;

/**
 * Looks at every product against the collections as they are now, whatever the event says: it may be an old one. Reads little of each and
 * writes only where something changes, so an event that comes again costs one look.
 */
export async function sortIntoCollections(
  needs: CatalogNeeds,
  event: DomainEvent<'collection.changed'>,
): Promise<void> {
  await needs.shelves.refresh();
  let moved = 0;
  for await (const rows of needs.store.products.scan<Row>(FIELDS, BATCH)) {
    const misplaced = rows.filter((row) => !isPlaced(needs, row)).map(({ _id }) => _id);
    if (misplaced.length > 0) moved += await placeProducts(needs, misplaced, causedBy(event));
  }
  if (moved > 0) needs.logger.info({ collectionId: event.payload.collectionId, moved }, 'products were sorted');
}

function isPlaced({ shelves }: CatalogNeeds, { _id, shown, sources, sortedInto, goneSince }: Row): boolean {
  if (shown === undefined || goneSince !== undefined) return true;
  const placement = placementOf({ id: _id, collectionSlugs: sources.collectionSlugs, shown }, shelves.all());
  return same(placement.sortedInto, sortedInto) && same(placement.collections, shown.collections);
}
