import type { Money } from '@ebuy/kernel';
import { nthSlug, slugOf } from '@ebuy/kernel';
import { refuse } from '../refusals.ts';
import { sanitisedDescription } from './description.ts';
import {
  collectionsOf,
  imagesOf,
  newProduct,
  optionsOf,
  productTypeOf,
  tagsOf,
  titleOf,
  vendorOf,
} from './new-product.ts';
import type { Image, Product, ProductOption, Variant } from './product.ts';
import { published } from './status.ts';
import { MAX_VARIANTS, newVariants, type VariantInput } from './variants.ts';

/** What a file says of a product. A field that the file has no column for is not given, and stays as it is. */
export interface ImportedProduct {
  readonly slug: string;
  readonly title: string;
  readonly descriptionHtml?: string;
  readonly vendor?: string;
  readonly productType?: string;
  readonly tags?: readonly string[];
  /** Slugs of collections that it joins; it leaves none. */
  readonly collections: readonly string[];
  readonly optionNames: readonly string[];
  readonly variants: readonly ImportedVariant[];
  /** None: those that it has stay. */
  readonly images: readonly ImportedImage[];
  /** Whether the file lets a draft be put on sale. */
  readonly mayBeOnSale: boolean;
}

export interface ImportedVariant {
  /** Null: the one that the variant has, or one made of the product's slug and its option values. */
  readonly sku: string | null;
  readonly optionValues: readonly string[];
  readonly price: Money;
  /** Null: none; not given: as it is. */
  readonly compareAtPrice?: Money | null;
  /** Units that were counted; null: the file does not say. */
  readonly quantity: number | null;
}

export interface ImportedImage {
  readonly url: string;
  readonly altText?: string;
}

export interface Making {
  readonly now: Date;
  readonly newId: () => string;
  /** Whether drafts are put on sale, where the file lets them. */
  readonly publish: boolean;
}

/** A product that the shop does not have yet, with its first stock. */
export function newImported(wanted: ImportedProduct, making: Making): Product {
  const { product } = newProduct(
    {
      ...wanted,
      options: optionsIn(wanted, []),
      variants: wanted.variants.map((variant, index) => ({
        ...variant,
        sku: variant.sku ?? derivedSku(wanted.slug, variant.optionValues),
        onHand: wanted.variants[index]?.quantity ?? 0,
      })),
    },
    making,
  );
  const variants = product.variants.map((variant, index) => ({
    ...variant,
    importedQuantity: wanted.variants[index]?.quantity ?? null,
  }));
  return onSaleWhereWanted({ ...product, variants }, wanted, making);
}

/** The units that a file counts otherwise than the last one did; what was sold since is in neither. */
export interface Count {
  /** Which of the file's variants. */
  readonly index: number;
  readonly variantId: string;
  readonly quantity: number;
}

/**
 * A product as it is once the file has been brought in: equal to the one that was given when nothing changes. Variants are known by their
 * SKU, else by their option values; those that the file does not have stay as they are, behind the others.
 */
export function withImported(
  product: Product,
  wanted: ImportedProduct,
  making: Making,
): { readonly product: Product; readonly counts: readonly Count[] } {
  const matches = matchesOf(product.variants, wanted.variants);
  const kept = product.variants.filter((variant) => !matches.includes(variant));
  refuseMisfits(product, wanted, kept);
  const options = optionsOf(optionsIn(wanted, kept));
  const inputs = wanted.variants.map((variant, index) => inputOf(variant, matches[index], product));
  const checked = newVariants([...inputs, ...kept.map((variant) => asInput(variant, product))], options, making.newId);
  const variants = checked.map((variant, index) => {
    const before = index < inputs.length ? matches[index] : kept[index - inputs.length];
    const quantity = wanted.variants[index]?.quantity ?? null;
    if (before === undefined) return { ...variant, importedQuantity: quantity };
    return { ...variant, id: before.id, stock: before.stock, importedQuantity: before.importedQuantity };
  });
  const { descriptionHtml, vendor, productType, tags, collections } = wanted;
  const changed: Product = {
    ...product,
    title: titleOf(wanted.title),
    ...(descriptionHtml === undefined ? {} : { descriptionHtml: sanitisedDescription(descriptionHtml) }),
    ...(vendor === undefined ? {} : { vendor: vendorOf(vendor) }),
    ...(productType === undefined ? {} : { productType: productTypeOf(productType) }),
    ...(tags === undefined ? {} : { tags: tagsOf(tags) }),
    collections: collectionsOf([...new Set([...product.collections, ...collections])]),
    options,
    variants,
    ...(wanted.images.length === 0 ? {} : { images: mergedImages(product.images, wanted.images) }),
  };
  return { product: onSaleWhereWanted(changed, wanted, making), counts: countsOf(wanted, matches) };
}

