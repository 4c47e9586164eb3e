// What no retry can mend, because nobody knows of it any more: an event that was lost, a hold that was left behind, a state that a topic has
// lost. Reconciliation finds each and mends it; afterwards nothing is wrong anywhere.
import { dirname } from 'node:path';
import { newId } from '@ebuy/kernel';
import { eventually } from '@ebuy/testing';
import type { Merchandiser } from '@ebuy/tools/demo/staff.ts';
import { runBeside } from '@ebuy/tools/shop/run-beside.ts';
import type { ServiceName } from '@ebuy/tools/shop/topology.ts';
import { openStores, type Stores } from '@ebuy/tools/verify/stores.ts';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type pg from 'pg';
import { chargesOf } from '../client/provider.ts';
import { type Bought, buy, opened, untilOrder, untilStatus } from '../client/purchase.ts';
import { type Sold, sell, stockOf } from '../client/sell.ts';
import { asGuest, asMerchandiser, testShop } from '../client/shop.ts';
import { productPage } from '../client/storefront.ts';
import { expectSound } from '../judged/scene.ts';

/** What is younger than a minute is on its way, for all that reconciliation knows: what it is to find is made older. */
const AGED = `interval '5 minutes'`;
const PATIENCE = { timeoutMs: 60_000 };

let merchandiser: Merchandiser;
let stores: Stores;
let lamp: Sold;

beforeAll(async () => {
  merchandiser = await asMerchandiser();
  stores = await openStores(testShop());
  lamp = await sell(merchandiser, { title: 'Lost and found lamp', onHand: 10 });
});

afterAll(() => stores?.close());

/** As `npm run reconcile` does it. Other scenarios may have left something for people: it does not count here. */
async function reconcile(service: ServiceName): Promise<void> {
  const dataDir = dirname(process.env.EBUY_TEST_SHOP ?? '');
  expect(await runBeside(dataDir, service, `subgraphs/${service}/src/reconcile.ts`)).toBeLessThan(2);
}

async function confirmed(): Promise<Bought> {
  const guest = asGuest();
  const bought = await buy(guest, { variantId: lamp.variantId, quantity: 2 });
  await untilStatus(guest, bought.key, 'CONFIRMED');
  return bought;
}

const cancel = ({ key }: Bought) => asGuest().cancelOrder({ ...opened(key), idempotencyKey: newId() });

/** Events about one aggregate never reach the outbox while `meanwhile` runs: done, and told to nobody. */
async function losingEvents(pool: pg.Pool, key: string, meanwhile: () => Promise<unknown>): Promise<void> {
  const name = `lose_${key.replaceAll('-', '')}`;
  await pool.query(`
    CREATE FUNCTION ${name}() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN RETURN CASE WHEN NEW.key = '${key}' THEN NULL ELSE NEW END; END $$;
    CREATE TRIGGER ${name} BEFORE INSERT ON outbox FOR EACH ROW EXECUTE FUNCTION ${name}()`);
  try {
    await meanwhile();
  } finally {
    await pool.query(`DROP TRIGGER ${name} ON outbox; DROP FUNCTION ${name}()`);
  }
}

test('a cancellation that nobody heard of: the units come back, the hold is let go of', async () => {
  const before = await stockOf(merchandiser, lamp);
  const bought = await confirmed();
  const orderId = bought.key.id;
  await losingEvents(stores.orders, orderId, () => cancel(bought));
  expect(await stockOf(merchandiser, lamp)).toMatchObject({ reserved: before.reserved + 2 });
  expect(await chargesOf(orderId)).toMatchObject({ heldMinor: bought.input.expectedTotal.amountMinor });
  await stores.orders.query(`UPDATE order_history SET at = at - ${AGED} WHERE order_id = $1`, [orderId]);
  await reconcile('orders');
  await eventually(async () => {
    expect(await stockOf(merchandiser, lamp)).toMatchObject({ reserved: before.reserved, onHand: before.onHand });
    expect(await chargesOf(orderId)).toMatchObject({ heldMinor: 0, capturedMinor: 0 });
  }, PATIENCE);
  await expectSound(stores);
});

test('a hold that was left at the provider', async () => {
  const bought = await confirmed();
  const orderId = bought.key.id;
  await cancel(bought);
  await untilOrder(asGuest(), bought.key, 'be voided', ({ payment }) => payment?.status === 'VOIDED');
  await stores.provider.query(
    `UPDATE card_authorization SET status = 'authorized', created_at = created_at - ${AGED} WHERE order_id = $1`,
    [orderId],
  );
  await stores.payments.query(`UPDATE payment SET updated_at = updated_at - ${AGED} WHERE order_id = $1`, [orderId]);
  expect(await chargesOf(orderId)).toMatchObject({ heldMinor: bought.input.expectedTotal.amountMinor });
  await reconcile('payments');
  await eventually(async () => expect(await chargesOf(orderId)).toMatchObject({ heldMinor: 0 }), PATIENCE);
  await expectSound(stores);
});

test('a product whose newest state its topic never had', async () => {
  const title = 'Lamp that was found again';
  await losingEvents(stores.products, lamp.productId, async () => {
    const { userErrors } = await merchandiser.visitor
      .get<{ updateProduct: { userErrors: object[] } }>(
        'mutation Rename($input: UpdateProductInput!) { updateProduct(input: $input) { userErrors { code message } } }',
        { input: { productId: lamp.productId, title } },
      )
      .then(({ updateProduct }) => updateProduct);
    expect(userErrors).toEqual([]);
  });
  expect((await productPage(asGuest().visitor, lamp.slug))?.title).toBe(lamp.title);
  await reconcile('products');
  await eventually(async () => expect((await productPage(asGuest().visitor, lamp.slug))?.title).toBe(title), PATIENCE);
  await expectSound(stores);
});
