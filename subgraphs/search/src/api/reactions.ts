import { CONSUMER_GROUPS, type Reaction } from '@ebuy/events';
import { type IndexNeeds, indexProducts } from '../commands/index-products.ts';

export function indexCatalog(needs: IndexNeeds): Reaction {
  return {
    group: CONSUMER_GROUPS.indexProducts,
    on: {
      'catalogProduct.changed': (event) => indexProducts(needs, [event]),
      'catalogProduct.withdrawn': (event) => indexProducts(needs, [event]),
    },
    onBatch: (events) => indexProducts(needs, events),
  };
}
