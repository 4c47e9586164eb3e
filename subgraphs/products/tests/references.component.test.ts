import { newId } from '@ebuy/kernel';
import { shopper, staff } from '@ebuy/testing';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
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
    const before = await transactions();
    await ask(
      made.flatMap(({ product, variant }) => [
        { __typename: 'Product', id: product.id },
        { __typename: 'Variant', id: variant.id },
      ]),
    );
    expect((await transactions()) - before).toBeLessThan(8);
  });
});

/** How many transactions the database has seen: what other parts of the service do meanwhile counts, too. */
async function transactions(): Promise<number> {
  const [row] = await products.database.query<{ seen: number }>(
    'SELECT (xact_commit + xact_rollback)::int AS seen FROM pg_stat_database WHERE datname = current_database()',
    [],
  );
  return row?.seen ?? 0;
}
