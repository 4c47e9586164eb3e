// What staff change is on the page, on the card and in the search, soon and everywhere; what is withdrawn is nowhere but in old orders.
import { newId } from '@ebuy/kernel';
import { eventually } from '@ebuy/testing';
import type { Merchandiser } from '@ebuy/tools/demo/staff.ts';
import { beforeAll, expect, test } from '@jest/globals';
import { buy, untilStatus } from '../client/purchase.ts';
import { sell } from '../client/sell.ts';
import { asGuest, asMerchandiser } from '../client/shop.ts';
import { found, productPage, search } from '../client/storefront.ts';

const guest = asGuest();
let merchandiser: Merchandiser;

beforeAll(async () => {
  merchandiser = await asMerchandiser();
});

/** A word that no other product has. */
const rareTitle = () => `Samovar ${newId().slice(-12)}`;

test('a new price is on the page and on the card', async () => {
  const samovar = await sell(merchandiser, { title: rareTitle() });
  await eventually(async () => expect(await found(guest.visitor, samovar)).toBeDefined());
  const price = { amountMinor: 12_345, currency: 'EUR' };
  await merchandiser.repriceVariant({ variantId: samovar.variantId, price });
  await eventually(async () => {
    expect((await productPage(guest.visitor, samovar.slug))?.variants[0]?.price).toEqual(price);
    expect((await found(guest.visitor, samovar))?.priceRange).toEqual({ min: price, max: price });
  });
});

test('what sells out is out of stock on the page, on the card, and for a cancelled order back again', async () => {
  const samovar = await sell(merchandiser, { title: rareTitle(), onHand: 1 });
  const bought = await buy(guest, { variantId: samovar.variantId });
  await untilStatus(guest, bought.key, 'CONFIRMED');
  await eventually(async () => {
    const page = await productPage(guest.visitor, samovar.slug);
    expect(page).toMatchObject({ availability: 'OUT_OF_STOCK', variants: [{ availableQuantity: 0 }] });
    expect((await found(guest.visitor, samovar))?.availability).toBe('OUT_OF_STOCK');
  });
  await guest.cancelOrder({ orderId: bought.key.id, accessToken: bought.key.accessToken, idempotencyKey: newId() });
  await eventually(async () => {
    expect((await productPage(guest.visitor, samovar.slug))?.availability).toBe('LOW_STOCK');
    expect((await found(guest.visitor, samovar))?.availability).toBe('LOW_STOCK');
  });
});

test('what is withdrawn leaves the page and the search, and stays in old orders', async () => {
  const samovar = await sell(merchandiser, { title: rareTitle() });
  const { key } = await buy(guest, { variantId: samovar.variantId });
  await eventually(async () => expect(await found(guest.visitor, samovar)).toBeDefined());
  await merchandiser.visitor.get(
    'mutation ($input: WithdrawProductInput!) { withdrawProduct(input: $input) { userErrors { code } } }',
    { input: { productId: samovar.productId } },
  );
  await eventually(async () => {
    expect(await productPage(guest.visitor, samovar.slug)).toBeNull();
    expect(await found(guest.visitor, samovar)).toBeUndefined();
  });
  expect((await guest.order(key))?.lines).toMatchObject([{ variant: { id: samovar.variantId } }]);
});

test('a collection by rule takes in what fits, on its page and as a facet', async () => {
  const vendor = `Vendor ${newId().slice(-12)}`;
  const slug = `by-rule-${newId()}`;
  const samovar = await sell(merchandiser, { title: rareTitle() });
  await merchandiser.visitor.get(
    'mutation ($input: CreateCollectionInput!) { createCollection(input: $input) { collection { id } userErrors { code message } } }',
    { input: { title: 'Made by one', slug, rule: { vendor } } },
  );
  await merchandiser.visitor.get(
    'mutation ($input: UpdateProductInput!) { updateProduct(input: $input) { userErrors { code message } } }',
    { input: { productId: samovar.productId, vendor: vendor.toUpperCase() } },
  );
  await eventually(async () => {
    const { collection } = await guest.visitor.get<{ collection: { products: { nodes: { slug: string }[] } } }>(
      'query ($slug: String!) { collection(slug: $slug) { products(first: 5) { totalCount nodes { slug } } } }',
      { slug },
    );
    expect(collection.products).toEqual({ totalCount: 1, nodes: [{ slug: samovar.slug }] });
    const { totalCount } = await search(guest.visitor, '', { filters: [{ field: 'collection', values: [slug] }] });
    expect(totalCount).toBe(1);
  });
});
