import { newId } from '@ebuy/kernel';
import { ANONYMOUS } from '@ebuy/runtime';
import { readOperations } from '@ebuy/schema';
import { shopper } from '@ebuy/testing';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { makeOnSale, makeProduct, merchandiser, type Products, startProducts } from './fixture.ts';

let products: Products;

beforeAll(async () => {
  products = await startProducts();
});

afterAll(() => products?.stop());

describe('purchasableVariants', () => {
  const QUERY = `query($ids: [ID!]!) { purchasableVariants(ids: $ids) {
    variantId productId sku title price { amountMinor currency } available published } }`;

  test('says what can be sold, in the order asked for; ids that name none are left out', async () => {
    const { product, variant } = await makeOnSale(products, 3);
    const sized = await makeProduct(products, {
      title: 'Shirt',
      options: [{ name: 'Size', values: ['S', 'M'] }],
      variants: ['S', 'M'].map((size) => ({
        sku: newId(),
        optionValues: [size],
        price: { amountMinor: 1_000, currency: 'JPY' },
        onHand: 1,
      })),
    });
    const { result, errors } = await products.askAsCart(QUERY, {
      ids: [sized.variants[1]?.id, 'nothing', variant.id, newId(), variant.id],
    });
    expect(errors).toEqual([]);
    expect(result).toEqual({
      purchasableVariants: [
        {
          variantId: sized.variants[1]?.id,
          productId: sized.id,
          sku: sized.variants[1]?.sku,
          title: 'Shirt – M',
          price: { amountMinor: 1_000, currency: 'JPY' },
          available: 1,
          published: false,
        },
        {
          variantId: variant.id,
          productId: product.id,
          sku: variant.sku,
          title: product.title,
          price: { amountMinor: 1_999, currency: 'EUR' },
          available: 3,
          published: true,
        },
      ],
    });
    expect((await products.askAsCart(QUERY, { ids: [] })).result).toEqual({ purchasableVariants: [] });
  });

  test('takes 100 ids, and no more', async () => {
    const ids = Array.from({ length: 101 }, newId);
    expect((await products.askAsCart(QUERY, { ids: ids.slice(1) })).result).toEqual({ purchasableVariants: [] });
    const { result, errors } = await products.askAsCart(QUERY, { ids });
    expect([result, errors[0]?.extensions?.code]).toEqual([null, 'TOO_MANY_IDS']);
  });

  test('is not for who comes through the router, whoever that is', async () => {
    for (const caller of [ANONYMOUS, shopper('s'), merchandiser]) {
      const { result, errors } = await products.router.ask(QUERY, { ids: [newId()] }, caller);
      expect([result, errors[0]?.extensions?.code]).toEqual([null, 'FORBIDDEN']);
    }
  });
});

test('the clients’ operations that products alone answers run as they are written', async () => {
  const { product, variant } = await makeOnSale(products, 3);
  const run = (name: string, variables: Record<string, unknown>) =>
    products.router.ask<Record<string, unknown>>(
      operationAlone(readOperations('console'), name),
      variables,
      merchandiser,
    );
  for (const [name, variables] of [
    ['StaffProducts', { first: 2 }],
    ['UpdateProduct', { input: { productId: product.id, title: 'Renamed' } }],
    ['RepriceVariant', { input: { variantId: variant.id, price: { amountMinor: 5, currency: 'EUR' } } }],
    ['AdjustStock', { input: { variantId: variant.id, delta: 1, reason: 'x', idempotencyKey: newId() } }],
    ['WithdrawProduct', { input: { productId: product.id } }],
    ['PublishProduct', { input: { productId: product.id } }],
  ] as const) {
    expect([name, (await run(name, variables)).errors]).toEqual([name, []]);
  }
});

/** One operation with the fragments of its document: a subgraph's server would refuse those that others answer. */
function operationAlone(document: string, name: string): string {
  const blocks = document.split(/\n(?=query |mutation |subscription |fragment )/);
  const operation = blocks.find((block) => new RegExp(`^(query|mutation) ${name}\\b`).test(block)) ?? '';
  const fragments = blocks.filter((block) => {
    const fragment = /^fragment (\w+)/.exec(block)?.[1];
    return fragment !== undefined && operation.includes(`...${fragment}`);
  });
  return [operation, ...fragments].join('\n').replace(/^#.*$/gm, '');
}
