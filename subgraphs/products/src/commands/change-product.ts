import { isDeepStrictEqual } from 'node:util';
import { appendEvents, newEvent, type Trace } from '@ebuy/events';
import { isId } from '@ebuy/kernel';
import { type Audited, appendAudit } from '@ebuy/runtime';
import { type Product, stateOf } from '../domain/product.ts';
import { assertTransportable } from '../domain/state-size.ts';
import { refuse } from '../refusals.ts';
import { type Database, inTransaction, type Transaction } from '../store/index.ts';
import { lockProduct } from '../store/products.ts';
import { writeProduct } from '../store/write-product.ts';
import type { Actor } from './actor.ts';

export interface Change {
  readonly productId: string;
  readonly expectedVersion: number | null;
  readonly actor: Actor;
  /** The operation, as the audit calls it. */
  readonly action: string;
  readonly now: Date;
  /** What the audit says beside which fields were changed. */
  readonly detail?: (before: Product, after: Product) => NonNullable<Audited['detail']>;
  /** How a VERSION_CONFLICT shows the product as it is now; the product itself by default. */
  readonly show?: (product: Product) => unknown;
}

/**
 * Changes one product: locks it, compares its version, applies `change`, raises the version and emits the whole state.
 * `change` returns the product as it shall be; the very one that it was given means that nothing changes.
 */
export async function changeProduct(
  database: Database,
  { productId, expectedVersion, actor, action, now, detail, show = (product) => product }: Change,
  change: (product: Product, tx: Transaction) => Product | Promise<Product>,
): Promise<Product> {
  return inTransaction(database, async (tx) => {
    const before = isId(productId) ? await lockProduct(tx, productId) : null;
    if (before === null) refuse('PRODUCT_NOT_FOUND', { field: ['productId'] });
    if (expectedVersion !== null && expectedVersion !== before.version) {
      refuse('VERSION_CONFLICT', { field: ['expectedVersion'], current: show(before) });
    }
    const wanted = await change(before, tx);
    if (wanted === before) return before;
    const after = nextVersion(before, wanted, now);
    await writeProduct(tx, after);
    await appendEvents(tx, [productChanged(after, actor.trace)]);
    const audited = {
      action,
      aggregate: { type: 'Product', id: after.id },
      version: after.version,
      detail: { status: after.status, changed: changedFields(before, wanted), ...detail?.(before, after) },
    };
    await appendAudit(tx, actor.audit(audited, now));
    return after;
  });
}

/** By name alone: what stands in them is the product's own history. */
function changedFields(before: Product, wanted: Product): string[] {
  const fields = Object.keys(wanted) as (keyof Product)[];
  return fields.filter((field) => !isDeepStrictEqual(before[field], wanted[field]));
}

/** The product as it is after a change. Refuses one that no event could carry. */
export function nextVersion(before: Product, wanted: Product, now: Date): Product {
  const after = { ...wanted, version: before.version + 1, updatedAt: now.toISOString() };
  assertTransportable(after);
  return after;
}

/** The type tells the status, so that it still does when compaction has left the last event only. */
export function productChanged(product: Product, trace: Trace) {
  return newEvent(product.status === 'WITHDRAWN' ? 'product.withdrawn' : 'product.changed', stateOf(product), trace);
}
