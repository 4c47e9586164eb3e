import { TOPICS } from '@ebuy/events';
import { newId } from '@ebuy/kernel';
import { eventually } from '@ebuy/testing';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { levelsOf, orderPlaced, orderShipped, type Products, startProducts, statusOf } from './fixture.ts';
import { type ClassicRow, classicCsv, lamp } from './import-file.ts';
import { importCsv, shown } from './importing.ts';

let products: Products;
let stockEvents: Awaited<ReturnType<Products['kafka']['watch']>>;

beforeAll(async () => {
  products = await startProducts();
  stockEvents = await products.kafka.watch(TOPICS.stock);
});

afterAll(() => products?.stop());

const word = () => newId().slice(-12);
const shownAs = (slug: string) => shown(products, slug);
const run = (rows: readonly ClassicRow[]) => importCsv(products, classicCsv(rows));

describe('the units of an import', () => {
  const sell = async (variantId: string, quantity: number) => {
    const placed = orderPlaced([{ variantId, quantity }]);
    await products.kafka.publish([placed]);
    await eventually(async () => expect(await statusOf(products, placed.payload.orderId)).toBe('MADE'));
    return placed.payload.orderId;
  };
  const ship = async (orderId: string) => {
    await products.kafka.publish([orderShipped(orderId)]);
    await eventually(async () => expect(await statusOf(products, orderId)).toBe('CONSUMED'));
  };
  const counted = (slug: string, quantity: number | string) =>
    run([lamp({ Handle: slug, 'Variant SKU': slug, 'Variant Inventory Qty': quantity })]);

  test('are put in once: the same figure again brings no sold unit back, another figure is what was counted', async () => {
    const slug = `units-${word()}`;
    await counted(slug, 10);
    const variantId = (await shownAs(slug)).variants[0]?.id ?? '';
    await ship(await sell(variantId, 2));
    expect(await levelsOf(products, variantId)).toMatchObject({ on_hand: 8 });
    expect(await counted(slug, 10)).toMatchObject({ productsUnchanged: 1 });
    expect(await counted(slug, '')).toMatchObject({ productsUnchanged: 1 });
    expect(await levelsOf(products, variantId)).toMatchObject({ on_hand: 8 });
    expect(await counted(slug, 12)).toMatchObject({ productsUpdated: 1 });
    expect(await levelsOf(products, variantId)).toMatchObject({ on_hand: 12 });
    expect(await counted(slug, 12)).toMatchObject({ productsUnchanged: 1 });
    const movements = await products.database.query(
      'SELECT delta, reason, who FROM stock_movement WHERE variant_id = $1 ORDER BY id',
      [variantId],
    );
    expect(movements).toEqual([
      { delta: 10, reason: 'first stock', who: 'user:staff' },
      { delta: -2, reason: 'shipped', who: 'orders' },
      { delta: 4, reason: 'counted, by an import', who: 'user:staff' },
    ]);
    await eventually(() => {
      const levels = stockEvents.events.filter(({ subject }) => subject === variantId).map(({ payload }) => payload);
      expect(levels.at(-1)).toMatchObject({ onHand: 12, reserved: 0, sold: 2, version: 4 });
    });
    expect((await shownAs(slug)).version).toBe(1);
  });

  test('never fall below what orders hold: the line is named, and nothing of the product changes', async () => {
    const slug = `units-${word()}`;
    await counted(slug, 10);
    const variantId = (await shownAs(slug)).variants[0]?.id ?? '';
    await sell(variantId, 3);
    const { problems, productsUpdated } = await run([
      lamp({ Handle: slug, Title: 'Changed', 'Variant SKU': slug, 'Variant Inventory Qty': 2 }),
    ]);
    expect([productsUpdated, problems]).toEqual([
      0,
      [
        {
          line: 2,
          column: 13,
          message: 'Variant Inventory Qty: 2 are fewer than the 3 units that orders hold. Count those, too.',
        },
      ],
    ]);
    expect((await shownAs(slug)).title).toBe('Lamp');
    expect(await counted(slug, 3)).toMatchObject({ productsUpdated: 1 });
    expect(await levelsOf(products, variantId)).toMatchObject({ on_hand: 3, reserved: 3 });
  });
});
