import { isId, type Money } from '@ebuy/kernel';
import type { Product, VariantOfProduct } from '../domain/product.ts';
import { pricesOf } from '../domain/variants.ts';
import { refuse } from '../refusals.ts';
import { type Database, Prisma } from '../store/index.ts';
import { productIdOfVariant } from '../store/products.ts';
import type { Actor } from './actor.ts';
import { changeProduct } from './change-product.ts';

export interface RepriceVariantInput {
  readonly variantId: string;
  readonly price: Money;
  /** Not given: it stays; null: there is none any more. */
  readonly compareAtPrice?: Money | null | undefined;
  readonly expectedVersion?: number | null | undefined;
}

export async function repriceVariant(
  database: Database,
  input: RepriceVariantInput,
  actor: Actor,
): Promise<VariantOfProduct> {
  const variantId = input.variantId.toLowerCase();
  const productId = isId(variantId) ? await productIdOfVariant(database, variantId) : null;
  if (productId === null) refuse('VARIANT_NOT_FOUND', { field: ['variantId'] });
  const request = {
    productId,
    expectedVersion: input.expectedVersion ?? null,
    actor,
    action: 'repriceVariant',
    now: new Date(),
    detail: (before: Product, after: Product) => repricing(variantIn(before, variantId), variantIn(after, variantId)),
    show: (product: Product) => variantIn(product, variantId),
  };
  const product = await changeProduct(database, request, async (before, tx) => {
    const { product: _, ...variant } = variantIn(before, variantId);
    const { priceMinor, compareAtMinor } = pricesOf(input, before.currency, []);
    const after = {
      ...variant,
      priceMinor,
      compareAtMinor: input.compareAtPrice === undefined ? variant.compareAtMinor : compareAtMinor,
    };
    if (after.priceMinor === variant.priceMinor && after.compareAtMinor === variant.compareAtMinor) return before;
    await tx.$executeRaw(Prisma.sql`
      UPDATE variant SET price_minor = ${after.priceMinor}, compare_at_minor = ${after.compareAtMinor}
       WHERE id = ${variantId}::uuid`);
    return { ...before, variants: before.variants.map((one) => (one.id === variantId ? after : one)) };
  });
  return variantIn(product, variantId);
}

function repricing(before: VariantOfProduct, after: VariantOfProduct) {
  return {
    variantId: after.id,
    wasPriceMinor: before.priceMinor,
    priceMinor: after.priceMinor,
    wasCompareAtMinor: before.compareAtMinor,
    compareAtMinor: after.compareAtMinor,
    currency: after.product.currency,
  };
}

function variantIn(product: Product, variantId: string): VariantOfProduct {
  const variant = product.variants.find(({ id }) => id === variantId);
  if (variant === undefined) refuse('VARIANT_NOT_FOUND', { field: ['variantId'] });
  return { ...variant, product };
}
