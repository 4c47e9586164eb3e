/** From what a merchandiser sent to what may be kept. */
import { isId, isSlug, type Money } from '@ebuy/kernel';
import { refuse } from '../refusals.ts';
import type { CollectionRule } from './collection.ts';
import { requiredText, textOrNull } from './text.ts';

const MAX_TITLE = 200;
const MAX_DESCRIPTION = 5_000;
const MAX_RULE_TEXT = 200;
const MAX_PRODUCTS = 1_000;

/** As GraphQL hands it in: what was not given is undefined. */
export interface CollectionFields {
  readonly title?: string | null | undefined;
  readonly description?: string | null | undefined;
  readonly productIds?: readonly string[] | null | undefined;
  readonly rule?:
    | {
        readonly tag?: string | null | undefined;
        readonly productType?: string | null | undefined;
        readonly vendor?: string | null | undefined;
        readonly maxPrice?: Money | null | undefined;
      }
    | null
    | undefined;
}

export function soundSlug(slug: string): string {
  if (!isSlug(slug)) refuse('INVALID_SLUG', { field: ['slug'] });
  return slug;
}

export function soundTitle(title: string | null): string {
  return requiredText(title ?? '', { field: ['title'], max: MAX_TITLE });
}

export function soundDescription(description: string | null): string | null {
  return textOrNull(description, { field: ['description'], max: MAX_DESCRIPTION, layout: true });
}

export function soundProductIds(productIds: readonly string[] | null): string[] {
  const field = ['productIds'];
  if (productIds === null) return [];
  if (productIds.length > MAX_PRODUCTS) {
    refuse('INVALID_INPUT', { field, message: `A collection has at most ${MAX_PRODUCTS} products by hand.` });
  }
  const ids = productIds.map((id, index) => {
    if (!isId(id)) refuse('PRODUCT_NOT_FOUND', { field: [...field, String(index)] });
    return id.toLowerCase();
  });
  const twice = ids.findIndex((id, index) => ids.indexOf(id) !== index);
  if (twice !== -1) {
    refuse('INVALID_INPUT', { field: [...field, String(twice)], message: 'A product has one place in a collection.' });
  }
  return ids;
}

export function soundRule(rule: CollectionFields['rule'] | null): CollectionRule | null {
  if (rule === null || rule === undefined) return null;
  const text = (field: 'tag' | 'productType' | 'vendor') =>
    textOrNull(rule[field], { field: ['rule', field], max: MAX_RULE_TEXT });
  const maxPrice = rule.maxPrice ? { amountMinor: rule.maxPrice.amountMinor, currency: rule.maxPrice.currency } : null;
  if (maxPrice !== null && maxPrice.amountMinor < 0) {
    refuse('INVALID_INPUT', { field: ['rule', 'maxPrice', 'amountMinor'], message: 'A price is zero or more.' });
  }
  const sound = { tag: text('tag'), productType: text('productType'), vendor: text('vendor'), maxPrice };
  if (Object.values(sound).every((one) => one === null)) {
    refuse('INVALID_INPUT', {
      field: ['rule'],
      message: 'A rule names a tag, a type, a vendor or a price. Without a rule, leave it out.',
    });
  }
  return sound;
}
