import { newId } from '@ebuy/kernel';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { product, productEvent } from './histories.ts';
import { merchandiser, openShop, type Shop } from './shop.ts';

let shop: Shop;
beforeAll(async () => {
  shop = await openShop();
});
afterAll(() => shop.close());

const slug = (word: string) => `${word}-${newId()}`;
/** A new product that is known already. */
const known = async () => {
  const state = product();
  await shop.tell(productEvent(state));
  await shop.sees(state.productId, ({ shown }) => expect(shown).toBeDefined());
  return state;
};

describe('a collection is refused', () => {
  const create = async (input: Record<string, unknown>) => {
    const { userErrors } = await shop.collect('createCollection', input);
    return userErrors.map(({ code, field }) => [code, field?.join('.')]);
  };
  test.each([
    ['an empty title', { title: '  ' }, 'INVALID_INPUT', 'title'],
    ['a long title', { title: 'x'.repeat(10_000) }, 'INVALID_INPUT', 'title'],
    ['a null byte', { title: 'a\u0000b' }, 'INVALID_INPUT', 'title'],
    ['half a character', { title: 'a\ud800' }, 'INVALID_INPUT', 'title'],
    ['a long description', { title: 'T', description: 'x'.repeat(5_001) }, 'INVALID_INPUT', 'description'],
    ['a slug with spaces', { title: 'T', slug: 'a b' }, 'INVALID_SLUG', 'slug'],
    ['an operator as slug', { title: 'T', slug: '$where' }, 'INVALID_SLUG', 'slug'],
    ['an empty slug', { title: 'T', slug: '' }, 'INVALID_SLUG', 'slug'],
    ['a rule that says nothing', { title: 'T', rule: {} }, 'INVALID_INPUT', 'rule'],
    ['a rule of blanks', { title: 'T', rule: { tag: ' ', vendor: null } }, 'INVALID_INPUT', 'rule'],
    [
      'a negative price',
      { title: 'T', rule: { maxPrice: { amountMinor: -1, currency: 'EUR' } } },
      'INVALID_INPUT',
      'rule.maxPrice.amountMinor',
    ],
    ['a product that is none', { title: 'T', productIds: ['{"$gt":""}'] }, 'PRODUCT_NOT_FOUND', 'productIds.0'],
    [
      'a product nobody knows',
      { title: 'T', productIds: ['0193a5d0-0000-7000-8000-000000000012'] },
      'PRODUCT_NOT_FOUND',
      'productIds.0',
    ],
    [
      'too many products',
      { title: 'T', productIds: Array.from({ length: 1_001 }, () => 'x') },
      'INVALID_INPUT',
      'productIds',
    ],
  ])('for %s', async (_, input, code, field) => {
    expect(await create(input)).toEqual([[code, field]]);
  });

  test('for a product named twice, and a slug that is taken', async () => {
    const { productId } = await known();
    expect(await create({ title: 'T', productIds: [productId, productId.toUpperCase()] })).toEqual([
      ['INVALID_INPUT', 'productIds.1'],
    ]);
    const taken = slug('taken');
    await shop.collection({ title: 'T', slug: taken });
    expect(await create({ title: 'T', slug: taken })).toEqual([['SLUG_TAKEN', 'slug']]);
  });

  test('for another version, with the collection as it is; the same values change nothing', async () => {
    const id = await shop.collection({ title: 'Versioned', description: 'As it was' });
    const stale = await shop.collect('updateCollection', { collectionId: id, title: 'New', expectedVersion: 9 });
    expect(stale).toMatchObject({ collection: { id, version: 1 }, userErrors: [{ code: 'VERSION_CONFLICT' }] });
    const same = await shop.collect('updateCollection', { collectionId: id, title: ' Versioned ', expectedVersion: 1 });
    expect(same).toMatchObject({ collection: { version: 1 }, userErrors: [] });
    const emptied = await shop.collect('updateCollection', { collectionId: id, description: null });
    expect(emptied).toMatchObject({ collection: { version: 2 }, userErrors: [] });
    const untitled = await shop.collect('updateCollection', { collectionId: id, title: null });
    expect(untitled.userErrors).toMatchObject([{ code: 'INVALID_INPUT', field: ['title'] }]);
    for (const collectionId of [newId(), 'x', '__proto__']) {
      const none = await shop.collect('updateCollection', { collectionId, title: 'New' });
      expect(none).toMatchObject({ collection: null, userErrors: [{ code: 'COLLECTION_NOT_FOUND' }] });
    }
  });

  test('one of two changes with the same expectedVersion; both without one', async () => {
    const id = await shop.collection({ title: 'Raced' });
    const change = (title: string, more = {}) => shop.collect('updateCollection', { collectionId: id, title, ...more });
    const raced = await Promise.all([change('One', { expectedVersion: 1 }), change('Two', { expectedVersion: 1 })]);
    expect(raced.map(({ userErrors }) => userErrors.length).sort()).toEqual([0, 1]);
    const both = await Promise.all([change('Three'), change('Four'), change('Five')]);
    expect(both.every(({ userErrors }) => userErrors.length === 0)).toBe(true);
    expect((await shop.collections.findOne({ _id: id }))?.version).toBe(5);
  });

  test('when the shop has a thousand', async () => {
    const many = Array.from({ length: 1_000 }, () => {
      const id = newId();
      return {
        _id: id,
        version: 1,
        slug: `filler-${id}`,
        title: 'F',
        description: null,
        productIds: [],
        rule: null,
        createdAt: new Date(),
        updatedAt: new Date(),
        pendingEvents: [],
      };
    });
    await shop.collections.insertMany(many);
    expect(await create({ title: 'One more' })).toEqual([['TOO_MANY_COLLECTIONS', undefined]]);
    await shop.collections.deleteMany({ _id: { $in: many.map(({ _id }) => _id) } });
  });

  test('to whoever may not write the catalog', async () => {
    const mutation = 'mutation { createCollection(input: { title: "T" }) { collection { id } } }';
    const code = async (caller?: Parameters<Shop['ask']>[2]) =>
      (await shop.ask(mutation, {}, caller)).errors[0]?.extensions?.code;
    expect([await code(), await code({ ...merchandiser, scopes: ['orders:read'] })]).toEqual([
      'UNAUTHENTICATED',
      'FORBIDDEN',
    ]);
  });
});
