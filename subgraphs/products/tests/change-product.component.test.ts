import { TOPICS } from '@ebuy/events';
import { newId } from '@ebuy/kernel';
import { eventually, staff } from '@ebuy/testing';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  codes,
  makeOnSale,
  makeProduct,
  merchandiser,
  mutate,
  type ProductPayload,
  type Products,
  productInput,
  startProducts,
  type VariantPayload,
} from './fixture.ts';

let products: Products;
let productEvents: Awaited<ReturnType<Products['kafka']['watch']>>;

beforeAll(async () => {
  products = await startProducts();
  productEvents = await products.kafka.watch(TOPICS.product);
});

afterAll(() => products?.stop());

const eventsOf = (productId: string) => productEvents.events.filter(({ subject }) => subject === productId);
const update = (input: Record<string, unknown>) => mutate<ProductPayload>(products, 'updateProduct', input);
const EUR = (amountMinor: number) => ({ amountMinor, currency: 'EUR' });

describe('updateProduct', () => {
  test('changes what is given, empties what is null, and leaves the rest', async () => {
    const made = await makeProduct(products, { vendor: 'Old', tags: ['a'], descriptionHtml: '<p>x</p>' });
    const { product } = await update({ productId: made.id, title: 'New', tags: null, descriptionHtml: '<b>y</b>' });
    expect(product).toMatchObject({ version: 2, title: 'New', slug: made.slug, tags: [], descriptionHtml: '<b>y</b>' });
    await eventually(() => expect(eventsOf(made.id).at(-1)?.payload).toMatchObject({ version: 2, vendor: 'Old' }));
    const { product: emptied } = await update({ productId: made.id, vendor: null });
    expect(emptied?.version).toBe(3);
    expect(codes(await update({ productId: made.id, title: null }))).toEqual(['INVALID_INPUT']);
  });

  test('the same values again change nothing and say nothing', async () => {
    const made = await makeProduct(products, { tags: ['a'] });
    const { product } = await update({ productId: made.id, title: made.title, tags: ['a'] });
    expect(product?.version).toBe(1);
    await eventually(() => expect(eventsOf(made.id)).toHaveLength(1));
  });

  test('another version is refused, with the product as it is now', async () => {
    const made = await makeProduct(products);
    await update({ productId: made.id, title: 'First', expectedVersion: 1 });
    expect(await update({ productId: made.id, title: 'Second', expectedVersion: 1 })).toMatchObject({
      product: { version: 2, title: 'First' },
      userErrors: [{ code: 'VERSION_CONFLICT', field: ['expectedVersion'] }],
    });
  });

  test('of many at the same moment that expect the same version, one is done', async () => {
    const made = await makeProduct(products);
    const payloads = await Promise.all(
      Array.from({ length: 8 }, (_, index) =>
        update({ productId: made.id, title: `Title ${index}`, expectedVersion: 1 }),
      ),
    );
    expect(payloads.filter(({ userErrors }) => userErrors.length === 0)).toHaveLength(1);
    expect(payloads.flatMap(codes)).toEqual(Array.from({ length: 7 }, () => 'VERSION_CONFLICT'));
    await Promise.all(Array.from({ length: 8 }, (_, index) => update({ productId: made.id, title: `Free ${index}` })));
    await eventually(() =>
      expect(eventsOf(made.id).map(({ payload }) => (payload as { version: number }).version)).toEqual([
        1, 2, 3, 4, 5, 6, 7, 8, 9, 10,
      ]),
    );
  });

  test.each(['nothing', newId(), '7d8a3d1e-3c63-4a4d-9f0e-1f3c5b2a9d10', '', "' OR 1=1"])(
    'a product %j does not exist',
    async (productId) => {
      expect(codes(await update({ productId, title: 'x' }))).toEqual(['PRODUCT_NOT_FOUND']);
    },
  );
});

