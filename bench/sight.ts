// How long after staff changed a price its page and its search result show it.
import { newId } from '@ebuy/kernel';
import type { Merchandiser } from '@ebuy/tools/demo/staff.ts';
import type { Visitor } from '@ebuy/tools/demo/visitor.ts';

const DEADLINE_MS = 30_000;
const PAGE = 'query ($slug: String!) { product(slug: $slug) { priceRange { min { amountMinor } } } }';
const SEARCH =
  'query ($query: String!) { searchProducts(query: $query, first: 1) { nodes { slug priceRange { min { amountMinor } } } } }';

interface Priced {
  readonly priceRange: { readonly min: { readonly amountMinor: number } };
}

/** Milliseconds from the answer to `repriceVariant` until the new price is read, change by change. */
export async function measureSight(
  guest: Visitor,
  staff: Merchandiser,
  changes: number,
): Promise<Record<'catalog' | 'search', number[]>> {
  const word = `sight${newId().slice(-12)}`;
  const variants = [{ sku: word, price: { amountMinor: 1, currency: 'USD' }, onHand: 10 }];
  const input = { title: word, slug: word, variants, idempotencyKey: newId() };
  const { product } = await staff.createProduct(input);
  if (product === null) throw new Error('Nothing was made that could be changed');
  await staff.publishProduct({ productId: product.id });
  const variantId = product.variants[0]?.id;
  const inCatalog = async () =>
    (await guest.get<{ product: Priced | null }>(PAGE, { slug: word })).product?.priceRange.min.amountMinor;
  const inSearch = async () =>
    (await guest.get<{ searchProducts: { nodes: Priced[] } }>(SEARCH, { query: word })).searchProducts.nodes[0]
      ?.priceRange.min.amountMinor;
  const seen: Record<'catalog' | 'search', number[]> = { catalog: [], search: [] };
  for (let amountMinor = 2; amountMinor < changes + 2; amountMinor += 1) {
    const price = { amountMinor, currency: 'USD' };
    await staff.repriceVariant({ variantId, price });
    const from = performance.now();
    const [catalog, search] = await Promise.all([until(inCatalog, amountMinor), until(inSearch, amountMinor)]);
    seen.catalog.push(catalog - from);
    seen.search.push(search - from);
  }
  return seen;
}

async function until(read: () => Promise<number | undefined>, wanted: number): Promise<number> {
  const deadline = performance.now() + DEADLINE_MS;
  while ((await read()) !== wanted) {
    if (performance.now() > deadline) throw new Error(`Not seen within ${DEADLINE_MS} ms`);
  }
  return performance.now();
}
