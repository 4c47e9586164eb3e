import { TOPICS } from '@ebuy/events';
import { newId } from '@ebuy/kernel';
import { eventually } from '@ebuy/testing';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  levelsOf,
  makeOnSale,
  makeProduct,
  orderCancelled,
  orderPlaced,
  orderShipped,
  type Products,
  startProducts,
  statusOf,
} from './fixture.ts';

/** Two replicas of the service: they share the partitions of the order topic, and the database. */
let products: Products;
let reservations: Awaited<ReturnType<Products['kafka']['watch']>>;
let stock: Awaited<ReturnType<Products['kafka']['watch']>>;

beforeAll(async () => {
  products = await startProducts({ replicas: 2 });
  [reservations, stock] = await Promise.all([
    products.kafka.watch(TOPICS.reservation),
    products.kafka.watch(TOPICS.stock),
  ]);
});

afterAll(() => products?.stop());

const eventsOf = (orderId: string) => reservations.events.filter(({ subject }) => subject === orderId);
const levelEvents = (variantId: string) => stock.events.filter(({ subject }) => subject === variantId);

/** An order after which, its partition being in order, all events before it have been applied. */
async function afterwards(orderId: string): Promise<void> {
  const probe = await makeOnSale(products, 1);
  const placed = orderPlaced([{ variantId: probe.variant.id, quantity: 1 }], orderId);
  await products.kafka.publish([placed]);
  await eventually(() => expect(eventsOf(orderId).length).toBeGreaterThan(0));
}

/** Units that another order holds, so that giving back or taking too much would show. */
async function hold(variantId: string, quantity: number): Promise<void> {
  const placed = orderPlaced([{ variantId, quantity }]);
  await products.kafka.publish([placed]);
  await eventually(() => expect(eventsOf(placed.payload.orderId)).toHaveLength(1));
}

describe('an order that was placed', () => {
  test('has all of its lines reserved, and the stock says so', async () => {
    const [one, two] = await Promise.all([makeOnSale(products, 10), makeOnSale(products, 3)]);
    const placed = orderPlaced([
      { variantId: one.variant.id, quantity: 4 },
      { variantId: two.variant.id, quantity: 3 },
    ]);
    const { orderId } = placed.payload;
    await products.kafka.publish([placed]);
    const made = await eventually(() => {
      const [event] = eventsOf(orderId);
      expect(event?.type).toBe('reservation.made');
      return event;
    });
    expect(made).toMatchObject({ causationId: placed.id, correlationId: 'test', source: 'ebuy/products' });
    expect(await levelsOf(products, one.variant.id)).toEqual({ on_hand: 10, reserved: 4, version: 2 });
    expect(await levelsOf(products, two.variant.id)).toEqual({ on_hand: 3, reserved: 3, version: 2 });
    await eventually(() =>
      expect(levelEvents(one.variant.id).at(-1)?.payload).toEqual({
        variantId: one.variant.id,
        productId: one.product.id,
        onHand: 10,
        reserved: 4,
        available: 6,
        sold: 0,
        version: 2,
      }),
    );
  });

  test('has nothing reserved when one line is short, and is told of each shortage', async () => {
    const [one, two] = await Promise.all([makeOnSale(products, 10), makeOnSale(products, 2)]);
    const unknown = newId();
    const placed = orderPlaced([
      { variantId: one.variant.id, quantity: 4 },
      { variantId: two.variant.id, quantity: 3, sku: 'SHORT' },
      { variantId: unknown, quantity: 1, sku: 'GONE' },
    ]);
    const { orderId } = placed.payload;
    await products.kafka.publish([placed]);
    await eventually(() =>
      expect(eventsOf(orderId)).toMatchObject([
        {
          type: 'reservation.refused',
          payload: {
            shortages: [
              { variantId: two.variant.id, sku: 'SHORT', requested: 3, available: 2 },
              { variantId: unknown, sku: 'GONE', requested: 1, available: 0 },
            ],
          },
        },
      ]),
    );
    expect(await levelsOf(products, one.variant.id)).toEqual({ on_hand: 10, reserved: 0, version: 1 });
    expect(await statusOf(products, orderId)).toBe('REFUSED');
  });

  test('counts a variant on several lines once, with the sum of its quantities', async () => {
    const { variant } = await makeOnSale(products, 2_000);
    const twice = (quantity: number) =>
      orderPlaced([
        { variantId: variant.id, quantity },
        { variantId: variant.id.toUpperCase(), quantity: 999 },
      ]);
    const [fits, tooMuch] = [twice(999), twice(3)];
    await products.kafka.publish([fits]);
    await eventually(() =>
      expect(eventsOf(fits.payload.orderId)).toMatchObject([
        {
          type: 'reservation.made',
          payload: {
            lines: [
              { variantId: variant.id, quantity: 999 },
              { variantId: variant.id, quantity: 999 },
            ],
          },
        },
      ]),
    );
    await products.kafka.publish([tooMuch]);
    await eventually(() => expect(eventsOf(tooMuch.payload.orderId)[0]?.type).toBe('reservation.refused'));
    expect(await levelsOf(products, variant.id)).toEqual({ on_hand: 2_000, reserved: 1_998, version: 2 });
  });
});