function onSaleWhereWanted(product: Product, { mayBeOnSale }: ImportedProduct, { publish, now }: Making): Product {
  return publish && mayBeOnSale && product.status === 'DRAFT' ? published(product, now) : product;
}

/** By SKU first, so that no other claims the variant by its option values. */
function matchesOf(variants: readonly Variant[], wanted: readonly ImportedVariant[]): (Variant | undefined)[] {
  const matches = wanted.map(({ sku }) => (sku === null ? undefined : variants.find((variant) => variant.sku === sku)));
  return wanted.map(({ optionValues }, index) => {
    const bySku = matches[index];
    if (bySku !== undefined) return bySku;
    const key = combinationOf(optionValues);
    const byValues = variants.find((one) => combinationOf(one.optionValues) === key && !matches.includes(one));
    if (byValues !== undefined) matches[index] = byValues;
    return byValues;
  });
}

function combinationOf(values: readonly string[]): string {
  return JSON.stringify(values.map((value) => value.normalize('NFC').trim()));
}

function refuseMisfits(product: Product, wanted: ImportedProduct, kept: readonly Variant[]): void {
  const other = wanted.variants.findIndex(({ price }) => price.currency !== product.currency);
  if (other >= 0) {
    const message = `The product’s prices are in ${product.currency}. Import it in that currency.`;
    refuse('CURRENCY_MISMATCH', { field: ['variants', String(other), 'price'], message });
  }
  const misfit = kept.find(({ optionValues }) => optionValues.length !== wanted.optionNames.length);
  if (misfit !== undefined) {
    const message = `The variant ${misfit.sku}, which the file does not have, does not fit these options. Add its row.`;
    refuse('INVALID_OPTIONS', { field: ['options', '0', 'name'], message });
  }
  if (wanted.variants.length + kept.length > MAX_VARIANTS) {
    const message = `A product has at most ${MAX_VARIANTS} variants, ${kept.length} of which the file does not have.`;
    refuse('INVALID_INPUT', { field: ['variants'], message });
  }
}

/** The options' values in the order in which the variants name them. */
function optionsIn({ optionNames, variants }: ImportedProduct, kept: readonly Variant[]): ProductOption[] {
  return optionNames.map((name, option) => ({
    name,
    values: [
      ...new Set(
        [...variants, ...kept].map(({ optionValues }) => (optionValues[option] ?? '').normalize('NFC').trim()),
      ),
    ],
  }));
}

function inputOf(wanted: ImportedVariant, match: Variant | undefined, product: Product): VariantInput {
  const { sku, optionValues, price, compareAtPrice } = wanted;
  const before = match === undefined ? null : asInput(match, product);
  return {
    sku: sku ?? before?.sku ?? derivedSku(product.slug, optionValues),
    optionValues,
    price,
    compareAtPrice: compareAtPrice === undefined ? (before?.compareAtPrice ?? null) : compareAtPrice,
    onHand: wanted.quantity ?? 0,
  };
}

function asInput({ sku, optionValues, priceMinor, compareAtMinor }: Variant, { currency }: Product): VariantInput {
  return {
    sku,
    optionValues,
    price: { amountMinor: priceMinor, currency },
    compareAtPrice: compareAtMinor === null ? null : { amountMinor: compareAtMinor, currency },
  };
}

/** `lamp`, `lamp-brass-large`: the same each time the file is read. */
function derivedSku(slug: string, optionValues: readonly string[]): string {
  if (optionValues.length === 0) return slug;
  return nthSlug(slug, slugOf(optionValues.join(' '), 'variant').slice(0, 60));
}

/** What the file does not say of a picture stays. */
function mergedImages(before: readonly Image[], wanted: readonly ImportedImage[]): Image[] {
  const known = new Map(before.map((image) => [image.url, image]));
  return imagesOf(wanted).map((image, index) => {
    const same = known.get(image.url);
    return same !== undefined && wanted[index]?.altText === undefined ? { ...image, altText: same.altText } : image;
  });
}

function countsOf(wanted: ImportedProduct, matches: readonly (Variant | undefined)[]): Count[] {
  return matches.flatMap((match, index) => {
    const quantity = wanted.variants[index]?.quantity ?? null;
    if (match === undefined || quantity === null || quantity === match.importedQuantity) return [];
    return [{ index, variantId: match.id, quantity }];
  });
}
