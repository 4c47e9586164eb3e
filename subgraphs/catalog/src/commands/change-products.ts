import { setTimeout as sleep } from 'node:timers/promises';
import type { Trace } from '@ebuy/events';
import { Fault } from '@ebuy/kernel';
import { blankProduct, type CatalogProduct, type Shown } from '../domain/catalog-product.ts';
import { catalogEvent } from '../domain/event.ts';
import { placed } from '../domain/placement.ts';
import { same } from '../domain/same.ts';
import { settle } from '../domain/settle.ts';
import type { ProductChange } from '../store/products.ts';
import type { CatalogNeeds } from './needs.ts';

const MAX_TRIES = 60;
const MAX_PAUSE_MS = 30;
/** When a bulk has failed this often, each product is tried by itself: one that cannot be kept must not hold the others up. */
const TRIES_TOGETHER = 6;

export type Decide = (current: CatalogProduct) => CatalogProduct;

/**
 * Reads, decides and writes, again when another was faster: two round trips when nobody was. `decide` must give the same for what it
 * gave before: of a bulk that was written in part, all are decided again. Returns how many were written.
 */
export async function changeProducts(
  needs: CatalogNeeds,
  ids: readonly string[],
  trace: Trace,
  decide: Decide,
): Promise<number> {
  let written = 0;
  for (let tries = 1; tries <= MAX_TRIES; tries += 1) {
    const at = needs.now();
    const changes = await changesOf(needs, ids, trace, decide, at);
    if (changes.length === 0) return written;
    const now = await needs.store.products.write(changes, at);
    written += now;
    if (now > 0) tell(needs, changes, now === changes.length);
    if (now === changes.length) return written;
    if (tries === TRIES_TOGETHER && ids.length > 1) {
      return written + (await changeOneByOne(needs, ids, trace, decide));
    }
    await sleep(Math.random() * Math.min(2 * tries, MAX_PAUSE_MS));
  }
  throw new Fault('A product changed faster than it could be changed', { retryable: true });
}

/** Those that cannot be kept do not hold the others up; the first of them is told in the end. */
async function changeOneByOne(
  needs: CatalogNeeds,
  ids: readonly string[],
  trace: Trace,
  decide: Decide,
): Promise<number> {
  let written = 0;
  let fault: Fault | undefined;
  for (const id of ids) {
    try {
      written += await changeProducts(needs, [id], trace, decide);
    } catch (error) {
      if (!(error instanceof Fault) || error.retryable) throw error;
      fault ??= error;
    }
  }
  if (fault !== undefined) throw fault;
  return written;
}

async function changesOf(
  { store }: CatalogNeeds,
  ids: readonly string[],
  trace: Trace,
  decide: Decide,
  at: Date,
): Promise<ProductChange[]> {
  const current = await store.products.readForChange(ids);
  return ids.flatMap((id) => {
    const before = current.get(id) ?? blankProduct(id);
    const settled = settle(before, decide(before), at.getTime());
    if (settled === null) return [];
    const { product, isVisible } = settled;
    return [{ before, after: product, event: isVisible ? catalogEvent(product, trace, at) : null }];
  });
}

/**
 * The same, with the products' places in collections decided as well. Whoever writes a place looks again afterwards whether the collections
 * have moved meanwhile, and decides anew: so a product and a collection that change at the same moment agree in the end, for whichever
 * of the two was later sees the other. Cut off in between, it is done again when the event comes again.
 */
export async function placeProducts(
  needs: CatalogNeeds,
  ids: readonly string[],
  trace: Trace,
  decide: Decide = (current) => current,
): Promise<number> {
  const { shelves } = needs;
  if (shelves.edition === 0) await shelves.refresh();
  let written = 0;
  for (let tries = 1; tries <= MAX_TRIES; tries += 1) {
    const { edition } = shelves;
    written += await changeProducts(needs, ids, trace, (current) => placed(decide(current), shelves.all()));
    await shelves.refresh();
    if (shelves.edition === edition) return written;
  }
  throw new Fault('Collections changed faster than a product could be placed', { retryable: true });
}

function tell(needs: CatalogNeeds, changes: readonly ProductChange[], isAll: boolean): void {
  for (const { before, after } of changes) {
    if (decidesRelations(before.shown, after.shown)) needs.onRelationsChanged();
    if (isAll) tellMissed(needs, before, after);
  }
}

function tellMissed({ onMissed, logger }: CatalogNeeds, before: CatalogProduct, after: CatalogProduct): void {
  if (after.sources.missed === before.sources.missed) return;
  for (const gap of after.sources.missed) {
    // A gap that has become smaller is no new one.
    if (before.sources.missed.some(({ source, from, to }) => source === gap.source && from <= gap.to && gap.from <= to))
      continue;
    onMissed(gap.source.split('/')[0] as 'product' | 'stock', gap.to - gap.from + 1);
    logger.warn(
      { productId: after.id, ...gap },
      'versions of a source were passed over: lost, or compacted away; the newest has everything',
    );
  }
}

function decidesRelations(before: Shown | null, after: Shown | null): boolean {
  if (before === after || (before?.status !== 'PUBLISHED' && after?.status !== 'PUBLISHED')) return false;
  return !same(traitsOf(before), traitsOf(after));
}

function traitsOf(shown: Shown | null): unknown {
  return (
    shown && [
      shown.status,
      shown.tags,
      shown.productType,
      shown.vendor,
      shown.priceRange.min,
      shown.collections.map(({ collectionId }) => collectionId),
    ]
  );
}