describe('what arrives twice, late or out of order', () => {
  test('has its effect once: the same event again, and another event for the same order', async () => {
    const { variant } = await makeOnSale(products, 14);
    await hold(variant.id, 4);
    const placed = orderPlaced([{ variantId: variant.id, quantity: 2 }]);
    const again = orderPlaced([{ variantId: variant.id, quantity: 5 }], placed.payload.orderId);
    const shipped = orderShipped(placed.payload.orderId);
    await products.kafka.publish([placed, placed, again, shipped, shipped, placed]);
    await eventually(() =>
      expect(eventsOf(placed.payload.orderId).map(({ type }) => type)).toEqual([
        'reservation.made',
        'reservation.consumed',
      ]),
    );
    await afterwards(newId());
    expect(await levelsOf(products, variant.id)).toEqual({ on_hand: 12, reserved: 4, version: 4 });
    await eventually(() =>
      expect(levelEvents(variant.id).map(({ payload }) => (payload as { sold: number }).sold)).toEqual([0, 0, 0, 2]),
    );
    expect(eventsOf(placed.payload.orderId)).toHaveLength(2);
  });

  test('is reserved once when both replicas are given the order at the same moment', async () => {
    const { variant } = await makeOnSale(products, 100);
    const orders = Array.from({ length: 20 }, () => orderPlaced([{ variantId: variant.id, quantity: 1 }]));
    // Keys that are not the order's put the deliveries into different partitions, and so before different replicas.
    const { encodeEvent } = await import('@ebuy/events');
    await Promise.all(
      orders.flatMap((order) =>
        ['a', 'b', 'c'].map((key) => products.kafka.publishRaw(TOPICS.order, key, encodeEvent(order))),
      ),
    );
    await eventually(async () => expect((await levelsOf(products, variant.id))?.reserved).toBe(20));
    await Promise.all([newId(), newId(), newId()].map(afterwards));
    expect(await levelsOf(products, variant.id)).toEqual({ on_hand: 100, reserved: 20, version: 21 });
    await eventually(() => {
      for (const { payload } of orders) expect(eventsOf(payload.orderId)).not.toEqual([]);
    });
    for (const { payload } of orders) expect(eventsOf(payload.orderId)).toHaveLength(1);
  });

  test('a cancellation gives the units back, once', async () => {
    const { variant } = await makeOnSale(products, 15);
    await hold(variant.id, 10);
    const placed = orderPlaced([{ variantId: variant.id, quantity: 5 }]);
    const { orderId } = placed.payload;
    await products.kafka.publish([placed, orderCancelled(orderId), orderCancelled(orderId)]);
    await eventually(() =>
      expect(eventsOf(orderId)).toMatchObject([
        { type: 'reservation.made' },
        { type: 'reservation.released', payload: { lines: [{ variantId: variant.id, quantity: 5 }] } },
      ]),
    );
    await afterwards(newId());
    expect(await levelsOf(products, variant.id)).toEqual({ on_hand: 15, reserved: 10, version: 4 });
    expect(await statusOf(products, orderId)).toBe('RELEASED');
  });

  test('a cancellation that comes first is remembered: the order is never reserved', async () => {
    const { variant } = await makeOnSale(products, 5);
    const placed = orderPlaced([{ variantId: variant.id, quantity: 5 }]);
    const { orderId } = placed.payload;
    await products.kafka.publish([orderCancelled(orderId)]);
    await eventually(async () => expect(await statusOf(products, orderId)).toBe('CANCELLED_BEFORE'));
    const next = orderPlaced([{ variantId: variant.id, quantity: 5 }]);
    await products.kafka.publish([placed, placed, next]);
    await eventually(() => expect(eventsOf(next.payload.orderId)[0]?.type).toBe('reservation.made'));
    expect(eventsOf(orderId)).toEqual([]);
    expect(await statusOf(products, orderId)).toBe('CANCELLED_BEFORE');
  });

  test('a shipment of what was never reserved is put aside for people, and the partition moves on', async () => {
    const { variant } = await makeOnSale(products, 5);
    const orderId = newId();
    const next = orderPlaced([{ variantId: variant.id, quantity: 1 }]);
    await products.kafka.publish([orderShipped(orderId), next]);
    await eventually(() => expect(eventsOf(next.payload.orderId)[0]?.type).toBe('reservation.made'));
    const { CONSUMER_GROUPS, listDeadLetters } = await import('@ebuy/events');
    const letters = await eventually(async () => {
      const list = await listDeadLetters(products.kafka.settings, CONSUMER_GROUPS.keepReservations);
      expect(list.map(({ key }) => key)).toContain(orderId);
      return list;
    });
    expect(letters.find(({ key }) => key === orderId)?.reason).toMatch(/reservation is not known/);
    expect(await statusOf(products, orderId)).toBeUndefined();
    // Nothing else of this file came to that.
    expect(letters.map(({ key }) => key)).toEqual([orderId]);
  });
});

test('movements cannot be changed or deleted', async () => {
  await makeProduct(products);
  for (const sql of ['UPDATE stock_movement SET delta = 1', 'DELETE FROM stock_movement', 'TRUNCATE stock_movement']) {
    await expect(products.database.query(sql)).rejects.toThrow(/append-only/);
  }
});
