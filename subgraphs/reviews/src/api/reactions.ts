import { CONSUMER_GROUPS, causedBy, type Reaction } from '@ebuy/events';
import { cancelPurchase } from '../commands/cancel-purchase.ts';
import { forgetAuthor } from '../commands/forget-author.ts';
import { knowProduct } from '../commands/know-product.ts';
import type { CountRating, Needs } from '../commands/needs.ts';
import { recordPurchase } from '../commands/record-purchase.ts';
import { settlePosted } from '../commands/settle-posted.ts';

export function createReactions(needs: Needs, countRating: CountRating): Reaction[] {
  return [
    {
      group: CONSUMER_GROUPS.recordPurchases,
      on: {
        'order.confirmed': (event) => recordPurchase(needs, event),
        'order.cancelled': (event) => cancelPurchase(needs, event),
      },
    },
    {
      group: CONSUMER_GROUPS.knowProducts,
      on: {
        'product.changed': (event) => knowProduct(needs, event),
        'product.withdrawn': (event) => knowProduct(needs, event),
      },
    },
    {
      group: CONSUMER_GROUPS.countRatings,
      on: {
        async 'review.posted'(event) {
          await settlePosted(needs, event);
          // One that waits for staff counts nothing yet.
          if (event.payload.status === 'PUBLISHED') await countRating(event.payload.productId, causedBy(event));
        },
        'review.moderated': (event) => countRating(event.payload.productId, causedBy(event)),
      },
    },
    { group: CONSUMER_GROUPS.forgetAuthors, on: { 'user.erased': (event) => forgetAuthor(needs, event) } },
  ];
}
