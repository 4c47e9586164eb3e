/**
 * Counts a product's stars anew and says so when they changed.
 *
 * A count that was begun before a change must not be written after one that was begun later, or it would stay. So each writes, whether it
 * found something new or not, and compares `round` with what it read before it counted: the slower one finds that it has been
 * overtaken and counts again. (The histogram's `version` would not do. A count that finds what is there already would leave it
 * as it is, and an older one could still be written over it.)
 */
import { newEvent, type Trace } from '@ebuy/events';
import { nextVersion, sameHistogram } from '../domain/rating.ts';
import { NEWEST } from '../store/ratings.ts';
import { type CountRating, type Needs, untilWon } from './needs.ts';

/** True: the stars had changed. */
export async function countRating(
  { store, now }: Pick<Needs, 'store' | 'now'>,
  productId: string,
  trace: Trace,
): Promise<boolean> {
  return untilWon('A rating', async () => {
    const before = await store.ratings.findCount(productId);
    const [histogram, newest] = await Promise.all([
      store.reviews.countStars(productId),
      store.reviews.findPage({ productId, status: 'PUBLISHED' }, null, NEWEST),
    ]);
    const at = now();
    const changed = !sameHistogram(before.histogram, histogram);
    const version = changed ? nextVersion(before.version, at) : before.version;
    const payload = { productId, version, histogram: [...histogram] };
    const events = changed ? [newEvent('rating.changed', payload, trace, at)] : [];
    const written = await store.ratings.replace(before, { version, histogram, newest }, events, at);
    return written ? changed : undefined;
  });
}

/** Counts for who asks at the same time are one: each is answered by a count that began after it asked. */
export function createRatingCounter(needs: Pick<Needs, 'store' | 'now'>): CountRating {
  const running = new Map<string, Promise<unknown>>();
  const next = new Map<string, Promise<void>>();
  return (productId, trace) => {
    const waiting = next.get(productId);
    if (waiting !== undefined) return waiting;
    const count = (async () => {
      await running.get(productId)?.catch(() => undefined);
      const work = countRating(needs, productId, trace);
      next.delete(productId);
      running.set(productId, work);
      try {
        await work;
      } finally {
        if (running.get(productId) === work) running.delete(productId);
      }
    })();
    next.set(productId, count);
    return count;
  };
}
