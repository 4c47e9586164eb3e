import { isId } from '@ebuy/kernel';
import type { Live } from '@ebuy/runtime';
import type { Shown } from '../domain/catalog-product.ts';
import { refuseQuery } from '../refusals.ts';
import type { ProductReads } from '../store/product-reads.ts';

const MAX_IDS = 100;

export const productChannel = (id: string) => ({ what: 'product', id });

/** Each of these products as it is now, at first and after each change; read anew each time, so never an older state after a newer one. */
export async function productChanges(
  reads: ProductReads,
  live: Live,
  asked: readonly string[],
): Promise<AsyncIterableIterator<Shown, undefined>> {
  if (asked.length > MAX_IDS) refuseQuery('TOO_MANY_IDS');
  const ids = [...new Set(asked.filter(isId).map((id) => id.toLowerCase()))];
  return live.watch(ids.map(productChannel), async (hint) => {
    const found = await reads.findMany(hint === null ? ids : [hint], 'whole');
    return found.filter(({ status }) => status === 'PUBLISHED');
  });
}