describe('publishProduct and withdrawProduct', () => {
  test('move along DRAFT → PUBLISHED → WITHDRAWN → PUBLISHED; a repeat changes nothing', async () => {
    const { id: productId } = await makeProduct(products);
    const step = async (name: string, more = {}) => mutate<ProductPayload>(products, name, { productId, ...more });
    expect(codes(await step('withdrawProduct'))).toEqual(['NOT_PUBLISHED']);
    expect((await step('publishProduct', { expectedVersion: 1 })).product).toMatchObject({
      status: 'PUBLISHED',
      version: 2,
    });
    expect((await step('publishProduct')).product?.version).toBe(2);
    expect(codes(await step('withdrawProduct', { expectedVersion: 1 }))).toEqual(['VERSION_CONFLICT']);
    expect((await step('withdrawProduct')).product).toMatchObject({ status: 'WITHDRAWN', version: 3 });
    expect((await step('withdrawProduct')).product?.version).toBe(3);
    expect((await step('publishProduct')).product).toMatchObject({ status: 'PUBLISHED', version: 4 });
    await eventually(() =>
      expect(eventsOf(productId).map(({ type }) => type)).toEqual([
        'product.changed',
        'product.changed',
        'product.withdrawn',
        'product.changed',
      ]),
    );
  });
});

describe('repriceVariant', () => {
  const reprice = (input: Record<string, unknown>) => mutate<VariantPayload>(products, 'repriceVariant', input);

  test("sets the price and raises the product's version", async () => {
    const { product, variant } = await makeOnSale(products, 1);
    const payload = await reprice({ variantId: variant.id, price: EUR(1499), compareAtPrice: EUR(1999) });
    expect(payload).toMatchObject({ variant: { price: EUR(1499) }, userErrors: [] });
    await eventually(() =>
      expect(eventsOf(product.id).at(-1)?.payload).toMatchObject({
        version: 3,
        variants: [{ price: EUR(1499), compareAtPrice: EUR(1999) }],
      }),
    );
    await reprice({ variantId: variant.id, price: EUR(1499) });
    await reprice({ variantId: variant.id, price: EUR(1299) });
    await eventually(() =>
      expect(eventsOf(product.id).at(-1)?.payload).toMatchObject({
        version: 4,
        variants: [{ price: EUR(1299), compareAtPrice: EUR(1999) }],
      }),
    );
  });

  test('refuses another currency, a negative price, another version and a variant that is none', async () => {
    const { variant } = await makeOnSale(products, 1);
    const variantId = variant.id;
    expect(await reprice({ variantId, price: { amountMinor: 1, currency: 'JPY' } })).toMatchObject({
      userErrors: [{ code: 'CURRENCY_MISMATCH', field: ['price'] }],
    });
    expect(codes(await reprice({ variantId, price: EUR(-1) }))).toEqual(['INVALID_PRICE']);
    expect(await reprice({ variantId, price: EUR(1), expectedVersion: 1 })).toMatchObject({
      variant: { id: variantId, price: EUR(1999) },
      userErrors: [{ code: 'VERSION_CONFLICT' }],
    });
    for (const none of [newId(), 'none', '']) {
      expect(codes(await reprice({ variantId: none, price: EUR(1) }))).toEqual(['VARIANT_NOT_FOUND']);
    }
  });
});

describe('who may', () => {
  const shopperCalls = [
    ['createProduct', () => productInput(), 'catalog:write'],
    ['updateProduct', () => ({ productId: newId(), title: 'x' }), 'catalog:write'],
    ['publishProduct', () => ({ productId: newId() }), 'catalog:write'],
    ['withdrawProduct', () => ({ productId: newId() }), 'catalog:write'],
    ['repriceVariant', () => ({ variantId: newId(), price: EUR(1) }), 'catalog:write'],
    ['adjustStock', () => ({ variantId: newId(), delta: 1, reason: 'x', idempotencyKey: newId() }), 'stock:write'],
  ] as const;

  test.each(shopperCalls)('%s is for staff with its scope', async (name, input, scope) => {
    const all = ['catalog:write', 'stock:write', 'catalog:read-staff', 'orders:write', 'partner:catalog'];
    const without = staff(all.filter((one) => one !== scope));
    await expect(mutate(products, name, input(), { ...merchandiser, kind: 'anonymous', scopes: [] })).rejects.toThrow(
      /UNAUTHENTICATED/,
    );
    await expect(mutate(products, name, input(), without)).rejects.toThrow(/FORBIDDEN/);
    await expect(mutate(products, name, input(), staff([scope, 'catalog:read-staff']))).resolves.toBeDefined();
  });
});
