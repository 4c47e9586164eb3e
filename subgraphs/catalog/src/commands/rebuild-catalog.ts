import { setTimeout as sleep } from 'node:timers/promises';
import type { Trace } from '@ebuy/events';
import { Fault, newId } from '@ebuy/kernel';
import { type CatalogProduct, NO_SOURCES } from '../domain/catalog-product.ts';
import type { SourceTopics } from '../store/topics.ts';
import { placeProducts } from './change-products.ts';
import type { CatalogNeeds } from './needs.ts';
import { relateProducts } from './relate-products.ts';

const BATCH = 200;
const MAX_ROUNDS = 20;
/** For the relay of a running service to send the withdrawals of what goes. */
const FAREWELL_MS = 30_000;

export interface Rebuilt {
  /** Events read from the topics, and those that could not be. */
  readonly events: number;
  readonly unreadable: number;
  readonly products: number;
  /** Documents that were not as the events say, or not there. */
  readonly written: number;
  /** Documents that no event tells of. */
  readonly gone: number;
  readonly related: number;
  /** Products that could not be kept, with the reason. */
  readonly failed: readonly { readonly productId: string; readonly reason: string }[];
  readonly tookMs: number;
}

/** As the events say, or gone; undefined while that is not certain. */
type Judge = (live: CatalogProduct) => CatalogProduct | undefined;

/**
 * Brings every document to what the topics say, while the service goes on: by the same compare-and-set as every reaction. What already is
 * right is not written. Ended in between, it is simply run again.
 */
export async function rebuildCatalog(needs: CatalogNeeds, topics: SourceTopics): Promise<Rebuilt> {
  const from = performance.now();
  const { store, logger } = needs;
  await topics.caughtUp();
  logger.info({ ...topics.counts, products: topics.products.size }, 'the topics are read');
  const failed: { productId: string; reason: string }[] = [];
  const trace = { correlationId: newId(), causationId: null };
  let written = 0;
  const bring = async (ids: readonly string[]) => {
    written += await bringAll(needs, topics, ids, trace, failed);
  };
  const known = [...topics.products.keys()];
  for (let start = 0; start < known.length; start += BATCH) await bring(known.slice(start, start + BATCH));
  for await (const rows of store.products.scan({ _id: 1 }, BATCH)) {
    const strangers = rows.map(({ _id }) => _id).filter((id) => !topics.products.has(id));
    if (strangers.length === 0) continue;
    // Empty topics are a broken Kafka, or the wrong one, rather than a shop that never had a product.
    if (topics.products.size === 0)
      throw new Fault('No topic has an event, but there are documents', { retryable: false });
    await bring(strangers);
  }
  const related = await relateProducts(needs);
  const gone = await letGo(needs);
  const { read: events, unreadable } = topics.counts;
  const products = topics.products.size;
  return { events, unreadable, products, written, gone, related, failed, tookMs: Math.round(performance.now() - from) };
}

async function bringAll(
  needs: CatalogNeeds,
  topics: SourceTopics,
  ids: readonly string[],
  trace: Trace,
  failed: { productId: string; reason: string }[],
): Promise<number> {
  let ahead: ReadonlyMap<string, number> = new Map();
  let written = 0;
  let open = [...ids];
  for (let round = 1; open.length > 0 && round <= MAX_ROUNDS; round += 1) {
    const aheadNow = new Map<string, number>();
    const judge = judgeBy(needs, topics, ahead);
    const decide = (live: CatalogProduct) => {
      const right = judge(live);
      if (right === undefined) aheadNow.set(live.id, live.revision);
      else aheadNow.delete(live.id);
      return right ?? live;
    };
    written += await bringEach(needs, open, trace, decide, failed);
    open = [...aheadNow.keys()];
    ahead = aheadNow;
    if (open.length > 0) await topics.caughtUp();
  }
  return written;
}

/** Together; when one of them cannot be kept, each by itself. */
async function bringEach(
  needs: CatalogNeeds,
  ids: readonly string[],
  trace: Trace,
  decide: (live: CatalogProduct) => CatalogProduct,
  failed: { productId: string; reason: string }[],
): Promise<number> {
  try {
    return await placeProducts(needs, ids, trace, decide);
  } catch (error) {
    const [only] = ids;
    if (!(error instanceof Fault) || error.retryable || only === undefined) throw error;
    if (ids.length === 1) {
      failed.push({ productId: only, reason: error.message });
      return 0;
    }
    let written = 0;
    for (const id of ids) written += await bringEach(needs, [id], trace, decide, failed);
    return written;
  }
}

/**
 * A document may have heard of an event that came after the topics were read: newer sources win. It may also claim a version that no event
 * ever had. So one that is ahead is looked at again once the topics are read on: whatever it had heard of by then is in them. `ahead`
 * has the revisions that it had before that.
 */
function judgeBy({ now }: CatalogNeeds, { products }: SourceTopics, ahead: ReadonlyMap<string, number>): Judge {
  return (live) => {
    const told = products.get(live.id);
    if ((told === undefined || isAhead(live, told)) && ahead.get(live.id) !== live.revision) return undefined;
    if (told === undefined || (told.shown === null && live.shown !== null)) return farewell(live, now().toISOString());
    const { sources } = told;
    if (told.shown === null) return { ...live, sources, sortedInto: [], goneSince: null };
    const relatedProductIds = live.shown?.relatedProductIds ?? [];
    const collections = live.shown?.collections ?? [];
    return { ...live, sources, shown: { ...told.shown, relatedProductIds, collections }, goneSince: null };
  };
}

function isAhead({ sources }: CatalogProduct, told: CatalogProduct): boolean {
  const levels = new Map(told.sources.stock.map(({ variantId, version }) => [variantId, version]));
  return (
    sources.product > told.sources.product ||
    (sources.rating?.version ?? 0) > (told.sources.rating?.version ?? 0) ||
    sources.stock.some(({ variantId, version }) => version > (levels.get(variantId) ?? 0))
  );
}

/** The world is told first; the document goes when that is sent. */
function farewell(live: CatalogProduct, at: string): CatalogProduct {
  if (live.revision === 0 || live.goneSince !== null) return live;
  const left = { sources: NO_SOURCES, sortedInto: [], goneSince: at };
  if (live.shown === null) return { ...live, ...left };
  const withdrawn = { status: 'WITHDRAWN' as const, withdrawnAt: live.shown.withdrawnAt ?? at };
  return { ...live, ...left, shown: { ...live.shown, ...withdrawn, collections: [], relatedProductIds: [] } };
}

async function letGo({ store, logger }: CatalogNeeds): Promise<number> {
  let gone = 0;
  for (const deadline = performance.now() + FAREWELL_MS; ; ) {
    gone += await store.products.deleteGone();
    if (!(await store.products.goneWait())) return gone;
    if (performance.now() > deadline) {
      logger.warn({}, 'some withdrawals are not sent yet; the service lets these documents go once they are');
      return gone;
    }
    await sleep(200);
  }
}
