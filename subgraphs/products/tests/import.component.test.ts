import { TOPICS } from '@ebuy/events';
import { newId } from '@ebuy/kernel';
import { eventually } from '@ebuy/testing';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { makeProduct, mutate, type Products, startProducts } from './fixture.ts';
import { type ClassicRow, classicCsv, lamp } from './import-file.ts';
import { importCsv, shown } from './importing.ts';

let products: Products;
let productEvents: Awaited<ReturnType<Products['kafka']['watch']>>;
let stockEvents: Awaited<ReturnType<Products['kafka']['watch']>>;

beforeAll(async () => {
  products = await startProducts();
  [productEvents, stockEvents] = await Promise.all([
    products.kafka.watch(TOPICS.product),
    products.kafka.watch(TOPICS.stock),
  ]);
});

afterAll(() => products?.stop());

const word = () => newId().slice(-12);
const shownAs = (slug: string) => shown(products, slug);
const run = (rows: readonly ClassicRow[], more: Record<string, unknown> = {}) =>
  importCsv(products, classicCsv(rows), more);

const rowsIn = async (table: string) => {
  const [row] = await products.database.query<{ rows: number }>(`SELECT count(*)::int AS rows FROM ${table}`, []);
  return row?.rows;
};

/** Two variants, two pictures. */
const shirt = (slug: string): ClassicRow[] => [
  lamp({
    Handle: slug,
    Title: 'Shirt',
    'Body (HTML)': '<p>Soft</p><script>alert(1)</script>',
    Vendor: 'Loom',
    Type: 'Shirt',
    Tags: 'linen, summer',
    'Option1 Name': 'Size',
    'Option1 Value': 'S',
    'Variant SKU': `${slug}-s`,
    'Variant Inventory Qty': 4,
    'Variant Compare At Price': '60.00',
    'Image Src': '/shirt-800x600.webp',
    'Image Position': 1,
    'Image Alt Text': 'A shirt',
    Collection: 'Summer Days',
    Status: 'active',
  }),
  {
    Handle: slug,
    'Option1 Value': 'M',
    'Variant SKU': `${slug}-m`,
    'Variant Inventory Qty': 0,
    'Variant Price': '52.00',
  },
  { Handle: slug, 'Image Src': 'https://example.com/back.webp', 'Image Position': 2 },
];

