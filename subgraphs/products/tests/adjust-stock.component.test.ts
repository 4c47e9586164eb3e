import { newId } from '@ebuy/kernel';
import { eventually } from '@ebuy/testing';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  codes,
  levelsOf,
  makeOnSale,
  merchandiser,
  mutate,
  orderPlaced,
  type Products,
  type ShownProduct,
  startProducts,
  type VariantPayload,
} from './fixture.ts';

let products: Products;

beforeAll(async () => {
  products = await startProducts();
});

afterAll(() => products?.stop());

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
    const { result } = await products.router.ask<{ staffProducts: { nodes: ShownProduct[] } }>(
      'query($slug: String) { staffProducts(query: $slug, first: 1) { nodes { version } } }',
      { slug: product.slug },
      merchandiser,
    );
    expect(result?.staffProducts.nodes).toEqual([{ version: 2 }]);
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

  test('units that orders hold cannot be taken out', async () => {
    const { variant } = await makeOnSale(products, 5);
    await products.kafka.publish([orderPlaced([{ variantId: variant.id, quantity: 3 }])]);
    await eventually(async () => expect((await levelsOf(products, variant.id))?.reserved).toBe(3));
    expect(await adjust({ variantId: variant.id, delta: -3 })).toMatchObject({
      variant: { stock: { onHand: 5, reserved: 3, available: 2 } },
      userErrors: [{ code: 'INSUFFICIENT_STOCK' }],
    });
    expect((await adjust({ variantId: variant.id, delta: -2 })).variant).toMatchObject({
      availability: 'OUT_OF_STOCK',
      availableQuantity: 0,
      stock: { onHand: 3, reserved: 3, available: 0 },
    });
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
