// What staff do is refused to everybody else, and nothing is written.

import { newId } from '@ebuy/kernel';
import * as documents from '@ebuy/tools/demo/documents.ts';
import type { Shopper } from '@ebuy/tools/demo/shopper.ts';
import type { Merchandiser, Support } from '@ebuy/tools/demo/staff.ts';
import type { Visitor } from '@ebuy/tools/demo/visitor.ts';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { type Bought, buy, untilStatus } from '../client/purchase.ts';
import { refusalsIn } from '../client/refusals.ts';
import { type Sold, sell } from '../client/sell.ts';
import { asGuest, asMerchandiser, asShopper, asSupport } from '../client/shop.ts';

const guest = asGuest();
let shopper: Shopper;
let merchandiser: Merchandiser;
let support: Support;
let lamp: Sold;
let bought: Bought;

beforeAll(async () => {
  [shopper, merchandiser, support] = await Promise.all([
    asShopper('shopper@example.com'),
    asMerchandiser(),
    asSupport(),
  ]);
  lamp = await sell(merchandiser);
  bought = await buy(guest, { variantId: lamp.variantId });
  await untilStatus(guest, bought.key, 'CONFIRMED');
});

const eur = { amountMinor: 1, currency: 'EUR' };
const catalogue: Readonly<Record<string, () => [query: string, variables: object]>> = {
  createProduct: () => [
    documents.CREATE_PRODUCT,
    { input: { title: 'Intruder', variants: [{ sku: `INTRUDER-${newId()}`, price: eur }], idempotencyKey: newId() } },
  ],
  publishProduct: () => [documents.PUBLISH_PRODUCT, { input: { productId: lamp.productId } }],
  updateProduct: () => [
    'mutation ($input: UpdateProductInput!) { updateProduct(input: $input) { product { id } userErrors { code message } } }',
    { input: { productId: lamp.productId, title: 'Intruder' } },
  ],
  withdrawProduct: () => [
    'mutation ($input: WithdrawProductInput!) { withdrawProduct(input: $input) { product { id } userErrors { code message } } }',
    { input: { productId: lamp.productId } },
  ],
  repriceVariant: () => [documents.REPRICE_VARIANT, { input: { variantId: lamp.variantId, price: eur } }],
  adjustStock: () => [
    documents.ADJUST_STOCK,
    { input: { variantId: lamp.variantId, delta: 1, reason: 'Intruder', idempotencyKey: newId() } },
  ],
  staffProducts: () => [documents.STAFF_PRODUCTS, { query: lamp.sku, first: 1 }],
};
const fulfilment: Readonly<Record<string, () => [query: string, variables: object]>> = {
  shipOrder: () => [documents.SHIP_ORDER, { input: { orderId: bought.key.id, idempotencyKey: newId() } }],
  deliverOrder: () => [documents.DELIVER_ORDER, { input: { orderId: bought.key.id, idempotencyKey: newId() } }],
  refundOrder: () => [
    documents.REFUND_ORDER,
    { input: { orderId: bought.key.id, reason: 'Intruder', idempotencyKey: newId() } },
  ],
  staffOrders: () => ['query { staffOrders(first: 1) { nodes { id email } } }', {}],
};

async function state() {
  return { products: await merchandiser.findProducts(lamp.sku), order: await guest.order(bought.key) };
}

async function expectRefused(visitor: Visitor, [query, variables]: [string, object], code: string) {
  const before = await state();
  const answer = await visitor.ask<Record<string, unknown>>(query, variables);
  expect(refusalsIn(answer as never)).toEqual([code]);
  expect(Object.values(answer.result ?? {}).every((field) => field === null)).toBe(true);
  expect(await state()).toEqual(before);
}

describe.each(Object.entries({ ...catalogue, ...fulfilment }))('%s', (name, attempt) => {
  test('is refused to a guest: sign in first', () => expectRefused(guest.visitor, attempt(), 'UNAUTHENTICATED'));
  test('is refused to a shopper', () => expectRefused(shopper.visitor, attempt(), 'FORBIDDEN'));
  test('is refused to staff with another role', () =>
    expectRefused((name in catalogue ? support : merchandiser).visitor, attempt(), 'FORBIDDEN'));
});

test('a shopper sees neither the warehouse nor an unpublished product', async () => {
  const answer = await shopper.visitor.ask<{ product: { variants: { stock: unknown }[] } | null }>(
    'query ($slug: String!) { product(slug: $slug) { variants { id stock { onHand } } } }',
    { slug: lamp.slug },
  );
  expect(refusalsIn(answer)).toEqual(['FORBIDDEN']);
  expect(answer.result?.product?.variants).toMatchObject([{ stock: null }]);
  const draft = await merchandiser.createProduct({
    title: 'Draft',
    slug: `draft-${newId()}`,
    variants: [{ sku: newId(), price: eur, onHand: 5 }],
    idempotencyKey: newId(),
  });
  expect(await shopper.product(draft.product!.slug)).toBeNull();
  const cart = await guest.createCart({ lines: [{ variantId: draft.product!.variants[0]!.id, quantity: 1 }] });
  expect(cart.userErrors).toHaveLength(1);
});

test('what services ask each other is not in the graph', async () => {
  const { result } = await guest.visitor.ask<{ __schema: { queryType: { fields: { name: string }[] } } }>(
    '{ __schema { queryType { fields { name } } } }',
  );
  expect(result?.__schema.queryType.fields.map(({ name }) => name)).not.toContain('purchasableVariants');
  const asked = await merchandiser.visitor.ask<object>(
    `{ purchasableVariants(ids: ["${lamp.variantId}"]) { variantId } }`,
  );
  expect(refusalsIn(asked)).toEqual(['GRAPHQL_VALIDATION_FAILED']);
});
