import { TOPICS } from '@ebuy/events';
import { newId } from '@ebuy/kernel';
import { eventually, staff } from '@ebuy/testing';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  levelsOf,
  makeOnSale,
  makeProduct,
  merchandiser,
  mutate,
  type ProductPayload,
  type Products,
  productInput,
  type ShownProduct,
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
const codes = (payload: { userErrors: { code: string }[] }) => payload.userErrors.map(({ code }) => code);
const create = (input: Record<string, unknown>) => mutate<ProductPayload>(products, 'createProduct', input);
const update = (input: Record<string, unknown>) => mutate<ProductPayload>(products, 'updateProduct', input);
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

  test('of two that want the same SKUs at the same moment, one gets them', async () => {
    const [a, b] = [`A-${newId()}`, `B-${newId()}`];
    const input = (first: string, second: string) => ({
      title: 'Race',
      options: [{ name: 'Size', values: ['S', 'M'] }],
      variants: [
        { sku: first, optionValues: ['S'], price: EUR(1) },
        { sku: second, optionValues: ['M'], price: EUR(1) },
      ],
    });
    const payloads = await Promise.all([
      create(input(a, b)),
      create(input(b, a)),
      create(input(a, b)),
      create(input(b, a)),
    ]);
    expect(payloads.filter(({ product }) => product !== null)).toHaveLength(1);
    expect(payloads.flatMap(codes)).toEqual(['SKU_TAKEN', 'SKU_TAKEN', 'SKU_TAKEN']);
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

describe('adjustStock', () => {
  const adjust = (input: Record<string, unknown>) =>
    mutate<VariantPayload>(products, 'adjustStock', { reason: 'counted', idempotencyKey: newId(), ...input });

  test("moves units, writes down why, and raises the stock's version, not the product's", async () => {
    const { product, variant } = await makeOnSale(products, 10);
    const { variant: after } = await adjust({
      variantId: variant.id,
      delta: -4,
      reason: ' Broken  ',
      idempotencyKey: 'b',
    });
    expect(after?.stock).toEqual({ onHand: 6, reserved: 0, available: 6, version: 2 });
    const movements = await products.database.query(
      'SELECT delta, reason, who, idempotency_key FROM stock_movement WHERE variant_id = $1 ORDER BY id',
      [variant.id],
    );
    expect(movements).toEqual([
      { delta: 10, reason: 'first stock', who: 'user:staff', idempotency_key: null },
      { delta: -4, reason: 'Broken', who: 'user:staff', idempotency_key: 'b' },
    ]);
    const { result } = await products.router.ask<{ product: ShownProduct }>(
      'query($slug: String!) { product(slug: $slug) { version } }',
      { slug: product.slug },
    );
    expect(result?.product.version).toBe(2);
  });

  test('is done once for one key, also at the same moment', async () => {
    const { variant } = await makeOnSale(products, 10);
    const input = { variantId: variant.id, delta: 5, idempotencyKey: newId() };
    await Promise.all(Array.from({ length: 6 }, () => adjust(input)));
    expect(await adjust(input)).toMatchObject({ variant: { stock: { onHand: 15, version: 2 } }, replayed: true });
    expect(codes(await adjust({ ...input, delta: 6 }))).toEqual(['IDEMPOTENCY_KEY_REUSED']);
    expect(await levelsOf(products, variant.id)).toEqual({ on_hand: 15, reserved: 0, version: 2 });
  });

  test('a key that is in use is refused, and may be tried again', async () => {
    const { variant } = await makeOnSale(products, 10);
    const idempotencyKey = newId();
    const input = { variantId: variant.id, delta: 1, reason: 'counted' };
    const { createHash } = await import('node:crypto');
    const canonical = `{"delta":1,"reason":"counted","variantId":"${variant.id}"}`;
    await products.database.query(
      `INSERT INTO idempotency_key (principal, operation, key, request_hash, claim_id, lease_until)
       VALUES ('user:staff', 'adjustStock', $1, $2, gen_random_uuid(), now() + interval '1 minute')`,
      [idempotencyKey, createHash('sha256').update(canonical).digest('hex')],
    );
    expect(codes(await adjust({ ...input, idempotencyKey }))).toEqual(['IDEMPOTENCY_KEY_IN_USE']);
    await products.database.query("UPDATE idempotency_key SET lease_until = now() - interval '1 s' WHERE key = $1", [
      idempotencyKey,
    ]);
    expect(codes(await adjust({ ...input, idempotencyKey }))).toEqual([]);
  });

  test('a refusal frees its key and moves nothing', async () => {
    const { variant } = await makeOnSale(products, 3);
    const idempotencyKey = newId();
    expect(await adjust({ variantId: variant.id, delta: -4, idempotencyKey })).toMatchObject({
      variant: { stock: { onHand: 3 } },
      userErrors: [{ code: 'INSUFFICIENT_STOCK', field: ['delta'] }],
    });
    expect(codes(await adjust({ variantId: variant.id, delta: -3, idempotencyKey }))).toEqual([]);
  });

  test('takers at the same moment never take more than there is', async () => {
    const { variant } = await makeOnSale(products, 10);
    const payloads = await Promise.all(Array.from({ length: 15 }, () => adjust({ variantId: variant.id, delta: -1 })));
    expect(payloads.flatMap(codes)).toEqual(Array.from({ length: 5 }, () => 'INSUFFICIENT_STOCK'));
    expect(await levelsOf(products, variant.id)).toMatchObject({ on_hand: 0 });
  });

  test.each([
    ['STOCK_LIMIT_EXCEEDED', { delta: 1_000_000_000 }],
    ['STOCK_LIMIT_EXCEEDED', { delta: 2_147_483_647 }],
    ['INSUFFICIENT_STOCK', { delta: -2_147_483_648 }],
    ['INVALID_INPUT', { delta: 0 }],
    ['INVALID_INPUT', { delta: 1, reason: '' }],
    ['INVALID_INPUT', { delta: 1, reason: 'x'.repeat(201) }],
    ['INVALID_INPUT', { delta: 1, reason: 'a\u0000b' }],
    ['INVALID_IDEMPOTENCY_KEY', { delta: 1, idempotencyKey: '' }],
    ['INVALID_IDEMPOTENCY_KEY', { delta: 1, idempotencyKey: 'x'.repeat(256) }],
    ['VARIANT_NOT_FOUND', { delta: 1, variantId: 'none' }],
    ['VARIANT_NOT_FOUND', { delta: 1, variantId: newId() }],
  ])('%s: %j', async (code, input) => {
    const { variant } = await makeOnSale(products, 3);
    expect(codes(await adjust({ variantId: variant.id, ...input }))).toEqual([code]);
    expect(await levelsOf(products, variant.id)).toEqual({ on_hand: 3, reserved: 0, version: 1 });
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
