import { accessTokenFor } from '@ebuy/runtime';
import { eventually, partner, shopper } from '@ebuy/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { ADDRESS, openShop, SECRET, type Shop } from './shop.ts';

let shop: Shop;
beforeAll(async () => {
  shop = await openShop();
});
afterAll(() => shop?.close());
beforeEach(() => {
  shop.faults.cart = undefined;
  shop.faults.products = undefined;
  shop.asked.length = 0;
});

describe('placing an order', () => {
  test('a guest gets the order, its lines and the token that opens it; products hears of it', async () => {
    const one = shop.sell({ title: 'Lamp', price: { amountMinor: 1_999, currency: 'EUR' } });
    const two = shop.sell({ title: 'Bulb', price: { amountMinor: 250, currency: 'EUR' } });
    const cart = shop.fill([
      { variantId: one.variantId, quantity: 1 },
      { variantId: two.variantId, quantity: 3 },
    ]);
    const wish = shop.wish({
      cartId: cart.id,
      accessToken: cart.accessToken,
      expectedTotal: { amountMinor: 3_973, currency: 'EUR' },
    });
    const placed = await shop.place(wish);
    expect(placed).toMatchObject({ userErrors: [], total: null, replayed: false });
    expect(placed.order).toMatchObject({
      version: 1,
      number: expect.stringMatching(/^EB-\d{6}$/),
      status: 'AWAITING_STOCK',
      email: 'ada@example.com',
      shippingAddress: { recipient: 'Ada', countryCode: 'DE' },
      lines: [
        { sku: one.sku, title: 'Lamp', quantity: 1, lineTotal: { amountMinor: 1_999 }, variant: { id: one.variantId } },
        { sku: two.sku, title: 'Bulb', quantity: 3, lineTotal: { amountMinor: 750 }, variant: { id: two.variantId } },
      ],
      subtotal: { amountMinor: 2_749 },
      shippingTotal: { amountMinor: 590 },
      taxTotal: { amountMinor: 634 },
      total: { amountMinor: 3_973, currency: 'EUR' },
      history: [{ version: 1, status: 'AWAITING_STOCK', reason: null }],
    });
    const order = placed.order!;
    expect(placed.accessToken).toBe(accessTokenFor(SECRET, 'order', order.id));
    expect(shop.asked.map(({ to }) => to)).toEqual(['cart', 'products']);
    const [event, ...more] = await shop.outbox(order.id);
    expect(more).toEqual([]);
    expect(event).toMatchObject({
      type: 'order.placed',
      data: {
        orderId: order.id,
        cartId: cart.id,
        total: { amountMinor: 3_973, currency: 'EUR' },
        lines: [
          {
            orderLineId: order.lines[0]?.id,
            variantId: one.variantId,
            productId: one.productId,
            sku: one.sku,
            quantity: 1,
          },
          {
            orderLineId: order.lines[1]?.id,
            variantId: two.variantId,
            productId: two.productId,
            sku: two.sku,
            quantity: 3,
          },
        ],
      },
    });
    expect(JSON.stringify(event)).not.toMatch(/ada@|Berlin|pm_card/i);
  });

  test('what is stored reads back as it was answered', async () => {
    const { order, accessToken } = await shop.place();
    const { result } = await shop.ask<{ order: unknown }>(
      `query ($id: ID!, $accessToken: String) { order(id: $id, accessToken: $accessToken) {
        id version number status placedAt email shippingAddress { recipient countryCode }
        lines { id sku title quantity unitPrice { amountMinor currency } lineTotal { amountMinor currency } variant { id } }
        subtotal { amountMinor currency } shippingTotal { amountMinor currency } taxTotal { amountMinor currency } total { amountMinor currency }
        deadlineAt carrier trackingNumber history { version status at reason note } } }`,
      { id: order?.id.toUpperCase(), accessToken },
    );
    expect(result?.order).toEqual(order);
  });

  test('a shopper needs no token and gets none; a partner sees no contact', async () => {
    const mine = await shop.place(shop.wish({ accessToken: null }), shopper('ada'));
    expect(mine).toMatchObject({ accessToken: null, order: { email: 'ada@example.com' } });
    const theirs = await shop.place(shop.wish(), partner('acme'));
    expect(theirs).toMatchObject({ accessToken: null, order: { email: null } });
    const rows = await shop.database.query('SELECT user_id, client_id FROM orders WHERE id = ANY($1) ORDER BY number', [
      [mine.order?.id, theirs.order?.id],
    ]);
    expect(rows).toEqual([
      { user_id: 'ada', client_id: null },
      { user_id: null, client_id: 'acme' },
    ]);
    expect((await shop.place(shop.wish(), partner('acme', ['partner:catalog']))).userErrors[0]?.code).toBe('FORBIDDEN');
  });

  test('numbers go up, whoever orders', async () => {
    const orders = [await shop.placed(), await shop.placed(), await shop.placed()];
    const numbers = orders.map(({ number }) => Number(number.slice(3)));
    expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
    expect(new Set(numbers).size).toBe(3);
  });

  test('yen, dinars, and the edge of what is exact', async () => {
    const buy = async (amountMinor: number, currency: string, countryCode: string, total: number) => {
      const cart = shop.fill([{ variantId: shop.sell({ price: { amountMinor, currency } }).variantId, quantity: 1 }]);
      return shop.place(
        shop.wish({
          cartId: cart.id,
          accessToken: cart.accessToken,
          shippingAddress: { ...ADDRESS, countryCode },
          expectedTotal: { amountMinor: total, currency },
        }),
      );
    };
    expect((await buy(1_201, 'JPY', 'JP', 2_201)).order?.total).toEqual({ amountMinor: 2_201, currency: 'JPY' });
    expect((await buy(12_345, 'KWD', 'KW', 13_845)).order?.total).toEqual({ amountMinor: 13_845, currency: 'KWD' });
    const most = Number.MAX_SAFE_INTEGER;
    const { order } = await buy(most - 590, 'USD', 'US', most);
    expect(order?.total.amountMinor).toBe(most);
    const [row] = await shop.database.query<{ total_minor: string }>('SELECT total_minor FROM orders WHERE id = $1', [
      order?.id,
    ]);
    expect(row?.total_minor).toBe('9007199254740991');
    expect((await buy(most - 589, 'USD', 'US', most)).userErrors[0]?.code).toBe('AMOUNT_TOO_LARGE');
    const { errors } = await shop.ask(
      'mutation ($input: PlaceOrderInput!) { placeOrder(input: $input) { userErrors { code } } }',
      {
        input: shop.wish({ expectedTotal: { amountMinor: 2 ** 53, currency: 'USD' } }),
      },
    );
    expect(errors[0]?.message).toMatch(/MinorUnits/);
  });
});

