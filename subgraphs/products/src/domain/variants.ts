import { currencyExponent, type Money } from '@ebuy/kernel';
import { refuse } from '../refusals.ts';
import type { ProductOption, Variant } from './product.ts';
import { requiredText } from './text.ts';

export const MAX_VARIANTS = 250;
export const MAX_ON_HAND = 1_000_000_000;

export interface VariantInput {
  readonly sku: string;
  readonly optionValues?: readonly string[] | null | undefined;
  readonly price: Money;
  readonly compareAtPrice?: Money | null | undefined;
  readonly onHand?: number | null | undefined;
}

/** Checks the variants of a new product against its options and each other. */
export function newVariants(
  inputs: readonly VariantInput[],
  options: readonly ProductOption[],
  newId: () => string,
): Variant[] {
  if (inputs.length === 0 || inputs.length > MAX_VARIANTS) {
    refuse('INVALID_INPUT', { field: ['variants'], message: `A product has 1 to ${MAX_VARIANTS} variants.` });
  }
  const currency = inputs[0]?.price.currency ?? '';
  const skus = new Set<string>();
  const combinations = new Set<string>();
  return inputs.map((input, index) => {
    const field = ['variants', String(index)];
    const sku = requiredText(input.sku, { field: [...field, 'sku'], max: 100 });
    if (skus.has(sku)) {
      refuse('SKU_TAKEN', { field: [...field, 'sku'], message: 'Two variants have the same SKU. Give each its own.' });
    }
    skus.add(sku);
    const optionValues = optionValuesOf(input.optionValues ?? [], options, [...field, 'optionValues']);
    const combination = JSON.stringify(optionValues);
    if (combinations.has(combination)) {
      refuse('INVALID_OPTIONS', {
        field: [...field, 'optionValues'],
        message: 'Two variants have the same option values. Each combination stands there once.',
      });
    }
    combinations.add(combination);
    return {
      id: newId(),
      sku,
      optionValues,
      ...pricesOf(input, currency, field),
      importedQuantity: null,
      stock: { onHand: onHandOf(input.onHand ?? 0, [...field, 'onHand']), reserved: 0, sold: 0, version: 1 },
    };
  });
}

/** A price as it is kept; `currency` is the product's. A compareAtPrice that is not given is none. */
export function pricesOf(
  { price, compareAtPrice }: Pick<VariantInput, 'price' | 'compareAtPrice'>,
  currency: string,
  field: readonly string[],
): { priceMinor: number; compareAtMinor: number | null } {
  return {
    priceMinor: amountOf(price, currency, [...field, 'price']),
    compareAtMinor: compareAtPrice ? amountOf(compareAtPrice, currency, [...field, 'compareAtPrice']) : null,
  };
}

function amountOf(price: Money, currency: string, field: readonly string[]): number {
  if (currencyExponent(price.currency) === undefined || price.currency !== currency) {
    refuse('CURRENCY_MISMATCH', { field, message: `All prices of this product are in ${currency}.` });
  }
  if (!Number.isSafeInteger(price.amountMinor) || price.amountMinor < 0) refuse('INVALID_PRICE', { field });
  return price.amountMinor;
}

function optionValuesOf(values: readonly string[], options: readonly ProductOption[], field: readonly string[]) {
  if (values.length !== options.length) {
    refuse('INVALID_OPTIONS', {
      field,
      message:
        options.length === 0
          ? 'Without options there are no option values, and one variant only.'
          : `One value for each of the ${options.length} options is needed.`,
    });
  }
  return values.map((value, index) => {
    const kept = value.normalize('NFC').trim();
    if (!options[index]?.values.includes(kept)) {
      refuse('INVALID_OPTIONS', {
        field: [...field, String(index)],
        message: 'This is not one of the option’s values. Add it to the option, or choose another.',
      });
    }
    return kept;
  });
}

function onHandOf(units: number, field: readonly string[]): number {
  if (!Number.isInteger(units) || units < 0) {
    refuse('INVALID_INPUT', { field, message: 'Units in stock are zero or more.' });
  }
  if (units > MAX_ON_HAND) refuse('STOCK_LIMIT_EXCEEDED', { field });
  return units;
}
