import { describe, expect, it } from '@jest/globals';
import { readSeed } from '../seed.ts';

interface Product {
  readonly slug: string;
  readonly title: string;
  readonly descriptionHtml: string;
  readonly options?: readonly { readonly name: string; readonly values: readonly string[] }[];
  readonly variants: readonly {
    readonly sku: string;
    readonly optionValues?: readonly string[];
    readonly price: { readonly amountMinor: number; readonly currency: string };
    readonly compareAtPrice?: { readonly amountMinor: number; readonly currency: string };
    readonly onHand: number;
  }[];
}

const products = (await readSeed()) as unknown as Product[];
const variants = products.flatMap((product) => product.variants);

describe('the starter catalogue', () => {
  it('has enough to shop in, under slugs and skus of its own', () => {
    expect(products.length).toBeGreaterThanOrEqual(24);
    expect(new Set(products.map(({ slug }) => slug)).size).toBe(products.length);
    expect(new Set(variants.map(({ sku }) => sku)).size).toBe(variants.length);
  });

  it('has currencies without minor units and with three, and something that is sold out', () => {
    expect(new Set(variants.map(({ price }) => price.currency))).toEqual(new Set(['USD', 'JPY', 'KWD']));
    expect(variants.filter(({ onHand }) => onHand === 0)).toHaveLength(1);
  });

  it.each(products)('$slug makes sense', ({ descriptionHtml, options = [], variants: own }) => {
    expect(descriptionHtml).toMatch(/^<p>.{40,}<\/p>/);
    for (const { optionValues = [], price, compareAtPrice } of own) {
      expect(optionValues.map((value, index) => options[index]?.values.includes(value))).not.toContain(false);
      expect(optionValues).toHaveLength(options.length);
      expect(price.amountMinor).toBeGreaterThan(0);
      if (compareAtPrice !== undefined) expect(compareAtPrice.amountMinor).toBeGreaterThan(price.amountMinor);
    }
    expect(new Set(own.map(({ optionValues = [] }) => optionValues.join(' / '))).size).toBe(own.length);
    expect(new Set(own.map(({ price }) => price.currency)).size).toBe(1);
  });
});
