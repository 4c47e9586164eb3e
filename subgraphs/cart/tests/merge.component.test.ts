import { newId } from '@ebuy/kernel';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { mergeCart } from '../src/commands/merge-cart.ts';
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

type Guest = Awaited<ReturnType<Shop['guest']>>;
const merging = ({ cart, accessToken }: Guest) => ({ guestCartId: cart.id, accessToken });

describe('mergeCart', () => {
  test('adds the guest’s lines to the shopper’s cart; the token opens nothing any more', async () => {
    const [lamp, chair] = [shop.catalogue.add(), shop.catalogue.add()];
    const caller = someone();
    const { cart: own } = await shop.change('createCart', { lines: [{ variantId: lamp, quantity: 2 }] }, caller);
    const guest = await shop.guest([lamp, 3], [chair, 1]);
    const merged = await shop.change('mergeCart', merging(guest), caller);
    expect(merged).toMatchObject({ cart: { id: own?.id, version: 2 }, userErrors: [] });
    expect(quantitiesOf(merged.cart)).toEqual({ [lamp]: 5, [chair]: 1 });
    expect(await shop.read(guest.cart.id, guest.accessToken)).toBeNull();
    expect(await shop.read(guest.cart.id, guest.accessToken, caller)).toBeNull();
    const late = { cartId: guest.cart.id, accessToken: guest.accessToken, variantId: lamp, quantity: 1 };
    expect(codes(await shop.change('addCartLine', late))).toEqual(['NOT_FOUND']);
  });

  test('makes the shopper’s cart when there is none; of an empty one, too', async () => {
    const lamp = shop.catalogue.add();
    for (const guest of [await shop.guest([lamp, 3]), await shop.guest()]) {
      const caller = someone();
      const { cart } = await shop.change('mergeCart', merging(guest), caller);
      expect(quantitiesOf(cart)).toEqual(quantitiesOf(guest.cart));
      expect((await shop.carts.findOne({ userId: caller.id ?? '' }))?._id).toBe(cart?.id);
    }
  });

  test('again, and eight times at once, merges once and answers with the same cart', async () => {
    const lamp = shop.catalogue.add();
    const caller = someone();
    const guest = await shop.guest([lamp, 3]);
    const at = await Promise.all(Array.from({ length: 8 }, () => shop.change('mergeCart', merging(guest), caller)));
    expect(new Set(at.map(({ cart }) => cart?.id)).size).toBe(1);
    for (const { cart } of at) expect(quantitiesOf(cart)).toEqual({ [lamp]: 3 });
    const later = await shop.change('mergeCart', merging(guest), caller);
    expect(quantitiesOf(later.cart)).toEqual({ [lamp]: 3 });
  });

  test('cut off between its two writes it loses nothing, and a repeat completes it', async () => {
    const [lamp, chair] = [shop.catalogue.add(), shop.catalogue.add()];
    const caller = someone();
    const guest = await shop.guest([lamp, 3]);
    const crashing = {
      store: {
        ...store,
        change: async (...args: Parameters<OpenStore['change']>) => {
          if (args[0].id === guest.cart.id) throw new Error('killed here');
          return store.change(...args);
        },
      },
      offers: undefined as never,
      accessTokenSecret: shop.settings.accessTokenSecret,
      now: () => new Date(),
      logger: undefined as never,
    };
    const context = {
      caller,
      service: 'router',
      correlationId: newId(),
      clientAddress: null,
      logger: undefined as never,
    };
    await shop.change('createCart', { lines: [{ variantId: lamp, quantity: 1 }] }, caller);
    await expect(mergeCart(crashing, context, merging(guest))).rejects.toThrow('killed here');
    await expect(mergeCart(crashing, context, merging(guest))).rejects.toThrow('killed here');
    // Nothing is lost: the guest's cart is still open, and grows.
    const open = { cartId: guest.cart.id, accessToken: guest.accessToken };
    await shop.change('addCartLine', { ...open, variantId: lamp, quantity: 2 });
    await shop.change('addCartLine', { ...open, variantId: chair, quantity: 1 });
    const { cart } = await shop.change('mergeCart', merging(guest), caller);
    expect(quantitiesOf(cart)).toEqual({ [lamp]: 6, [chair]: 1 });
    expect(await shop.read(guest.cart.id, guest.accessToken)).toBeNull();
    expect(quantitiesOf((await shop.change('mergeCart', merging(guest), caller)).cart)).toEqual(quantitiesOf(cart));
  });

  test('while the guest still adds: every line ends in the shopper’s cart or was refused', async () => {
    const lamp = shop.catalogue.add();
    const caller = someone();
    const guest = await shop.guest([lamp, 1]);
    const add = { cartId: guest.cart.id, accessToken: guest.accessToken, variantId: lamp, quantity: 1 };
    const [merged, ...added] = await Promise.all([
      shop.change('mergeCart', merging(guest), caller),
      ...Array.from({ length: 10 }, () => shop.change('addCartLine', add)),
    ]);
    expect(codes(merged)).toEqual([]);
    const taken = added.filter((payload) => payload.cart !== null).length;
    expect(added.filter((payload) => payload.cart === null).flatMap(codes)).toEqual(
      Array(10 - taken).fill('NOT_FOUND'),
    );
    const own = await shop.carts.findOne({ userId: caller.id ?? '' });
    expect(own?.lines).toMatchObject([{ quantity: 1 + taken }]);
  });

  test('is refused without the token, by another shopper afterwards, and for a shopper’s own cart', async () => {
    const lamp = shop.catalogue.add();
    const [caller, other] = [someone(), someone()];
    const guest = await shop.guest([lamp, 3]);
    const wrong = await shop.change('mergeCart', { ...merging(guest), accessToken: 'A'.repeat(43) }, caller);
    expect(wrong).toMatchObject({ cart: null, userErrors: [{ code: 'NOT_FOUND', field: ['guestCartId'] }] });
    expect((await shop.read(guest.cart.id, guest.accessToken))?.version).toBe(1);
    const { cart } = await shop.change('mergeCart', merging(guest), caller);
    expect(codes(await shop.change('mergeCart', merging(guest), other))).toEqual(['NOT_FOUND']);
    const own = { guestCartId: cart?.id, accessToken: guest.accessToken };
    expect(codes(await shop.change('mergeCart', own, other))).toEqual(['NOT_FOUND']);
    expect(codes(await shop.change('mergeCart', own, caller))).toEqual(['NOT_FOUND']);
    const { errors } = await shop.ask(
      'mutation ($input: MergeCartInput!) { mergeCart(input: $input) { cart { id } } }',
      { input: merging(guest) },
    );
    expect(errors[0]?.extensions?.code).toBe('UNAUTHENTICATED');
  });

  test('is refused when the currencies differ or there would be too many lines; both carts stay as they are', async () => {
    const [lamp, yen] = [shop.catalogue.add(), shop.catalogue.add({ currency: 'JPY' })];
    const caller = someone();
    const many = Array.from({ length: 60 }, () => ({ variantId: shop.catalogue.add(), quantity: 1 }));
    await shop.change('createCart', { lines: many }, caller);
    const inYen = await shop.guest([yen, 1]);
    expect(codes(await shop.change('mergeCart', merging(inYen), caller))).toEqual(['CURRENCY_MISMATCH']);
    const full = await shop.guest(...Array.from({ length: 40 }, (): [string, number] => [shop.catalogue.add(), 1]), [
      lamp,
      1,
    ]);
    expect(codes(await shop.change('mergeCart', merging(full), caller))).toEqual(['TOO_MANY_LINES']);
    expect((await shop.read(full.cart.id, full.accessToken))?.lines).toHaveLength(41);
    expect((await shop.carts.findOne({ userId: caller.id ?? '' }))?.version).toBe(1);
  });
});
