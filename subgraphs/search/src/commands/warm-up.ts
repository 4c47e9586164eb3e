import type { QueryNeeds } from '../queries/needs.ts';
import { searchProducts } from '../queries/search-products.ts';
import { suggest } from '../queries/suggest.ts';

const FAST_MS = 150;
const TRIES = 12;

/**
 * An engine that has just started takes seconds for its first searches, which shoppers would see as failures: it is asked, one search
 * after another, until it is quick. Whether it answers is not decided here.
 */
export async function warmUp(needs: QueryNeeds, signal: AbortSignal): Promise<void> {
  for (let tries = 0; tries < TRIES && !signal.aborted; tries += 1) {
    const from = performance.now();
    const question = { query: tries % 2 === 0 ? 'small warm lamp' : '', first: 24 };
    await searchProducts(needs, question, { facets: true, highlights: true }).catch(() => undefined);
    await suggest(needs, { prefix: 'la', first: 6 }).catch(() => undefined);
    if (performance.now() - from < FAST_MS) return;
  }
}