describe('an import', () => {
  test('makes a draft with everything the file says, and one event of it', async () => {
    const slug = `shirt-${word()}`;
    expect(await run(shirt(slug))).toMatchObject({
      status: 'COMPLETED',
      productsCreated: 1,
      problems: [],
      linesRead: 4,
    });
    const product = await shownAs(slug);
    expect(product).toMatchObject({
      version: 1,
      status: 'DRAFT',
      title: 'Shirt',
      vendor: 'Loom',
      tags: ['linen', 'summer'],
      descriptionHtml: '<p>Soft</p>',
      options: [{ name: 'Size', values: ['S', 'M'] }],
      images: [
        { url: '/shirt-800x600.webp', altText: 'A shirt', width: 800 },
        { url: 'https://example.com/back.webp', altText: null, width: null },
      ],
      variants: [
        {
          sku: `${slug}-s`,
          title: 'S',
          price: { amountMinor: 4_800 },
          compareAtPrice: { amountMinor: 6_000 },
          stock: { onHand: 4 },
        },
        { sku: `${slug}-m`, title: 'M', price: { amountMinor: 5_200 }, compareAtPrice: null, stock: { onHand: 0 } },
      ],
    });
    await eventually(() => {
      const events = productEvents.events.filter(({ subject }) => subject === product.id);
      expect(events).toMatchObject([
        { type: 'product.changed', payload: { version: 1, collections: ['summer-days'] } },
      ]);
      const skus = new Set(product.variants.map(({ id }) => id));
      expect(stockEvents.events.filter(({ subject }) => skus.has(subject))).toHaveLength(2);
    });
  });

  test('of the same file again writes nothing and says nothing', async () => {
    const slug = `shirt-${word()}`;
    await run(shirt(slug), { publish: true });
    const before = [await shownAs(slug), await rowsIn('outbox'), await rowsIn('stock_movement')];
    const writes = await writesOf(slug);
    expect(await run(shirt(slug), { publish: true })).toMatchObject({
      productsCreated: 0,
      productsUpdated: 0,
      productsUnchanged: 1,
      problems: [],
    });
    expect([await shownAs(slug), await rowsIn('outbox'), await rowsIn('stock_movement')]).toEqual(before);
    expect(await writesOf(slug)).toEqual(writes);
  });

  test('puts drafts on sale where it may, at once and later, and takes nothing off sale', async () => {
    const [slug, kept] = [`shirt-${word()}`, `kept-${word()}`];
    const rows = [...shirt(slug), lamp({ Handle: kept, 'Variant SKU': kept, Status: 'draft' })];
    await run(rows);
    expect((await shownAs(slug)).status).toBe('DRAFT');
    expect(await run(rows, { publish: true })).toMatchObject({ productsUpdated: 1, productsUnchanged: 1 });
    expect([(await shownAs(slug)).status, (await shownAs(kept)).status]).toEqual(['PUBLISHED', 'DRAFT']);
    await run(
      shirt(slug).map((row, index) => (index === 0 ? { ...row, Status: 'archived' } : row)),
      { publish: true },
    );
    expect((await shownAs(slug)).status).toBe('PUBLISHED');
    await mutate(products, 'withdrawProduct', { productId: (await shownAs(slug)).id });
    await run(shirt(slug), { publish: true });
    expect((await shownAs(slug)).status).toBe('WITHDRAWN');
  });

  test('changes what differs, with one event; fields, variants and pictures that the file does not have stay', async () => {
    const slug = `shirt-${word()}`;
    await run(shirt(slug));
    const before = await shownAs(slug);
    const changed: ClassicRow[] = [
      lamp({
        Handle: slug,
        Title: 'Linen shirt',
        'Option1 Name': 'Size',
        'Option1 Value': 'L',
        'Variant SKU': `${slug}-l`,
        'Variant Inventory Qty': 9,
        Collection: 'sale',
      }),
      { Handle: slug, 'Option1 Value': 'S', 'Variant SKU': `${slug}-s`, 'Variant Price': '45.00' },
    ];
    expect(await run(changed)).toMatchObject({ productsUpdated: 1, problems: [] });
    const after = await shownAs(slug);
    expect(after).toMatchObject({
      id: before.id,
      version: 2,
      title: 'Linen shirt',
      descriptionHtml: '',
      vendor: null,
      images: before.images,
      options: [{ name: 'Size', values: ['L', 'S', 'M'] }],
      variants: [
        { sku: `${slug}-l`, stock: { onHand: 9, version: 1 } },
        {
          id: before.variants[0]?.id,
          price: { amountMinor: 4_500 },
          compareAtPrice: null,
          stock: { onHand: 4, version: 1 },
        },
        { id: before.variants[1]?.id, sku: `${slug}-m`, price: { amountMinor: 5_200 } },
      ],
    });
    await eventually(() => {
      const events = productEvents.events.filter(({ subject }) => subject === before.id);
      expect(events.map(({ payload }) => payload)).toMatchObject([
        { version: 1, collections: ['summer-days'] },
        { version: 2, collections: ['summer-days', 'sale'] },
      ]);
    });
    expect(await run(changed)).toMatchObject({ productsUnchanged: 1 });
  });

  test('leaves alone what the file has no columns for', async () => {
    const slug = `shirt-${word()}`;
    await run(shirt(slug));
    const before = await shownAs(slug);
    const prices = `Handle,Title,Option1 Name,Option1 Value,Variant Price\n${slug},Shirt,Size,M,10.00\n${slug},,,S,20.00\n`;
    expect(await importCsv(products, prices)).toMatchObject({ productsUpdated: 1, problems: [] });
    const [small, medium] = before.variants;
    expect(await shownAs(slug)).toEqual({
      ...before,
      version: 2,
      options: [{ name: 'Size', values: ['M', 'S'] }],
      variants: [
        { ...medium, price: { amountMinor: 1_000 } },
        { ...small, price: { amountMinor: 2_000 } },
      ],
    });
  });

  test('knows a variant by its option values when its SKU is new, and makes a SKU where there is none', async () => {
    const slug = `shirt-${word()}`;
    const rows = shirt(slug).map(({ 'Variant SKU': _, ...row }) => row);
    await run(rows);
    const before = await shownAs(slug);
    expect(before.variants.map(({ sku }) => sku)).toEqual([`${slug}-s`, `${slug}-m`]);
    expect(await run(rows)).toMatchObject({ productsUnchanged: 1 });
    const renamed = shirt(slug).map((row) =>
      row['Option1 Value'] === 'M' ? { ...row, 'Variant SKU': `${slug}-medium` } : row,
    );
    expect(await run(renamed)).toMatchObject({ productsUpdated: 1, problems: [] });
    expect((await shownAs(slug)).variants.map(({ id, sku }) => [id, sku])).toEqual([
      [before.variants[0]?.id, `${slug}-s`],
      [before.variants[1]?.id, `${slug}-medium`],
    ]);
  });

  test('names what the shop’s rules refuse, with line and column, and leaves the product as it was', async () => {
    const [slug, other] = [`shirt-${word()}`, `other-${word()}`];
    const { variants } = await makeProduct(products, { slug: other });
    await run(shirt(slug));
    const before = await shownAs(slug);
    const cases: [string, ClassicRow, string | null, RegExp][] = [
      ['another’s SKU', { 'Variant SKU': variants[0]?.sku ?? '' }, 'Variant SKU', /belongs to another variant/],
      ['a picture', { 'Image Src': 'javascript:alert(1)' }, 'Image Src', /http or https/],
      ['a long title', { Title: 'x'.repeat(201) }, 'Title', /at most 200/],
      ['a control character', { Vendor: 'a\u0007b' }, 'Vendor', /control character/],
      ['the same values twice', { 'Option1 Value': 'M' }, 'Option1 Value', /same option values/],
      ['too many tags', { Tags: Array.from({ length: 251 }, (_, tag) => `t${tag}`).join(',') }, 'Tags', /at most 250/],
    ];
    for (const [name, more, column, message] of cases) {
      const rows = shirt(slug).map((row, index) => (index === 0 ? { ...row, ...more } : row));
      const { problems, productsUpdated } = await run(rows);
      expect([name, productsUpdated, problems]).toEqual([
        name,
        0,
        [{ line: expect.any(Number), column: expect.any(Number), message: expect.stringMatching(message) }],
      ]);
      expect(problems[0]?.message).toMatch(new RegExp(`^${column}: `));
    }
    const inYen = await run(
      shirt(slug).map((row) => ({
        ...row,
        'Variant Compare At Price': '',
        'Variant Price': row['Variant Price'] ? '10' : '',
      })),
      { currency: 'JPY' },
    );
    expect(inYen.problems).toMatchObject([{ line: 2, message: expect.stringMatching(/in EUR/) }]);
    const without = await run([lamp({ Handle: slug, 'Variant SKU': `${slug}-new` })]);
    expect(without.problems).toMatchObject([{ line: 2, message: expect.stringMatching(/does not fit these options/) }]);
    expect(await shownAs(slug)).toEqual(before);
  });

  test('of a file with good and bad products brings the good ones in', async () => {
    const [one, two, three] = [word(), word(), word()];
    const done = await run([
      lamp({ Handle: one, 'Variant SKU': one }),
      lamp({ Handle: two, 'Variant SKU': two, 'Variant Price': '1,5' }),
      lamp({ Handle: three, 'Variant SKU': three }),
    ]);
    expect(done).toMatchObject({
      status: 'COMPLETED',
      productsCreated: 2,
      problemCount: 1,
      problems: [{ line: 3, column: 14 }],
    });
    await expect(shownAs(two)).rejects.toThrow('no ');
  });
});

/** How often the rows of a product and its variants were written: a row's version in PostgreSQL. */
function writesOf(slug: string) {
  return products.database.query(
    `SELECT p.xmin::text AS product, v.xmin::text AS variant, s.xmin::text AS stock
       FROM product p JOIN variant v ON v.product_id = p.id JOIN stock s ON s.variant_id = v.id WHERE p.slug = $1 ORDER BY v.id`,
    [slug],
  );
}
