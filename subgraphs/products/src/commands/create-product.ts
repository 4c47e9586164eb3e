import { appendEvents } from '@ebuy/events';
import { newId } from '@ebuy/kernel';
import { appendAudit, once } from '@ebuy/runtime';
import { type NewProduct, type NewProductInput, newProduct } from '../domain/new-product.ts';
import type { Product } from '../domain/product.ts';
import { assertTransportable } from '../domain/state-size.ts';
import { refuse } from '../refusals.ts';
import { type Database, inTransaction, type Transaction } from '../store/index.ts';
import { insertProduct } from '../store/insert-product.ts';
import { readProduct } from '../store/products.ts';
import { stockChanged } from '../store/stock.ts';
import type { Actor } from './actor.ts';
import { productChanged } from './change-product.ts';

export interface CreateProductInput extends NewProductInput {
  readonly idempotencyKey?: string | null | undefined;
}

interface Answer {
  readonly productId: string;
}

/** Makes a draft. Its slug, when nobody chose one, is the first free one that its title gives. */
export async function createProduct(
  database: Database,
  { idempotencyKey = null, ...input }: CreateProductInput,
  actor: Actor,
): Promise<{ result: Product; replayed: boolean }> {
  const wanted = newProduct(input, { now: new Date(), newId });
  assertTransportable(wanted.product);
  if (idempotencyKey === null) {
    return { result: await inTransaction(database, (tx) => insert(tx, wanted, actor)), replayed: false };
  }
  const request = { principal: actor.principal, operation: 'createProduct', key: idempotencyKey, input };
  const { answer, replayed } = await once<Answer>(database, request, (settle) =>
    inTransaction(database, async (tx) => {
      const made = { productId: (await insert(tx, wanted, actor)).id };
      await settle(tx, made);
      return made;
    }),
  );
  const product = await readProduct(database, answer.productId);
  if (product === null) refuse('PRODUCT_NOT_FOUND');
  return { result: product, replayed };
}

async function insert(tx: Transaction, wanted: NewProduct, { principal, trace, audit }: Actor): Promise<Product> {
  const product = await insertProduct(tx, wanted, principal);
  const levels = product.variants.map(({ id, stock }) => ({ variantId: id, productId: product.id, ...stock }));
  await appendEvents(tx, [productChanged(product, trace), ...stockChanged(levels, trace)]);
  const { id, version, variants } = product;
  const units = variants.reduce((sum, { stock }) => sum + stock.onHand, 0);
  const detail = { variants: variants.length, units };
  await appendAudit(tx, audit({ action: 'createProduct', aggregate: { type: 'Product', id }, version, detail }));
  return product;
}
