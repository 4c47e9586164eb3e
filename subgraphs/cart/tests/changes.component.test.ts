import { newEvent, TOPICS } from '@ebuy/events';
import { newId } from '@ebuy/kernel';
import { eventually, openTestMongo } from '@ebuy/testing';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { CLOSED_DAYS, IDLE_DAYS, retireCarts } from '../src/commands/retire-carts.ts';
import type { CartDocument } from '../src/store/document.ts';
import { type OpenStore, openStore } from '../src/store/index.ts';
import { codes, openShop, quantitiesOf, type Shop, someone } from './shop.ts';

let shop: Shop;
let store: OpenStore;
beforeAll(async () => {
  shop = await openShop();
  store = await openStore(shop.settings.mongodbUrl, shop.kafka.settings.logger as never, () => undefined);
});
afterAll(async () => {
  await store.close();
  await shop.close();
});

const trace = { correlationId: 'test', causationId: null };
const confirmed = (cartId: string, ...lines: readonly [variantId: string, quantity: number][]) =>
  newEvent(
    'order.confirmed',
    {
      orderId: newId(),
      cartId,
      userId: null,
      total: { amountMinor: 1, currency: 'EUR' },
      lines: lines.map(([variantId, quantity]) => ({
        orderLineId: newId(),
        productId: newId(),
        variantId,
        sku: 'SKU',
        quantity,
      })),
    },
    trace,
  );

describe('twenty writers on one cart', () => {
  test('lose nothing', async () => {
    const [lamp, ...variants] = Array.from({ length: 11 }, () => shop.catalogue.add()) as [string, ...string[]];
    const { cart, accessToken } = await shop.guest([lamp, 1]);
    const open = { cartId: cart.id, accessToken };
    const answers = await Promise.all([
      ...Array.from({ length: 10 }, () => shop.change('addCartLine', { ...open, variantId: lamp, quantity: 2 })),
      ...variants.map((variantId) => shop.change('addCartLine', { ...open, variantId, quantity: 1 })),
    ]);
    expect(answers.flatMap(codes)).toEqual([]);
    const after = await shop.read(cart.id, accessToken);
    expect(quantitiesOf(after)).toEqual({ [lamp]: 21, ...Object.fromEntries(variants.map((id) => [id, 1])) });
    expect(after?.version).toBe(21);
    expect(new Set(answers.map((answer) => answer.cart?.version)).size).toBe(20);
  });

  test('of those that all saw one version, one wins', async () => {
    const lamp = shop.catalogue.add();
    const { cart, accessToken } = await shop.guest([lamp, 1]);
    const one = { cartId: cart.id, accessToken, variantId: lamp, quantity: 1, expectedVersion: 1 };
    const answers = await Promise.all(Array.from({ length: 20 }, () => shop.change('addCartLine', one)));
    expect(answers.filter((answer) => codes(answer).length === 0)).toHaveLength(1);
    expect(answers.flatMap(codes)).toEqual(Array(19).fill('VERSION_CONFLICT'));
    expect(answers.every((answer) => answer.cart?.version === 2)).toBe(true);
    expect(quantitiesOf(await shop.read(cart.id, accessToken))).toEqual({ [lamp]: 2 });
  });
});

