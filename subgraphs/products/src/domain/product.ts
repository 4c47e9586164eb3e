import type { EventPayload } from '@ebuy/events';
import { type Availability, availabilityOf, bestAvailability, type Money } from '@ebuy/kernel';

export type ProductStatus = 'DRAFT' | 'PUBLISHED' | 'WITHDRAWN';

export interface ProductOption {
  readonly name: string;
  readonly values: readonly string[];
}

export interface Image {
  readonly url: string;
  readonly altText: string | null;
  readonly width: number | null;
  readonly height: number | null;
}

export interface Stock {
  readonly onHand: number;
  readonly reserved: number;
  /** Units that left for orders since the variant was made: never falls. */
  readonly sold: number;
  readonly version: number;
}

export interface Variant {
  readonly id: string;
  readonly sku: string;
  readonly optionValues: readonly string[];
  readonly priceMinor: number;
  readonly compareAtMinor: number | null;
  /** The units that the last import counted; null when none did. */
  readonly importedQuantity: number | null;
  readonly stock: Stock;
}

/** A product as the shop keeps it. Times are ISO 8601, UTC; all prices are in its one currency. */
export interface Product {
  readonly id: string;
  readonly version: number;
  readonly status: ProductStatus;
  readonly slug: string;
  readonly title: string;
  readonly descriptionHtml: string;
  readonly vendor: string | null;
  readonly productType: string | null;
  readonly tags: readonly string[];
  readonly collections: readonly string[];
  readonly currency: string;
  readonly options: readonly ProductOption[];
  readonly images: readonly Image[];
  readonly variants: readonly Variant[];
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly publishedAt: string | null;
  readonly withdrawnAt: string | null;
}

/** A variant is read and shown with its product: half of what it shows is the product's. */
export interface VariantOfProduct extends Variant {
  readonly product: Product;
}

export const DEFAULT_VARIANT_TITLE = 'Default';

export function titleOfVariant(optionValues: readonly string[]): string {
  return optionValues.length === 0 ? DEFAULT_VARIANT_TITLE : optionValues.join(' / ');
}

/** Its variants, each with it. */
export function variantsOf(product: Product): VariantOfProduct[] {
  return product.variants.map((variant) => ({ ...variant, product }));
}

/** What a line of a cart or an order calls it. */
export function titleForSale(productTitle: string, optionValues: readonly string[], variantsOfProduct: number): string {
  if (variantsOfProduct === 1 || optionValues.length === 0) return productTitle;
  return `${productTitle} – ${titleOfVariant(optionValues)}`;
}

export function availableUnits(stock: Stock): number {
  return stock.onHand - stock.reserved;
}

export function availabilityOfVariant({ stock }: Variant): Availability {
  return availabilityOf(availableUnits(stock));
}

export function availabilityOfProduct({ variants }: Product): Availability {
  return bestAvailability(variants.map(({ stock }) => availableUnits(stock)));
}

export function priceOf({ product, priceMinor }: VariantOfProduct): Money {
  return { amountMinor: priceMinor, currency: product.currency };
}

export function compareAtPriceOf({ product, compareAtMinor }: VariantOfProduct): Money | null {
  return compareAtMinor === null ? null : { amountMinor: compareAtMinor, currency: product.currency };
}

export function selectedOptionsOf({ product, optionValues }: VariantOfProduct): { name: string; value: string }[] {
  return product.options.map(({ name }, index) => ({ name, value: optionValues[index] ?? '' }));
}

export function priceRangeOf({ variants, currency }: Product): { min: Money; max: Money } {
  const prices = variants.map(({ priceMinor }) => priceMinor);
  return {
    min: { amountMinor: Math.min(...prices), currency },
    max: { amountMinor: Math.max(...prices), currency },
  };
}

/** The whole state, as `product.changed` and `product.withdrawn` carry it. */
export function stateOf(product: Product): EventPayload<'product.changed'> {
  return {
    productId: product.id,
    version: product.version,
    status: product.status,
    slug: product.slug,
    title: product.title,
    descriptionHtml: product.descriptionHtml,
    vendor: product.vendor,
    productType: product.productType,
    tags: [...product.tags],
    collections: [...product.collections],
    options: product.options.map(({ name, values }) => ({ name, values: [...values] })),
    variants: variantsOf(product).map((variant) => ({
      variantId: variant.id,
      sku: variant.sku,
      title: titleOfVariant(variant.optionValues),
      selectedOptions: selectedOptionsOf(variant),
      price: priceOf(variant),
      compareAtPrice: compareAtPriceOf(variant),
    })),
    images: product.images.map((image) => ({ ...image })),
    createdAt: product.createdAt,
    updatedAt: product.updatedAt,
    publishedAt: product.publishedAt,
    withdrawnAt: product.withdrawnAt,
  };
}
