import { newId } from '@ebuy/kernel';
import { countRating } from './count-rating.ts';
import type { Needs } from './needs.ts';

export interface RecountOutcome {
  products: number;
  /** Whose stars were not what they should have been. */
  corrected: number;
}

/** Counts every product anew, whatever its rating says; may run beside the service. One that has no review any more counts none. */
export async function recountRatings(
  needs: Pick<Needs, 'store' | 'now'>,
  onCounted: (outcome: RecountOutcome) => void = () => undefined,
): Promise<RecountOutcome> {
  const { reviews, ratings } = needs.store;
  const outcome: RecountOutcome = { products: 0, corrected: 0 };
  const trace = { correlationId: newId(), causationId: null };
  const counted = new Set<string>();
  for (const list of [reviews.productIds(), ratings.productIds()]) {
    for await (const productId of list) {
      if (counted.has(productId)) continue;
      counted.add(productId);
      outcome.products += 1;
      if (await countRating(needs, productId, trace)) outcome.corrected += 1;
      onCounted(outcome);
    }
  }
  return outcome;
}
