import type { Money } from '@ebuy/kernel';
import { isSlug, slugOf } from '@ebuy/kernel';
import { refuse } from '../refusals.ts';
import { sanitisedDescription } from './description.ts';
import { imageSizeOf } from './image-size.ts';
import type { Image, Product, ProductOption } from './product.ts';
import { listWithin, requiredText, textOrNull } from './text.ts';
import { MAX_VARIANTS, newVariants, type VariantInput } from './variants.ts';

type Maybe<Value> = Value | null | undefined;

export interface NewProductInput {
  readonly slug?: Maybe<string>;
  readonly title: string;
  readonly descriptionHtml?: Maybe<string>;
  readonly vendor?: Maybe<string>;
  readonly productType?: Maybe<string>;
  readonly tags?: Maybe<readonly string[]>;
  readonly collections?: Maybe<readonly string[]>;
  readonly options?: Maybe<readonly ProductOption[]>;
  readonly variants: readonly VariantInput[];
  readonly images?: Maybe<readonly { readonly url: string; readonly altText?: Maybe<string> }[]>;
}

export interface NewProduct {
  readonly product: Product;
  /** Whether the caller chose the slug: then another's is a refusal, else the next free one is taken. */
  readonly slugGiven: boolean;
}

const MAX_LIST = 250;
const MAX_OPTIONS = 3;

/** Makes a draft of what somebody wants to sell, or refuses with the first thing that is wrong and where it stands. */
export function newProduct(input: NewProductInput, made: { now: Date; newId: () => string }): NewProduct {
  const id = made.newId();
  const title = titleOf(input.title);
  const options = optionsOf(input.options ?? []);
  const variants = newVariants(input.variants, options, made.newId);
  const at = made.now.toISOString();
  const given = input.slug ?? null;
  if (given !== null && !isSlug(given)) refuse('INVALID_SLUG', { field: ['slug'] });
  return {
    slugGiven: given !== null,
    product: {
      id,
      version: 1,
      status: 'DRAFT',
      slug: given ?? slugOf(title, `product-${id.slice(-12)}`),
      title,
      descriptionHtml: sanitisedDescription(input.descriptionHtml ?? ''),
      vendor: vendorOf(input.vendor),
      productType: productTypeOf(input.productType),
      tags: tagsOf(input.tags),
      collections: collectionsOf(input.collections),
      currency: currencyOf(input.variants),
      options,
      images: imagesOf(input.images ?? []),
      variants,
      createdAt: at,
      updatedAt: at,
      publishedAt: null,
      withdrawnAt: null,
    },
  };
}

export const titleOf = (title: string): string => requiredText(title, { field: ['title'], max: 200 });
export const vendorOf = (vendor: Maybe<string>) => textOrNull(vendor, { field: ['vendor'], max: 100 });
export const productTypeOf = (type: Maybe<string>) => textOrNull(type, { field: ['productType'], max: 100 });

export function tagsOf(tags: Maybe<readonly string[]>): string[] {
  const kept = listWithin(tags ?? [], MAX_LIST, ['tags']).map((tag, index) =>
    requiredText(tag, { field: ['tags', String(index)], max: 100 }),
  );
  return [...new Set(kept)];
}

export function collectionsOf(slugs: Maybe<readonly string[]>): string[] {
  for (const [index, slug] of listWithin(slugs ?? [], MAX_LIST, ['collections']).entries()) {
    if (!isSlug(slug)) refuse('INVALID_SLUG', { field: ['collections', String(index)] });
  }
  return [...new Set(slugs ?? [])];
}

export function optionsOf(options: readonly ProductOption[]): ProductOption[] {
  if (options.length > MAX_OPTIONS) {
    refuse('INVALID_OPTIONS', { field: ['options'], message: `A product has at most ${MAX_OPTIONS} options.` });
  }
  const kept = options.map(({ name, values }, index) => {
    const field = ['options', String(index)];
    return { name: requiredText(name, { field: [...field, 'name'], max: 100 }), values: valuesOf(values, field) };
  });
  const names = kept.map(({ name }) => name.toLowerCase());
  const again = names.findIndex((name, index) => names.indexOf(name) < index);
  if (again >= 0) {
    refuse('INVALID_OPTIONS', {
      field: ['options', String(again), 'name'],
      message: 'Two options have the same name. Give each its own.',
    });
  }
  return kept;
}

function valuesOf(values: readonly string[], option: readonly string[]): string[] {
  const field = [...option, 'values'];
  if (values.length === 0) refuse('INVALID_OPTIONS', { field, message: 'An option has at least one value.' });
  const kept = listWithin(values, MAX_VARIANTS, field).map((value, index) =>
    requiredText(value, { field: [...field, String(index)], max: 100 }),
  );
  const again = kept.findIndex((value, index) => kept.indexOf(value) < index);
  if (again >= 0) {
    refuse('INVALID_OPTIONS', { field: [...field, String(again)], message: 'An option has each value once.' });
  }
  return kept;
}

export function imagesOf(images: NonNullable<NewProductInput['images']>): Image[] {
  return listWithin(images, MAX_LIST, ['images']).map(({ url, altText }, index) => {
    const field = ['images', String(index)];
    const kept = imageUrlOf(url, [...field, 'url']);
    return {
      url: kept,
      altText: textOrNull(altText, { field: [...field, 'altText'], max: 500 }),
      ...(imageSizeOf(kept) ?? { width: null, height: null }),
    };
  });
}

/** Absolute over http(s), or a path of the shop's own; nothing that a page could run, and no host in disguise. */
function imageUrlOf(text: string, field: readonly string[]): string {
  const url = requiredText(text, { field, max: 2_048 });
  const isOwnPath = /^\/(?![/\\])/.test(url);
  const parsed = URL.canParse(url, isOwnPath ? 'https://shop.invalid' : undefined)
    ? new URL(url, 'https://shop.invalid')
    : null;
  if (parsed === null || !/^https?:$/.test(parsed.protocol) || parsed.username !== '' || parsed.password !== '') {
    refuse('INVALID_IMAGE_URL', { field });
  }
  return isOwnPath ? parsed.pathname + parsed.search : parsed.href;
}

function currencyOf(variants: readonly { readonly price: Money }[]): string {
  return variants[0]?.price.currency ?? '';
}
