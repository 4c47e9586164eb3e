import { newId } from '@ebuy/kernel';
import { describe, expect, test } from '@jest/globals';
import { type NewProductInput, newProduct } from '../src/domain/new-product.ts';
import { assertTransportable } from '../src/domain/state-size.ts';

const now = new Date('2026-11-23T16:20:00Z');
const EUR = (amountMinor: number) => ({ amountMinor, currency: 'EUR' });
const plain: NewProductInput = { title: 'Lamp', variants: [{ sku: 'L', price: EUR(100) }] };
const make = (more: Partial<NewProductInput>) => newProduct({ ...plain, ...more }, { now, newId }).product;
const refusal = (code: string, ...field: string[]) => expect.objectContaining({ code, field });
const sizes = [{ name: 'Size', values: ['S', 'M'] }];

describe('a new product', () => {
  test('is a draft of version 1 with what was given, and nothing else', () => {
    expect(make({})).toMatchObject({
      version: 1,
      status: 'DRAFT',
      slug: 'lamp',
      title: 'Lamp',
      descriptionHtml: '',
      vendor: null,
      currency: 'EUR',
      tags: [],
      options: [],
      createdAt: '2026-11-23T16:20:00.000Z',
      publishedAt: null,
      variants: [
        { sku: 'L', optionValues: [], priceMinor: 100, compareAtMinor: null, stock: { onHand: 0, version: 1 } },
      ],
    });
  });

  test('keeps text trimmed and composed, in any script', () => {
    expect(make({ title: '  Cafe\u0301 مصباح 🏮 ' }).title).toBe('Café مصباح 🏮');
    expect(make({ vendor: '   ' }).vendor).toBeNull();
    expect(make({ tags: ['a', 'b', 'a '] }).tags).toEqual(['a', 'b']);
  });

  test('counts characters as people do', () => {
    expect(make({ title: '🏮'.repeat(200) }).title).toHaveLength(400);
    expect(() => make({ title: '🏮'.repeat(201) })).toThrow(refusal('INVALID_INPUT', 'title'));
  });

  test.each<[string, Partial<NewProductInput>, ...string[]]>([
    ['INVALID_INPUT', { title: ' ' }, 'title'],
    ['INVALID_INPUT', { title: 'a\u0000b' }, 'title'],
    ['INVALID_INPUT', { title: 'a\nb' }, 'title'],
    ['INVALID_INPUT', { title: 'a\ud800b' }, 'title'],
    ['INVALID_INPUT', { title: 'x'.repeat(10_000) }, 'title'],
    ['INVALID_INPUT', { vendor: 'x'.repeat(101) }, 'vendor'],
    ['INVALID_INPUT', { tags: Array.from({ length: 251 }, String) }, 'tags'],
    ['INVALID_INPUT', { tags: ['ok', ''] }, 'tags', '1'],
    ['INVALID_INPUT', { descriptionHtml: 'x'.repeat(100_001) }, 'descriptionHtml'],
    ['INVALID_INPUT', { variants: [] }, 'variants'],
    ['INVALID_SLUG', { slug: 'Not A Slug' }, 'slug'],
    ['INVALID_SLUG', { slug: '' }, 'slug'],
    ['INVALID_SLUG', { collections: ['fine', 'not fine'] }, 'collections', '1'],
    ['INVALID_IMAGE_URL', { images: [{ url: 'javascript:alert(1)' }] }, 'images', '0', 'url'],
    ['INVALID_IMAGE_URL', { images: [{ url: 'data:image/png;base64,AA' }] }, 'images', '0', 'url'],
    ['INVALID_IMAGE_URL', { images: [{ url: '//elsewhere.example/x.png' }] }, 'images', '0', 'url'],
    ['INVALID_IMAGE_URL', { images: [{ url: '/\\elsewhere.example' }] }, 'images', '0', 'url'],
    ['INVALID_IMAGE_URL', { images: [{ url: 'x.png' }] }, 'images', '0', 'url'],
    ['INVALID_IMAGE_URL', { images: [{ url: 'https://user:secret@example.com/x.png' }] }, 'images', '0', 'url'],
  ])('is refused with %s: %j', (code, more, ...field) => {
    expect(() => make(more)).toThrow(refusal(code, ...field));
  });

  test('takes images from anywhere on the web, and from the shop itself', () => {
    const images = [{ url: 'https://example.com/a b.png', altText: ' A lamp ' }, { url: '/pictures/lamp.webp?w=2' }];
    expect(make({ images }).images).toEqual([
      { url: 'https://example.com/a%20b.png', altText: 'A lamp', width: null, height: null },
      { url: '/pictures/lamp.webp?w=2', altText: null, width: null, height: null },
    ]);
  });
});

