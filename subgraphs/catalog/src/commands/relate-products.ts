import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { Fault, newId } from '@ebuy/kernel';
import type { CatalogProduct, Shown } from '../domain/catalog-product.ts';
import { type Relatable, relationsAmong } from '../domain/related.ts';
import { same } from '../domain/same.ts';
import { changeProducts } from './change-products.ts';
import type { CatalogNeeds } from './needs.ts';

const BATCH = 200;
const READ_BATCH = 1_000;
/** After the last change; a flood of changes is waited out this long at most. */
const QUIET_MS = 2_000;
const LONGEST_WAIT_MS = 20_000;
const LEAST_REST_MS = 3_000;
/** A pass may take a tenth of the time. */
const REST_SHARE = 9;
/** Without a poke: a change whose writer ended before it could say so, or had no answer, is told to nobody. */
const COME_ROUND_MS = 900_000;
/** A pass that writes is followed by one that looks again; when products keep moving, the next poke goes on. */
const MAX_PASSES = 10;

interface Row {
  readonly _id: string;
  readonly shown?: Pick<
    Shown,
    'status' | 'tags' | 'productType' | 'vendor' | 'priceRange' | 'collections' | 'relatedProductIds'
  >;
}

const FIELDS = {
  'shown.status': 1,
  'shown.tags': 1,
  'shown.productType': 1,
  'shown.vendor': 1,
  'shown.priceRange.min': 1,
  'shown.collections.collectionId': 1,
  'shown.relatedProductIds': 1,
} as const;

/**
 * Decides anew which products go with which, and writes only what has changed. Repeated until there is nothing left to write: whoever
 * wrote looks again, so replicas that do this at the same moment end with the same, whatever each of them saw. Returns how many
 * were written.
 */
export async function relateProducts(needs: CatalogNeeds, stop?: AbortSignal): Promise<number> {
  let written = 0;
  for (let pass = 1; pass <= MAX_PASSES && stop?.aborted !== true; pass += 1) {
    const now = await relateOnce(needs, stop);
    written += now;
    if (now === 0) break;
  }
  return written;
}

async function relateOnce(needs: CatalogNeeds, stop?: AbortSignal): Promise<number> {
  const relatables: Relatable[] = [];
  const before = new Map<string, readonly string[]>();
  for await (const rows of needs.store.products.scan<Row>(FIELDS, READ_BATCH)) {
    for (const { _id, shown } of rows) {
      if (shown === undefined) continue;
      before.set(_id, shown.relatedProductIds);
      if (shown.status === 'PUBLISHED') relatables.push(relatable(_id, shown));
    }
    if (stop?.aborted) return 0;
  }
  const after = new Map<string, string[]>();
  const relations = relationsAmong(relatables);
  for (let position = 0; position < relations.count; position += 1) {
    after.set(relations.idAt(position), relations.relatedAt(position));
    if (position % BATCH === 0) await nextTurn();
  }
  const changed = [...before].filter(([id, ids]) => !same(ids, after.get(id) ?? [])).map(([id]) => id);
  const trace = { correlationId: newId(), causationId: null };
  let written = 0;
  for (let start = 0; start < changed.length && stop?.aborted !== true; start += BATCH) {
    const ids = changed.slice(start, start + BATCH);
    const decide = (current: CatalogProduct) => related(current, after.get(current.id) ?? []);
    try {
      written += await changeProducts(needs, ids, trace, decide);
    } catch (error) {
      // One that cannot be kept: the others of its batch are, and so are those of the next.
      if (!(error instanceof Fault) || error.retryable) throw error;
      needs.logger.warn({ err: error }, 'a product could not be related');
    }
  }
  return written;
}

function related(current: CatalogProduct, relatedProductIds: string[]): CatalogProduct {
  return current.shown === null ? current : { ...current, shown: { ...current.shown, relatedProductIds } };
}

function relatable(id: string, shown: NonNullable<Row['shown']>): Relatable {
  return {
    id,
    collectionIds: shown.collections.map(({ collectionId }) => collectionId),
    tags: shown.tags,
    productType: shown.productType,
    vendor: shown.vendor,
    price: shown.priceRange.min,
  };
}

export interface Relating {
  /** Says that something has changed that decides which products go with which. */
  poke(): void;
  stop(): Promise<void>;
}

/** Keeps relating in the background: once at the start, each time when changes have gone quiet, and now and then by itself. */
export function startRelating(needs: CatalogNeeds, comeRoundMs = COME_ROUND_MS): Relating {
  const stopping = new AbortController();
  const { signal } = stopping;
  let poked = Promise.withResolvers<void>();
  let lastPokeAt = Number.NEGATIVE_INFINITY;
  const quiet = async () => {
    const deadline = performance.now() + LONGEST_WAIT_MS;
    for (;;) {
      const leftMs = Math.min(lastPokeAt + QUIET_MS, deadline) - performance.now();
      if (leftMs <= 0 || signal.aborted) return;
      await sleep(leftMs, undefined, { signal }).catch(() => undefined);
    }
  };
  let failures = 0;
  const pass = async () => {
    const from = performance.now();
    try {
      const written = await relateProducts(needs, signal);
      failures = 0;
      if (written > 0) needs.logger.info({ written, tookMs: Math.round(performance.now() - from) }, 'related products');
    } catch (error) {
      failures += 1;
      if (failures === 1) needs.logger.warn({ err: error }, 'products could not be related; this comes round again');
      poked.resolve();
    }
    const restMs = Math.max(LEAST_REST_MS, (performance.now() - from) * REST_SHARE);
    await sleep(restMs, undefined, { signal }).catch(() => undefined);
  };
  const done = (async () => {
    while (!signal.aborted) {
      poked = Promise.withResolvers();
      await pass();
      if (signal.aborted) return;
      const round = setTimeout(() => poked.resolve(), comeRoundMs);
      await poked.promise;
      clearTimeout(round);
      await quiet();
    }
  })();
  signal.addEventListener('abort', () => poked.resolve(), { once: true });
  return {
    poke() {
      lastPokeAt = performance.now();
      poked.resolve();
    },
    async stop() {
      stopping.abort();
      await done;
    },
  };
}
