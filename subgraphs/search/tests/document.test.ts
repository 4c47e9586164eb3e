import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { bayesianRating, indexDocumentOf } from '../src/domain/document.ts';
import { facetKey, readToken, tokenOf, tokensOf } from '../src/domain/facet-token.ts';
import { textOf } from '../src/domain/text-of-html.ts';
import { cleanText, wordsOf } from '../src/domain/words.ts';
import { indexDefinition } from '../src/store/mapping.ts';
import { indexNames } from '../src/store/names.ts';
import { product, usd } from './products.ts';

describe('a document', () => {
  const state = product({
    title: 'Blue Mug',
    vendor: ' Kiln  & Coast ',
    choices: { Colour: ['Blue', 'BLUE', 'Red'] },
    stars: [5, 3],
    sku: ' MUG-1 ',
  });

  test('has every field that the index knows, and no other', () => {
    const { properties } = indexDefinition('USD');
    const derived = ['words', 'spelling', 'typed'];
    expect(Object.keys(indexDocumentOf(state)).sort()).toEqual(
      Object.keys(properties)
        .filter((name) => !derived.includes(name))
        .sort(),
    );
  });

  test('keeps what is compared beside what is shown, each option once', () => {
    expect(indexDocumentOf(state)).toMatchObject({
      vendorKey: 'kiln & coast',
      optionKeys: [facetKey('colour', 'blue'), facetKey('colour', 'red')],
      optionFacets: [tokenOf(['Colour', 'Blue'], 'Colour', 'Blue'), tokenOf(['Colour', 'Red'], 'Colour', 'Red')],
      skus: expect.arrayContaining(['mug-1']),
      ratingAverage: 4,
      priceMinor: 2_000,
    });
  });

  test('has a price in the currency of the shop only', () => {
    const eur = { amountMinor: 5, currency: 'EUR' };
    const foreign = product({ priceRange: { min: eur, max: eur } });
    expect(indexDocumentOf(foreign)).toMatchObject({ priceMinor: null, card: { priceRange: { min: eur } } });
    expect(indexDocumentOf(foreign, 'EUR')).toMatchObject({ priceMinor: 5 });
  });

  test.each(['DRAFT', 'WITHDRAWN'] as const)('of a product that is %s is its id and version', (status) => {
    const { productId: id, version } = state;
    expect(indexDocumentOf({ ...state, status })).toEqual({ id, version, onSale: false });
  });

  test('is the same for the same event, and the shape of the committed sample', () => {
    const samples = JSON.parse(
      readFileSync(new URL('../../../packages/events/tests/samples.json', import.meta.url), 'utf8'),
    ) as Record<string, never>;
    const sample = samples['catalogProduct.changed'] as never;
    expect(indexDocumentOf(sample)).toEqual(indexDocumentOf(structuredClone(sample)));
    expect(indexDocumentOf(sample)).toMatchObject({
      onSale: true,
      title: 'Blue mug',
      priceMinor: usd(1_299).amountMinor,
    });
  });
});

describe('stars', () => {
  test('of many reviews weigh more than of few, none are in the middle, and the mean lies between', () => {
    const [one, many, none] = [
      [0, 0, 0, 0, 1],
      [0, 0, 0, 0, 50],
      [0, 0, 0, 0, 0],
    ].map(bayesianRating);
    expect(none).toBe(3.8);
    expect(many).toBeGreaterThan(one as number);
    fc.assert(
      fc.property(fc.array(fc.nat(1_000), { minLength: 5, maxLength: 5 }), (histogram) => {
        const score = bayesianRating(histogram);
        expect(score).toBeGreaterThanOrEqual(1);
        expect(score).toBeLessThanOrEqual(5);
      }),
    );
  });
});

describe('a token', () => {
  test('is read as it was written, and matched by its own expression only', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 30 }), fc.string({ maxLength: 30 }), (name, value) => {
        const [label, shown] = [name.replaceAll('\u001f', ''), value.replaceAll('\u001f', '')];
        const token = tokenOf([name, value], label, shown);
        expect(readToken(token)).toHaveLength(4);
        expect(readToken(token).slice(0, 2)).toEqual(readToken(facetKey(name, value)));
        // Lucene's expressions, as far as ours go, read as JavaScript's do without the unicode flag.
        expect(new RegExp(`^${tokensOf(name)}$`, 's').test(token)).toBe(true);
        expect(new RegExp(`^${tokensOf(`${name}x`)}$`, 's').test(token)).toBe(false);
      }),
    );
  });
});

describe('text', () => {
  test.each([
    ['<p>Tea &amp; <b>mug</b></p>', 'Tea & mug'],
    ['a<br/>b&nbsp;c&#x2014;d&#233;', 'a b c—dé'],
    ['&lt;script&gt;', '<script>'],
    ['&bogus; &#9999999;', '&bogus; &#9999999;'],
    ['<<<', '<<<'],
  ])('of %s is %s', (html, text) => {
    expect(textOf(html)).toBe(text);
  });

  test('of hostile markup takes no longer than of any other', () => {
    const startedAt = performance.now();
    for (const html of ['<'.repeat(100_000), '<a '.repeat(33_000), '&#'.repeat(50_000), '&amp'.repeat(25_000)])
      textOf(html);
    expect(performance.now() - startedAt).toBeLessThan(500);
  });
});

describe('words', () => {
  test('are at most 32, of at most 500 characters, and whole', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 3_000 }), (typed) => {
        const text = cleanText(typed, 500);
        expect([...text].length).toBeLessThanOrEqual(500);
        expect(wordsOf(text).length).toBeLessThanOrEqual(32);
        expect(text.isWellFormed()).toBe(true);
        expect(text).not.toMatch(/\p{Cc}/u);
        expect(cleanText(text, 500)).toBe(text);
      }),
    );
  });
});

describe('names', () => {
  test.each([
    ['', 'ebuy-products'],
    ['staging.', 'staging.ebuy-products'],
    ['.-_hidden-', 'hidden-ebuy-products'],
  ])('of %j begin with %s', (namespace, read) => {
    const names = indexNames(namespace);
    expect(names.read).toBe(read);
    expect(names.numberOf(names.version(12))).toBe(12);
    expect([names.write, names.read, `x${names.version(1)}`, `${read}-1a`].map(names.numberOf)).toEqual([
      null,
      null,
      null,
      null,
    ]);
  });
});
