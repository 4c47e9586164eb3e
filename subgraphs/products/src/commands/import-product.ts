import { isDeepStrictEqual } from 'node:util';
import { appendEvents, type Trace } from '@ebuy/events';
import { newId } from '@ebuy/kernel';
import { type ImportedProduct, type Making, newImported, withImported } from '../domain/imported-product.ts';
import type { Product } from '../domain/product.ts';
import { assertTransportable } from '../domain/state-size.ts';
import { countStock } from '../store/count-stock.ts';
import { insertOutcome } from '../store/imports.ts';
import { type Database, inTransaction } from '../store/index.ts';
import { insertImported } from '../store/insert-imported.ts';
import { lockProduct } from '../store/products.ts';
import { stockChanged } from '../store/stock.ts';
import { writeParts, writeProduct } from '../store/write-product.ts';
import { nextVersion, productChanged } from './change-product.ts';

export interface ImportOf {
  readonly importId: string;
  /** Of who runs it. */
  readonly token: string;
  /** Its place in the file. */
  readonly ordinal: number;
  readonly publish: boolean;
  readonly who: string;
  readonly trace: Trace;
}

const REASON = 'counted, by an import';

/**
 * Brings one product in: one transaction, at most one event of the product. `known` is the product as it was read before, without a lock:
 * when nothing would change by the file, nothing is written.
 */
export async function importProduct(
  database: Database,
  known: Product | null,
  wanted: ImportedProduct,
  by: ImportOf,
): Promise<'created' | 'updated' | 'unchanged'> {
  const making = { now: new Date(), newId, publish: by.publish };
  if (known === null) {
    const product = newImported(wanted, making);
    assertTransportable(product);
    const events = [productChanged(product, by.trace), ...firstStock(product, by.trace)];
    await insertImported(database, product, events, by);
    return 'created';
  }
  if (changesOf(known, wanted, making) === null) return 'unchanged';
  return inTransaction(database, async (tx) => {
    const before = await lockProduct(tx, known.id);
    if (before === null) throw new Error(`The product ${known.id} is gone`);
    const changes = changesOf(before, wanted, making);
    if (changes === null) return 'unchanged';
    const { product, counts } = changes;
    if (product !== null) {
      const after = nextVersion(before, product, making.now);
      await writeProduct(tx, after);
      await writeParts(tx, before, after, by.who);
      const added = after.variants.filter(({ id }) => before.variants.every((variant) => variant.id !== id));
      await appendEvents(tx, [productChanged(after, by.trace), ...firstStock({ ...after, variants: added }, by.trace)]);
    }
    if (counts.length > 0) {
      const levels = await countStock(tx, counts, { reason: REASON, who: by.who });
      await appendEvents(tx, stockChanged(levels, by.trace));
    }
    await insertOutcome(tx, by);
    return 'updated';
  });
}

/** Null: none at all; a product that is null stays as it is. */
function changesOf(before: Product, wanted: ImportedProduct, making: Making) {
  const { product, counts } = withImported(before, wanted, making);
  const isSame = isDeepStrictEqual(product, before);
  return isSame && counts.length === 0 ? null : { product: isSame ? null : product, counts };
}

function firstStock({ id, variants }: Product, trace: Trace) {
  return stockChanged(
    variants.map((variant) => ({ variantId: variant.id, productId: id, ...variant.stock })),
    trace,
  );
}