describe('order.confirmed', () => {
  test('takes out what was ordered, once, and what was added meanwhile stays', async () => {
    const watched = await shop.kafka.watch(TOPICS.cart);
    const [lamp, chair] = [shop.catalogue.add(), shop.catalogue.add()];
    const { cart, accessToken } = await shop.guest([lamp, 2], [chair, 1]);
    const open = { cartId: cart.id, accessToken };
    await shop.change('addCartLine', { ...open, variantId: lamp, quantity: 3 });
    const first = confirmed(cart.id, [lamp, 2], [chair, 1]);
    await shop.kafka.publish([first, first]);
    await eventually(async () => expect(quantitiesOf(await shop.read(cart.id, accessToken))).toEqual({ [lamp]: 3 }));
    await shop.change('addCartLine', { ...open, variantId: chair, quantity: 1 });
    const second = confirmed(cart.id, [lamp, 3], [chair, 1]);
    await shop.kafka.publish([first, second, first, second]);
    await eventually(async () => expect((await shop.read(cart.id, accessToken))?.lines).toEqual([]));
    // Added again: none of the deliveries may touch it any more.
    await shop.change('addCartLine', { ...open, variantId: lamp, quantity: 5 });
    await shop.kafka.publish([second]);
    const other = await shop.guest([lamp, 1]);
    await shop.kafka.publish([confirmed(other.cart.id, [lamp, 1])]);
    await eventually(async () => expect((await shop.read(other.cart.id, other.accessToken))?.lines).toEqual([]));
    expect(quantitiesOf(await shop.read(cart.id, accessToken))).toEqual({ [lamp]: 5 });

    const told = await eventually(() => {
      const own = watched.events.filter(({ subject }) => subject === cart.id);
      expect(own).toHaveLength(6);
      return own;
    });
    expect(told.map(({ type, payload }) => [type, (payload as { version: number }).version])).toEqual([
      ['cart.changed', 1],
      ['cart.changed', 2],
      ['cart.changed', 3],
      ['cart.changed', 4],
      ['cart.emptied', 5],
      ['cart.changed', 6],
    ]);
    expect(told[4]).toMatchObject({ causationId: second.id, payload: { orderId: second.payload.orderId } });
  });

  test('ordered as a guest, merged meanwhile: the lines go from the shopper’s cart, once', async () => {
    const [lamp, chair] = [shop.catalogue.add(), shop.catalogue.add()];
    const caller = someone();
    await shop.change('createCart', { lines: [{ variantId: chair, quantity: 1 }] }, caller);
    const guest = await shop.guest([lamp, 2]);
    const before = confirmed(guest.cart.id, [lamp, 1]);
    await shop.kafka.publish([before]);
    await eventually(async () =>
      expect(quantitiesOf(await shop.read(guest.cart.id, guest.accessToken))).toEqual({ [lamp]: 1 }),
    );
    const merged = await shop.change(
      'mergeCart',
      { guestCartId: guest.cart.id, accessToken: guest.accessToken },
      caller,
    );
    const id = merged.cart?.id ?? '';
    const after = confirmed(guest.cart.id, [lamp, 1]);
    await shop.kafka.publish([before, after, after, confirmed(newId(), [lamp, 1]), before]);
    await eventually(async () => expect(quantitiesOf(await shop.read(id, null, caller))).toEqual({ [chair]: 1 }));
    expect((await shop.read(id, null, caller))?.version).toBe(3);
  });
});

describe('retiring carts', () => {
  const later = (days: number) => ({ store, now: () => new Date(Date.now() + days * 86_400_000 + 60_000) });

  test('closes what guests left behind, deletes it later, and leaves shoppers’ carts alone', async () => {
    const lamp = shop.catalogue.add();
    const caller = someone();
    const lines = [{ variantId: lamp, quantity: 1 }];
    const { cart: own } = await shop.change('createCart', { lines }, caller);
    const { cart, accessToken } = await shop.guest([lamp, 1]);
    await retireCarts(later(IDLE_DAYS - 1));
    expect((await shop.read(cart.id, accessToken))?.version).toBe(1);
    await retireCarts(later(IDLE_DAYS));
    expect(await shop.read(cart.id, accessToken)).toBeNull();
    expect(await shop.carts.findOne({ _id: cart.id })).toMatchObject({ status: 'CLOSED', version: 2, lines: [] });
    await retireCarts(later(IDLE_DAYS));
    expect((await shop.carts.findOne({ _id: cart.id }))?.version).toBe(2);
    await eventually(async () => expect(await shop.carts.countDocuments({ pendingSince: { $exists: true } })).toBe(0));
    await retireCarts(later(IDLE_DAYS + CLOSED_DAYS));
    expect(await shop.carts.findOne({ _id: cart.id })).toBeNull();
    expect(quantitiesOf(await shop.read(own?.id ?? '', null, caller))).toEqual({ [lamp]: 1 });
  });

  test('a cart whose event waits is not deleted', async () => {
    const { cart } = await shop.guest();
    const document = await shop.carts.findOne({ _id: cart.id });
    // Where no relay takes the event away.
    const quiet = await openTestMongo('cart');
    const alone = await openStore(quiet.url, shop.kafka.settings.logger as never, () => undefined);
    const carts = quiet.connection.db!.collection<CartDocument>('carts') as unknown as Shop['carts'];
    const closed = { ...document!, status: 'CLOSED' as const, closedAt: new Date(0), pendingEvents: [] };
    await carts.insertOne({ ...closed, pendingSince: new Date() });
    expect(await alone.deleteClosed(new Date(), 10)).toBe(0);
    await carts.updateOne({ _id: cart.id }, { $unset: { pendingSince: '' } });
    expect(await alone.deleteClosed(new Date(), 10)).toBe(1);
    await alone.close();
    await quiet.drop();
  });
});

describe('a restart', () => {
  test('keeps every cart and its token, and sends what was waiting', async () => {
    const lamp = shop.catalogue.add();
    const { cart, accessToken } = await shop.guest([lamp, 4]);
    await shop.restart();
    expect(quantitiesOf(await shop.read(cart.id, accessToken))).toEqual({ [lamp]: 4 });
    await eventually(async () => expect(await shop.carts.countDocuments({ pendingSince: { $exists: true } })).toBe(0));
  });
});
