import { CONSUMER_GROUPS, type Reaction } from '@ebuy/events';
import type { Live } from '@ebuy/runtime';
import { followProduct, followRating, followStock } from '../commands/follow-sources.ts';
import type { CatalogNeeds } from '../commands/needs.ts';
import { sortIntoCollections } from '../commands/sort-into-collections.ts';
import { productChannel } from '../queries/product-changes.ts';

export function createReactions(needs: CatalogNeeds, live: Live): Reaction[] {
  return [
    {
      group: CONSUMER_GROUPS.followProducts,
      on: {
        'product.changed': (event) => followProduct(needs, event),
        'product.withdrawn': (event) => followProduct(needs, event),
      },
    },
    { group: CONSUMER_GROUPS.followStock, on: { 'stock.changed': (event) => followStock(needs, event) } },
    { group: CONSUMER_GROUPS.followRatings, on: { 'rating.changed': (event) => followRating(needs, event) } },
    {
      group: CONSUMER_GROUPS.sortIntoCollections,
      on: { 'collection.changed': (event) => sortIntoCollections(needs, event) },
    },
    {
      // Nobody watches what is not on sale.
      group: CONSUMER_GROUPS.announceProducts,
      on: { 'catalogProduct.changed': (event) => live.publish(productChannel(event.subject)) },
    },
  ];
}
