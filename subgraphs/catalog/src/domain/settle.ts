import type { CatalogProduct } from './catalog-product.ts';
import { same } from './same.ts';

export interface Settled {
  readonly product: CatalogProduct;
  /** Whether the world is to be told. */
  readonly isVisible: boolean;
}

/** What is to be written to go from one state to the next; null when nothing is. `nowMs` drives the version's clock. */
export function settle(before: CatalogProduct, after: CatalogProduct, nowMs: number): Settled | null {
  const isVisible = !same(before.shown, after.shown);
  const variantIds = after.shown?.variants.map(({ variantId }) => variantId) ?? [];
  const isSame =
    !isVisible &&
    same(before.variantIds, variantIds) &&
    same(before.sources, after.sources) &&
    same(before.sortedInto, after.sortedInto) &&
    before.goneSince === after.goneSince;
  if (isSame) return null;
  const version = isVisible ? Math.max(before.version + 1, nowMs) : before.version;
  const product = { ...after, variantIds, revision: before.revision + 1, version };
  return { product, isVisible: isVisible && after.shown !== null };
}
