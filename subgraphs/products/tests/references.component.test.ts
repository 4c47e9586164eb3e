import { newId } from '@ebuy/kernel';
import { ANONYMOUS, createLogger, type RequestContext } from '@ebuy/runtime';
import { shopper, staff } from '@ebuy/testing';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createLoaders } from '../src/queries/loaders.ts';
import { type Database, openDatabase } from '../src/store/index.ts';
import { makeOnSale, makeProduct, mutate, type Products, startProducts } from './fixture.ts';

let products: Products;

beforeAll(async () => {
  products = await startProducts();
});

afterAll(() => products?.stop());

const REFERENCES = `query($representations: [_Any!]!) { _entities(representations: $representations) {
  ... on Product { id version status } ... on Variant { id stock { onHand reserved available version } } } }`;

const ask = (
  representations: { __typename: string; id: string | undefined }[],
  caller = staff(['catalog:read-staff']),
) => products.router.ask(REFERENCES, { representations }, caller);

describe('Product and Variant by reference', () => {
  test('add a version, a status and a stock, whatever the status; unknown ones are null', async () => {
    const draft = await makeProduct(products);
    const { product, variant } = await makeOnSale(products, 2);
    await mutate(products, 'adjustStock', {
      variantId: variant.id,
      delta: 5,
      reason: 'found',
      idempotencyKey: newId(),
    });
    const { result, errors } = await ask([
      { __typename: 'Product', id: product.id },
      { __typename: 'Product', id: draft.id.toUpperCase() },
      { __typename: 'Variant', id: variant.id },
      { __typename: 'Variant', id: draft.variants[0]?.id },
      { __typename: 'Variant', id: newId() },
      { __typename: 'Product', id: 'nothing' },
      { __typename: 'Variant', id: variant.id },
    ]);
    expect(errors).toEqual([]);
    const stock = { onHand: 7, reserved: 0, available: 7, version: 2 };
    expect(result).toEqual({
      _entities: [
        { id: product.id, version: 2, status: 'PUBLISHED' },
        { id: draft.id, version: 1, status: 'DRAFT' },
        { id: variant.id, stock },
        { id: draft.variants[0]?.id, stock: { onHand: 10, reserved: 0, available: 10, version: 1 } },
        null,
        null,
        { id: variant.id, stock },
      ],
    });
  });

  test('a shopper sees the version, and neither status nor stock', async () => {
    const { product, variant } = await makeOnSale(products, 4);
    const asked = [
      { __typename: 'Product', id: product.id },
      { __typename: 'Variant', id: variant.id },
    ];
    const { result, errors } = await ask(asked, shopper('s'));
    expect(result).toEqual({
      _entities: [
        { id: product.id, version: 2, status: null },
        { id: variant.id, stock: null },
      ],
    });
    expect(errors.map(({ extensions }) => extensions?.code)).toEqual(['FORBIDDEN', 'FORBIDDEN']);
  });

  test('each type costs one statement, however many are asked for', async () => {
    const made = await Promise.all(Array.from({ length: 8 }, () => makeOnSale(products, 1)));
    const database = openDatabase(products.database.url);
    let statements = 0;
    const counting = database.$extends({
      query: {
        $allOperations({ query, args }) {
          statements += 1;
          return query(args);
        },
      },
    }) as unknown as Database;
    const context: RequestContext = {
      caller: ANONYMOUS,
      service: 'router',
      correlationId: newId(),
      clientAddress: null,
      logger: createLogger('test', 'silent'),
    };
    const loaders = createLoaders(counting)(context);
    const [found, stocks] = await Promise.all([
      loaders.products.loadMany(made.map(({ product }) => product.id)),
      loaders.variants.loadMany(made.map(({ variant }) => variant.id)),
    ]);
    expect([...found, ...stocks].filter((one) => one !== null)).toHaveLength(16);
    expect(statements).toBe(2);
    await database.$disconnect();
  });
});
