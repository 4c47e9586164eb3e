import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { csvOf } from './csv.ts';
import { type ClassicRow, classicCsv, lamp, readFile } from './import-file.ts';

describe('a file of products', () => {
  test('has a product over several lines, with options, pictures and a body of many lines', async () => {
    const file = classicCsv([
      lamp({
        'Body (HTML)': '<p>Light, "warm"\nand low</p>',
        Vendor: ' Lumen ',
        Type: 'Lamp',
        Tags: 'brass, , warm,brass',
        'Option1 Name': 'Size',
        'Option1 Value': 'S',
        'Variant Inventory Qty': 4,
        'Variant Compare At Price': '0.00',
        'Image Src': '/b.webp',
        'Image Position': 2,
        'Variant Image': '/s.webp',
        Collection: 'Lighting & More',
      }),
      {
        Handle: 'lamp',
        'Option1 Value': 'M',
        'Variant SKU': 'LAMP-2',
        'Variant Price': '58.5',
        'Variant Compare At Price': 60,
      },
      { Handle: 'lamp', 'Image Src': '/a.webp', 'Image Position': 1, 'Image Alt Text': 'A lamp' },
      { Handle: 'lamp', 'Image Src': '/b.webp', 'Image Position': 3, Collection: 'sale' },
    ]);
    const { products, problems, linesRead } = await readFile(file);
    expect(problems).toEqual([]);
    expect(linesRead).toBe(6);
    const price = (amountMinor: number) => ({ amountMinor, currency: 'USD' });
    expect(products).toEqual([
      {
        slug: 'lamp',
        title: 'Lamp',
        descriptionHtml: '<p>Light, "warm"\nand low</p>',
        vendor: 'Lumen',
        productType: 'Lamp',
        tags: ['brass', 'warm', 'brass'],
        collections: ['lighting-and-more', 'sale'],
        optionNames: ['Size'],
        variants: [
          { sku: 'LAMP-1', optionValues: ['S'], price: price(4_800), compareAtPrice: null, quantity: 4 },
          { sku: 'LAMP-2', optionValues: ['M'], price: price(5_850), compareAtPrice: price(6_000), quantity: null },
        ],
        images: [{ url: '/a.webp', altText: 'A lamp' }, { url: '/b.webp', altText: '' }, { url: '/s.webp' }],
        mayBeOnSale: true,
      },
    ]);
  });

  test('may have the newer template’s names, in any case and order, and columns that nobody reads', async () => {
    const file = csvOf(
      [
        'Title',
        'URL HANDLE',
        'Description',
        'Published on online store',
        'Status',
        'SKU',
        'Barcode',
        'Option1 name',
        'Option1 value',
        'Option1 Linked To',
        'Price',
        'Compare-at price',
        'Inventory quantity',
        'Product image URL',
        'Image position',
        'Image alt text',
        'Variant image URL',
        'Color (product.metafields.shopify.color-pattern)',
      ],
      [
        [
          'Lamp',
          'lamp',
          '<p>x</p>',
          'TRUE',
          'Active',
          'L',
          '400',
          'Title',
          'Default Title',
          '',
          '9.50',
          '',
          '3',
          '/a.webp',
          '1',
          'Alt',
          '',
          'x',
        ],
      ],
    );
    const { products, problems } = await readFile(file);
    expect(problems).toEqual([]);
    expect(products).toMatchObject([
      {
        slug: 'lamp',
        descriptionHtml: '<p>x</p>',
        optionNames: [],
        variants: [{ sku: 'L', optionValues: [], price: { amountMinor: 950 }, quantity: 3 }],
        images: [{ url: '/a.webp', altText: 'Alt' }],
        mayBeOnSale: true,
      },
    ]);
    expect(products[0]).not.toHaveProperty('vendor');
    expect(products[0]).not.toHaveProperty('tags');
  });

  test.each([
    ['LF', '\n'],
    ['CRLF', '\r\n'],
    ['CR', '\r'],
  ])(
    'may have %s for its line breaks, a byte order mark, blank lines and no last break, in pieces of any size',
    async (_, lineBreak) => {
      const rows = [
        lamp({ 'Body (HTML)': '<p>a\nb</p>' }),
        lamp({ Handle: 'lamp-2', 'Variant SKU': '', 'Variant Price': 'x' }),
      ];
      const file = `\uFEFF${classicCsv(rows).replace('lamp-2', '\nlamp-2').trimEnd()}`.replaceAll('\n', lineBreak);
      for (const size of [1, 2, 7, 65_536]) {
        const { products, problems, linesRead } = await readFile(file, { size });
        expect(products.map(({ descriptionHtml }) => descriptionHtml)).toEqual(['<p>a\nb</p>']);
        expect(problems.map(({ line }) => line)).toEqual([5]);
        expect(linesRead).toBe(5);
      }
    },
  );

  test.each([
    [{}, true],
    [{ Status: 'active', Published: 'TRUE' }, true],
    [{ Status: 'ACTIVE', Published: '' }, true],
    [{ Status: 'draft' }, false],
    [{ Status: 'archived', Published: 'TRUE' }, false],
    [{ Status: 'active', Published: 'false' }, false],
  ])('%j: may be on sale: %s', async (more: ClassicRow, mayBeOnSale) => {
    expect((await readFile(classicCsv([lamp(more)]))).products).toMatchObject([{ mayBeOnSale }]);
  });

  test('reads back what an export writes, whatever texts it has', async () => {
    const text = fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 30 })
      // The replacement character is refused: it stands for bytes that were no UTF-8.
      .map((one) => `x${one.replace(/\r\n?/g, '\n').replaceAll('\uFFFD', '?')}x`);
    const words = text.map((one) => one.replaceAll(',', ' ').trim());
    const product = fc.record({
      title: text,
      html: text,
      tags: fc.array(words, { maxLength: 3 }),
      option: text,
      variants: fc.uniqueArray(fc.record({ value: text, price: fc.nat(), quantity: fc.option(fc.nat(1_000)) }), {
        selector: ({ value }) => value,
        minLength: 1,
        maxLength: 4,
      }),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(product, { minLength: 1, maxLength: 4 }),
        fc.constantFrom(3, 64, 65_536),
        async (made, size) => {
          const file = classicCsv(
            made.flatMap(({ title, html, tags, option, variants }, nth) =>
              variants.map(({ value, price, quantity }, index) => ({
                Handle: `product-${nth}`,
                ...(index === 0
                  ? { Title: title, 'Body (HTML)': html, Tags: tags.join(','), 'Option1 Name': option }
                  : {}),
                'Option1 Value': value,
                'Variant SKU': `${nth}-${index}`,
                'Variant Price': (price / 100).toFixed(2),
                ...(quantity === null ? {} : { 'Variant Inventory Qty': quantity }),
              })),
            ),
          );
          const { products, problems } = await readFile(file, { size });
          expect(problems).toEqual([]);
          expect(products).toMatchObject(
            made.map(({ title, html, tags, option, variants }, nth) => ({
              slug: `product-${nth}`,
              title,
              descriptionHtml: html,
              tags,
              optionNames: [option],
              variants: variants.map(({ value, price, quantity }) => ({
                optionValues: [value],
                price: { amountMinor: price, currency: 'USD' },
                quantity,
              })),
            })),
          );
        },
      ),
      { numRuns: 60 },
    );
  });
});