describe('a neighbour away', () => {
  test.each([['cart'], ['products']] as const)(
    '%s: a fault, nothing written, the same key orders later',
    async (name) => {
      const wish = shop.wish();
      shop.faults[name] = { errorCode: 'SERVICE_UNAVAILABLE' };
      await expect(shop.place(wish)).rejects.toThrow('SERVICE_UNAVAILABLE');
      shop.faults[name] = undefined;
      expect((await shop.place(wish)).order?.status).toBe('AWAITING_STOCK');
    },
  );

  test.each([['cart'], ['products']] as const)('%s: silent, it is given up', async (name) => {
    const hurried = await openShop({ neighboursMs: 300 });
    const wish = hurried.wish();
    const silence = Promise.withResolvers<{ errorCode: string }>();
    hurried.faults[name] = silence.promise as never;
    await expect(hurried.place(wish)).rejects.toThrow('SERVICE_UNAVAILABLE');
    expect(await hurried.count('orders')).toBe(0);
    silence.resolve({ errorCode: 'SERVICE_UNAVAILABLE' });
    await hurried.close();
  });
});

describe('idempotency', () => {
  test('twenty at the same moment with one key: one order, and whoever is answered gets it', async () => {
    const before = await shop.count('orders');
    const wish = shop.wish();
    const answers = await Promise.all(Array.from({ length: 20 }, () => shop.place(wish)));
    expect(await shop.count('orders')).toBe(before + 1);
    const ids = new Set(answers.flatMap(({ order }) => order?.id ?? []));
    expect(ids.size).toBe(1);
    const rest = answers.filter(({ order }) => order === null).map(({ userErrors }) => userErrors[0]?.code);
    expect(new Set(rest)).toEqual(rest.length === 0 ? new Set() : new Set(['IDEMPOTENCY_KEY_IN_USE']));
    expect(answers.filter(({ order, replayed }) => order !== null && !replayed)).toHaveLength(1);
    const [id] = [...ids];
    expect(await shop.outbox(id!)).toHaveLength(1);
  });

  test('a repeat gets the same order and token, as it is now, though the cart is empty by then', async () => {
    const wish = shop.wish();
    const first = await shop.place(wish);
    shop.carts.get(String(wish.cartId))!.lines = [];
    await shop.database.query('UPDATE orders SET version = 2 WHERE id = $1', [first.order?.id]);
    const again = await shop.place({ ...wish, accessToken: wish.accessToken });
    expect(again).toMatchObject({
      replayed: true,
      accessToken: first.accessToken,
      order: { id: first.order?.id, version: 2 },
    });
  });

  test('a repeat by another guest, who lacks the token, learns nothing', async () => {
    const wish = shop.wish();
    await shop.place(wish);
    expect((await shop.place({ ...wish, accessToken: 'guessed' })).userErrors[0]?.code).toBe('CART_NOT_FOUND');
  });

  test('the same key with another input is refused, another principal’s key is its own', async () => {
    const wish = shop.wish();
    const first = await shop.place(wish, shopper('ada'));
    expect((await shop.place({ ...wish, email: 'other@example.com' }, shopper('ada'))).userErrors[0]).toMatchObject({
      code: 'IDEMPOTENCY_KEY_REUSED',
      field: ['idempotencyKey'],
    });
    const second = await shop.place(wish, shopper('eve'));
    expect(second.order?.id).not.toBe(first.order?.id);
    const third = await shop.place(wish);
    expect(new Set([first, second, third].map(({ order }) => order?.id)).size).toBe(3);
  });

  test('while the first is running, its key is in use; a refusal frees it', async () => {
    const wish = shop.wish();
    let release = (_: { errorCode: string }) => {};
    const held = new Promise<{ errorCode: string }>((resolve) => {
      release = resolve;
    });
    shop.faults.products = held as never;
    const first = shop.place(wish, shopper('ada'));
    first.catch(() => undefined);
    await eventually(() => expect(shop.asked.some(({ to }) => to === 'products')).toBe(true));
    expect((await shop.place(wish, shopper('ada'))).userErrors[0]?.code).toBe('IDEMPOTENCY_KEY_IN_USE');
    release({ errorCode: 'SERVICE_UNAVAILABLE' });
    await expect(first).rejects.toThrow('SERVICE_UNAVAILABLE');
    shop.faults.products = undefined;
    expect((await shop.place(wish, shopper('ada'))).replayed).toBe(false);
  });
});
