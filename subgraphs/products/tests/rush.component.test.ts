import { TOPICS } from '@ebuy/events';
import { eventually } from '@ebuy/testing';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { consumeReservation } from '../src/commands/consume-reservation.ts';
import { releaseReservation } from '../src/commands/release-reservation.ts';
import { reserveStock } from '../src/commands/reserve-stock.ts';
import { type Database, openDatabase } from '../src/store/index.ts';
import {
  levelsOf,
  makeOnSale,
  mutate,
  orderCancelled,
  orderPlaced,
  orderShipped,
  type Products,
  startProducts,
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

describe('under a rush', () => {
  test('50 units and 200 buyers at once: 50 reservations, 150 refusals, never a unit too many', async () => {
    const { variant } = await makeOnSale(products, 50);
    const orders = Array.from({ length: 200 }, () => orderPlaced([{ variantId: variant.id, quantity: 1 }]));
    await Promise.all(orders.map((order) => products.kafka.publish([order])));
    const types = await eventually(
      () => {
        const all = orders.flatMap(({ payload }) => eventsOf(payload.orderId).map(({ type }) => type));
        expect(all).toHaveLength(200);
        return all;
      },
      { timeoutMs: 40_000 },
    );
    expect(types.filter((type) => type === 'reservation.made')).toHaveLength(50);
    expect(types.filter((type) => type === 'reservation.refused')).toHaveLength(150);
    expect(await levelsOf(products, variant.id)).toEqual({ on_hand: 50, reserved: 50, version: 51 });
    await eventually(() =>
      expect(levelEvents(variant.id).map(({ payload }) => (payload as { version: number }).version)).toEqual(
        Array.from({ length: 51 }, (_, index) => index + 1),
      ),
    );
  });

  test('orders for the same variants in opposite orders never lock each other out', async () => {
    const [one, two, three] = await Promise.all([10, 20, 30].map((units) => makeOnSale(products, units)));
    const ids = [one, two, three].map((made) => made?.variant.id ?? '');
    const orders = Array.from({ length: 60 }, (_, index) => {
      const lines = ids.map((variantId) => ({ variantId, quantity: 1 }));
      return orderPlaced(index % 2 === 0 ? lines : lines.reverse());
    });
    await Promise.all(orders.map((order) => products.kafka.publish([order])));
    await eventually(() => expect(orders.flatMap(({ payload }) => eventsOf(payload.orderId))).toHaveLength(60), {
      timeoutMs: 40_000,
    });
    const levels = await Promise.all(ids.map((id) => levelsOf(products, id)));
    expect(levels.map((level) => level?.reserved)).toEqual([10, 10, 10]);
  });

  test('whatever mixes: units held are those of the live orders, and the movements sum up to what is there', async () => {
    const { variant } = await makeOnSale(products, 30);
    const orders = Array.from({ length: 40 }, () => orderPlaced([{ variantId: variant.id, quantity: 1 }]));
    const endings = orders.map(({ payload }, index) =>
      index % 3 === 0 ? [orderCancelled(payload.orderId)] : index % 3 === 1 ? [orderShipped(payload.orderId)] : [],
    );
    await Promise.all([
      ...orders.map(async (order, index) => {
        // Orders ships only what was reserved.
        await products.kafka.publish([order]);
        const made = await eventually(() => {
          const [event] = eventsOf(order.payload.orderId);
          if (!event) throw new Error('not yet');
          return event.type === 'reservation.made';
        });
        const ending = endings[index] ?? [];
        if (made || ending[0]?.type === 'order.cancelled') await products.kafka.publish(ending);
      }),
      ...Array.from({ length: 5 }, (_, index) =>
        mutate(products, 'adjustStock', {
          variantId: variant.id,
          delta: 1,
          reason: 'found one',
          idempotencyKey: `found-${index}`,
        }),
      ),
    ]);
    await eventually(async () => {
      const [{ held } = { held: -1 }] = await products.database.query<{ held: number }>(
        `SELECT coalesce(sum(quantity), 0)::int AS held FROM reservation_line JOIN reservation USING (order_id)
          WHERE status = 'MADE' AND variant_id = $1`,
        [variant.id],
      );
      const [{ moved } = { moved: -1 }] = await products.database.query<{ moved: number }>(
        'SELECT sum(delta)::int AS moved FROM stock_movement WHERE variant_id = $1',
        [variant.id],
      );
      const consumed = orders.filter(
        ({ payload }) => eventsOf(payload.orderId).at(-1)?.type === 'reservation.consumed',
      );
      const level = await levelsOf(products, variant.id);
      expect(level).toMatchObject({ on_hand: moved, reserved: held });
      expect(moved).toBe(35 - consumed.length);
      expect(orders.every(({ payload }) => eventsOf(payload.orderId).length > 0)).toBe(true);
    });
  });
});

describe('without the retries of a consumer', () => {
  test('two replicas at full speed: all is had that is there, nothing more, and nobody fails', async () => {
    const databases = [openDatabase(products.database.url), openDatabase(products.database.url)];
    const made = await Promise.all([40, 80, 120].map((units) => makeOnSale(products, units)));
    const ids = made.map(({ variant }) => variant.id);
    const orders = Array.from({ length: 200 }, (_, index) => {
      const lines = ids.map((variantId) => ({ variantId, quantity: 1 }));
      return orderPlaced(index % 2 === 0 ? lines : lines.reverse());
    });
    // Each order twice, at the same moment, on both replicas; as many at once as they have connections.
    const outcomes: (Awaited<ReturnType<typeof reserveStock>> | null)[] = orders.flatMap(() => [null, null]);
    const waiting = orders.entries();
    const lane = async () => {
      for (const [index, order] of waiting) {
        const both = await Promise.all(databases.map((database) => reserveStock(database, order)));
        outcomes.splice(2 * index, 2, ...both);
      }
    };
    await Promise.all(Array.from({ length: 10 }, lane));
    const count = (outcome: string) => outcomes.filter((one) => one === outcome).length;
    expect([count('made'), count('refused'), count('ignored')]).toEqual([40, 160, 200]);
    const levels = await Promise.all(ids.map((id) => levelsOf(products, id)));
    expect(levels.map((level) => level?.reserved)).toEqual([40, 40, 40]);
    const endings = await Promise.all(
      orders
        .filter((_, index) => outcomes[2 * index] === 'made' || outcomes[2 * index + 1] === 'made')
        .flatMap(({ payload: { orderId } }, index): Promise<string>[] => {
          const [one, other] = [databases[0] as Database, databases[1] as Database];
          return index % 2 === 0
            ? [releaseReservation(one, orderCancelled(orderId)), releaseReservation(other, orderCancelled(orderId))]
            : [consumeReservation(one, orderShipped(orderId)), consumeReservation(other, orderShipped(orderId))];
        }),
    );
    expect(endings.toSorted().filter((ending, index, all) => ending !== all[index - 1])).toEqual([
      'consumed',
      'ignored',
      'released',
    ]);
    const after = await Promise.all(ids.map((id) => levelsOf(products, id)));
    expect(after.map((level) => [level?.on_hand, level?.reserved])).toEqual([
      [20, 0],
      [60, 0],
      [100, 0],
    ]);
    await Promise.all(databases.map((database) => database.$disconnect()));
  });
});
