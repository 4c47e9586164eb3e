// A part of the read side is away: the others go on, shoppers still buy, and when it is back it has caught up by itself.
import { eventually } from '@ebuy/testing';
import type { Merchandiser } from '@ebuy/tools/demo/staff.ts';
import { beforeAll, expect, test } from '@jest/globals';
import { freeze } from '../client/crash.ts';
import { buy, untilStatus } from '../client/purchase.ts';
import { sell } from '../client/sell.ts';
import { asGuest, asMerchandiser } from '../client/shop.ts';
import { found, productPage, type Results, send } from '../client/storefront.ts';

const PATIENCE = { timeoutMs: 120_000, everyMs: 250 };
const guest = asGuest();
let merchandiser: Merchandiser;

beforeAll(async () => {
  merchandiser = await asMerchandiser();
});

test('search is away: pages and purchases go on; what changed meanwhile is found afterwards', async () => {
  const before = await sell(merchandiser, { title: 'Away lamp' });
  const meanwhile = await freeze('search', async () => {
    const answer = await send<{ searchProducts: Results | null }>(guest.visitor, 'Search', { query: 'lamp', first: 5 });
    expect(answer.result?.searchProducts).toBeNull();
    expect(answer.errors).not.toEqual([]);
    expect(await productPage(guest.visitor, before.slug)).toMatchObject({ title: 'Away lamp' });
    const { key } = await buy(guest, { variantId: before.variantId });
    await untilStatus(guest, key, 'CONFIRMED');
    return sell(merchandiser, { title: 'Away samovar' });
  });
  await eventually(async () => expect(await found(guest.visitor, meanwhile)).toBeDefined(), PATIENCE);
}, 300_000);

test('reviews is away: the page shows all but reviews', async () => {
  const lamp = await sell(merchandiser);
  await freeze('reviews', async () => {
    const answer = await send<{ product: object | null }>(guest.visitor, 'ProductPage', { slug: lamp.slug });
    expect(answer.result?.product).toMatchObject({ slug: lamp.slug, reviews: null });
    expect(answer.errors).toHaveLength(1);
  });
  await eventually(async () => expect((await productPage(guest.visitor, lamp.slug))?.reviews).not.toBeNull(), PATIENCE);
}, 300_000);

test('catalog is away: search and purchases go on; it shows afterwards what was sold meanwhile', async () => {
  const lamp = await sell(merchandiser, { title: 'Away samovar', onHand: 1 });
  await eventually(async () => expect(await found(guest.visitor, lamp)).toBeDefined(), PATIENCE);
  await freeze('catalog', async () => {
    expect(await found(guest.visitor, lamp)).toMatchObject({ availability: 'LOW_STOCK' });
    const cart = await guest.visitor.ask<{ createCart: { cart: { id: string } | null } }>(
      'mutation ($input: CreateCartInput!) { createCart(input: $input) { cart { id version } accessToken } }',
      { input: { lines: [{ variantId: lamp.variantId, quantity: 1 }] } },
    );
    expect(cart.errors).toEqual([]);
    await merchandiser.adjustStock({
      variantId: lamp.variantId,
      delta: -1,
      reason: 'Broken.',
      idempotencyKey: cart.result?.createCart.cart?.id,
    });
  });
  await eventually(async () => {
    expect((await productPage(guest.visitor, lamp.slug))?.availability).toBe('OUT_OF_STOCK');
    expect((await found(guest.visitor, lamp))?.availability).toBe('OUT_OF_STOCK');
  }, PATIENCE);
}, 300_000);