describe('options and variants', () => {
  const variant = (sku: string, ...optionValues: string[]) => ({ sku, optionValues, price: EUR(100) });

  test('fit each other', () => {
    const { variants } = make({ options: sizes, variants: [variant('S', 'S'), variant('M', ' M ')] });
    expect(variants.map(({ optionValues }) => optionValues)).toEqual([['S'], ['M']]);
  });

  test.each<[string, Partial<NewProductInput>, ...string[]]>([
    ['INVALID_OPTIONS', { options: sizes, variants: [variant('A', 'XL')] }, 'variants', '0', 'optionValues', '0'],
    ['INVALID_OPTIONS', { options: sizes, variants: [variant('A')] }, 'variants', '0', 'optionValues'],
    ['INVALID_OPTIONS', { options: sizes, variants: [variant('A', 'S', 'M')] }, 'variants', '0', 'optionValues'],
    ['INVALID_OPTIONS', { variants: [variant('A', 'S')] }, 'variants', '0', 'optionValues'],
    ['INVALID_OPTIONS', { variants: [variant('A'), variant('B')] }, 'variants', '1', 'optionValues'],
    [
      'INVALID_OPTIONS',
      { options: sizes, variants: [variant('A', 'S'), variant('B', 'S')] },
      'variants',
      '1',
      'optionValues',
    ],
    ['INVALID_OPTIONS', { options: [{ name: 'Size', values: [] }] }, 'options', '0', 'values'],
    ['INVALID_OPTIONS', { options: [{ name: 'Size', values: ['S', 'S'] }] }, 'options', '0', 'values', '1'],
    ['INVALID_OPTIONS', { options: [...sizes, { name: 'size', values: ['1'] }] }, 'options', '1', 'name'],
    ['INVALID_OPTIONS', { options: ['a', 'b', 'c', 'd'].map((name) => ({ name, values: ['1'] })) }, 'options'],
    ['SKU_TAKEN', { options: sizes, variants: [variant('A', 'S'), variant('A', 'M')] }, 'variants', '1', 'sku'],
    ['INVALID_INPUT', { variants: [variant('')] }, 'variants', '0', 'sku'],
    ['INVALID_INPUT', { variants: Array.from({ length: 251 }, (_, sku) => variant(`${sku}`)) }, 'variants'],
  ])('are refused with %s: %j', (code, more, ...field) => {
    expect(() => make(more)).toThrow(refusal(code, ...field));
  });

  test('250 variants of three options are made', () => {
    const values = (count: number) => Array.from({ length: count }, (_, index) => `v${index}`);
    const options = [
      { name: 'A', values: values(10) },
      { name: 'B', values: values(5) },
      { name: 'C', values: values(5) },
    ];
    const variants = values(10).flatMap((a) =>
      values(5).flatMap((b) => values(5).map((c) => variant(`${a}${b}${c}`, a, b, c))),
    );
    const product = make({ options, variants });
    expect(product.variants).toHaveLength(250);
    expect(() => assertTransportable(product)).not.toThrow();
  });
});

describe('prices and stock', () => {
  const priced = (price: { amountMinor: number; currency: string }, more = {}) => ({
    variants: [{ sku: 'A', price, ...more }],
  });

  test.each([
    ['zero', EUR(0)],
    ['a million yen', { amountMinor: 1_000_000, currency: 'JPY' }],
    ['a thousandth of a dinar', { amountMinor: 1, currency: 'KWD' }],
    ['the largest amount', EUR(Number.MAX_SAFE_INTEGER)],
  ])('%s is a price', (_, price) => {
    const product = make(priced(price));
    expect([product.currency, product.variants[0]?.priceMinor]).toEqual([price.currency, price.amountMinor]);
  });

  test.each<[string, Partial<NewProductInput>, ...string[]]>([
    ['INVALID_PRICE', priced(EUR(-1)), 'variants', '0', 'price'],
    ['INVALID_PRICE', priced(EUR(2 ** 53)), 'variants', '0', 'price'],
    ['INVALID_PRICE', priced(EUR(0.5)), 'variants', '0', 'price'],
    ['CURRENCY_MISMATCH', priced({ amountMinor: 1, currency: 'XXX' }), 'variants', '0', 'price'],
    [
      'CURRENCY_MISMATCH',
      priced(EUR(1), { compareAtPrice: { amountMinor: 2, currency: 'USD' } }),
      'variants',
      '0',
      'compareAtPrice',
    ],
    [
      'CURRENCY_MISMATCH',
      {
        options: sizes,
        variants: [
          { sku: 'A', optionValues: ['S'], price: EUR(1) },
          { sku: 'B', optionValues: ['M'], price: { amountMinor: 1, currency: 'USD' } },
        ],
      },
      'variants',
      '1',
      'price',
    ],
    ['INVALID_INPUT', priced(EUR(1), { onHand: -1 }), 'variants', '0', 'onHand'],
    ['STOCK_LIMIT_EXCEEDED', priced(EUR(1), { onHand: 1_000_000_001 }), 'variants', '0', 'onHand'],
  ])('%s: %j', (code, more, ...field) => {
    expect(() => make(more)).toThrow(refusal(code, ...field));
  });
});

test('a product that no event could carry is refused, although each field is within its limit', () => {
  const images = Array.from({ length: 250 }, () => ({
    url: `https://e.x/${'a'.repeat(2_000)}`,
    altText: '🏮'.repeat(500),
  }));
  const product = make({ images, descriptionHtml: '🏮'.repeat(50_000) });
  expect(() => assertTransportable(product)).toThrow(expect.objectContaining({ code: 'INVALID_INPUT' }));
});
