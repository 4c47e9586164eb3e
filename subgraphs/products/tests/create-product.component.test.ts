import { TOPICS } from '@ebuy/events';
import { newId } from '@ebuy/kernel';
import { eventually, staff } from '@ebuy/testing';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  codes,
  makeProduct,
  mutate,
  type ProductPayload,
  type Products,
  productInput,
  startProducts,
} from './fixture.ts';

let products: Products;
let productEvents: Awaited<ReturnType<Products['kafka']['watch']>>;

beforeAll(async () => {
  products = await startProducts();
  productEvents = await products.kafka.watch(TOPICS.product);
});

afterAll(() => products?.stop());

const eventsOf = (productId: string) => productEvents.events.filter(({ subject }) => subject === productId);
const create = (input: Record<string, unknown>) => mutate<ProductPayload>(products, 'createProduct', input);
const EUR = (amountMinor: number) => ({ amountMinor, currency: 'EUR' });

async function countProducts(): Promise<number> {
  const [row] = await products.database.query<{ count: number }>('SELECT count(*)::int AS count FROM product');
  return row?.count ?? -1;
}

describe('createProduct', () => {
  test('makes a draft with its variants and their stock, and says so', async () => {
    const input = {
      title: 'Tea – Grüner Tee 🍵',
      descriptionHtml: '<p onclick="x()">Fine</p><script>x</script>',
      vendor: 'Leaf',
      tags: ['green', 'green'],
      collections: ['teas'],
      options: [{ name: 'Weight', values: ['50 g', '100 g'] }],
      variants: [
        { sku: 'TEA-50', optionValues: ['50 g'], price: EUR(590), onHand: 3 },
        { sku: 'TEA-100', optionValues: ['100 g'], price: EUR(990), compareAtPrice: EUR(1190) },
      ],
      images: [{ url: '/pictures/tea.webp', altText: 'A tin' }],
    };
    const { product, userErrors, replayed } = await create(input);
    expect(userErrors).toEqual([]);
    expect(replayed).toBe(false);
    expect(product).toMatchObject({
      version: 1,
      slug: 'tea-gruner-tee',
      status: 'DRAFT',
      descriptionHtml: '<p>Fine</p>',
      tags: ['green'],
      variants: [
        {
          sku: 'TEA-50',
          title: '50 g',
          availability: 'LOW_STOCK',
          availableQuantity: 3,
          stock: { onHand: 3, version: 1 },
        },
        { sku: 'TEA-100', title: '100 g', availability: 'OUT_OF_STOCK', availableQuantity: 0 },
      ],
    });
    const event = await eventually(() => {
      const [first] = eventsOf(product?.id ?? '');
      expect(first?.type).toBe('product.changed');
      return first;
    });
    expect(event?.payload).toMatchObject({ version: 1, status: 'DRAFT', collections: ['teas'], vendor: 'Leaf' });
    const movements = await products.database.query(
      'SELECT delta, reason, who FROM stock_movement JOIN variant v ON v.id = variant_id WHERE v.product_id = $1',
      [product?.id],
    );
    expect(movements).toEqual([{ delta: 3, reason: 'first stock', who: 'user:staff' }]);
  });

  test('derives a free slug from the title, and refuses a given one that is taken', async () => {
    const title = `Same ${newId()}`;
    const slugs = await Promise.all(
      Array.from({ length: 12 }, async () => (await makeProduct(products, { title })).slug),
    );
    expect(new Set(slugs).size).toBe(12);
    const [slug = ''] = slugs;
    const payload = await create(productInput({ slug }));
    expect(payload).toMatchObject({ product: null, userErrors: [{ code: 'SLUG_TAKEN', field: ['slug'] }] });
  });

  test('refuses a SKU that is taken, names its line and writes nothing', async () => {
    const taken = `T-${newId()}`;
    await makeProduct(products, {}, { sku: taken });
    const before = await countProducts();
    const payload = await create({
      title: 'Other',
      options: [{ name: 'Size', values: ['S', 'M'] }],
      variants: [
        { sku: `F-${newId()}`, optionValues: ['S'], price: EUR(1) },
        { sku: taken, optionValues: ['M'], price: EUR(1) },
      ],
    });
    expect(payload).toMatchObject({
      product: null,
      userErrors: [{ code: 'SKU_TAKEN', field: ['variants', '1', 'sku'] }],
    });
    expect(await countProducts()).toBe(before);
  });

  test('of those that want the same SKUs at the same moment, one gets them, and none waits in a circle', async () => {
    const skus = Array.from({ length: 250 }, (_, index) => `${index}-${newId()}`);
    const input = (order: readonly string[]) => ({
      title: `Race ${newId()}`,
      options: [{ name: 'Number', values: order }],
      variants: order.map((sku) => ({ sku, optionValues: [sku], price: EUR(1) })),
    });
    const payloads = await Promise.all(
      Array.from({ length: 8 }, (_, index) => create(input(index % 2 === 0 ? skus : skus.toReversed()))),
    );
    expect(payloads.filter(({ product }) => product !== null)).toHaveLength(1);
    expect(payloads.flatMap(codes)).toEqual(Array.from({ length: 7 }, () => 'SKU_TAKEN'));
  });

  test('is done once for one idempotencyKey', async () => {
    const idempotencyKey = newId();
    const input = productInput({ idempotencyKey });
    const first = await create(input);
    const again = await create(input);
    expect(again).toMatchObject({ product: { id: first.product?.id }, replayed: true });
    const other = await create({ ...input, title: 'Another' });
    expect(codes(other)).toEqual(['IDEMPOTENCY_KEY_REUSED']);
    expect(codes(await create(productInput({ idempotencyKey: 'k'.repeat(256) })))).toEqual(['INVALID_IDEMPOTENCY_KEY']);
    const elsewhere = await mutate<ProductPayload>(
      products,
      'createProduct',
      productInput({ idempotencyKey }),
      staff(['catalog:write', 'catalog:read-staff', 'stock:write'], { id: 'somebody-else' }),
    );
    expect(elsewhere).toMatchObject({ replayed: false, userErrors: [] });
  });

  test('at the same moment with one key: one product, the others wait or get it, too', async () => {
    const input = productInput({ idempotencyKey: newId() });
    const payloads = await Promise.all(Array.from({ length: 5 }, () => create(input)));
    const ids = new Set(payloads.flatMap(({ product }) => product?.id ?? []));
    expect(ids.size).toBe(1);
    expect(new Set(payloads.flatMap(codes)).size).toBeLessThanOrEqual(1);
    expect(payloads.flatMap(codes).every((code) => code === 'IDEMPOTENCY_KEY_IN_USE')).toBe(true);
  });

  test.each([
    ['JPY', 1_000],
    ['KWD', 12_345],
    ['EUR', Number.MAX_SAFE_INTEGER],
    ['EUR', 0],
  ])('takes a price of %s %d, to the last unit', async (currency, amountMinor) => {
    const { variants } = await makeProduct(products, {}, { price: { amountMinor, currency } });
    expect(variants[0]?.price).toEqual({ amountMinor, currency });
  });

  test.each([
    ['2^53', { amountMinor: 2 ** 53, currency: 'EUR' }],
    ['a fraction', { amountMinor: 1.5, currency: 'EUR' }],
    ['a text', { amountMinor: '100', currency: 'EUR' }],
    ['an unknown currency', { amountMinor: 1, currency: 'XXX' }],
  ])('%s as a price does not get past the schema', async (_, price) => {
    await expect(create(productInput({}, { price }))).rejects.toThrow(/BAD_USER_INPUT/);
  });

  test('hostile text is refused, or kept as it is and harmless', async () => {
    const { product } = await create(
      productInput({ title: `'; DROP TABLE product; -- \u202eمصباح 🏮 ${'é'.repeat(100)}` }),
    );
    expect(product?.title).toMatch(/^'; DROP TABLE product; --/);
    for (const title of ['null\u0000byte', 'x'.repeat(10_000), 'line\nbreak', '\u001b[31mred', '   ']) {
      expect(codes(await create(productInput({ title })))).toEqual(['INVALID_INPUT']);
    }
    expect(codes(await create(productInput({}, { sku: 'a\u0000b' })))).toEqual(['INVALID_INPUT']);
    expect(codes(await create(productInput({ tags: ['a\u0000b'] })))).toEqual(['INVALID_INPUT']);
  });

  test('what nobody asked for is not taken', async () => {
    await expect(create(productInput({ status: 'PUBLISHED' }))).rejects.toThrow(/status/);
    await expect(create(productInput({ version: 7 }))).rejects.toThrow(/version/);
  });
});
