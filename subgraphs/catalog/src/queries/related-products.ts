import type { RequestContext } from '@ebuy/runtime';
import type { Shown } from '../domain/catalog-product.ts';
import { refuseQuery } from '../refusals.ts';
import type { Extent } from '../store/product-reads.ts';
import type { Loaders } from './loaders.ts';

const MAX_RELATED = 12;

/** In one batch as a rule; another only in place of those that have gone off sale since the relations were decided. */
export async function relatedProducts(
  loaders: Loaders,
  context: RequestContext,
  { relatedProductIds }: Pick<Shown, 'relatedProductIds'>,
  { first, extent }: { readonly first: number; readonly extent: Extent },
): Promise<Shown[]> {
  if (!Number.isInteger(first) || first < 1 || first > MAX_RELATED) refuseQuery('INVALID_RELATED_SIZE');
  const loader = loaders(context)[extent];
  const found: Shown[] = [];
  for (let at = 0; at < relatedProductIds.length && found.length < first; ) {
    const ids = relatedProductIds.slice(at, at + first - found.length);
    at += ids.length;
    for (const product of await Promise.all(ids.map((id) => loader.load(id)))) {
      if (product?.status === 'PUBLISHED') found.push(product);
    }
  }
  return found;
}
