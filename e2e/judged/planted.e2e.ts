// `npm run verify` is worth something only if it turns red. Each defect is planted directly in a store of the running shop, past the service that
// owns it; the judge must name the invariant and what it is about, and find nothing once the defect is gone.
import { newId } from '@ebuy/kernel';
import { openStores, type Stores } from '@ebuy/tools/verify/stores.ts';
import { afterAll, beforeAll, describe, test } from '@jest/globals';
import { testShop } from '../client/shop.ts';
import { expectSeen, expectSound, force, lost, type Scene, setScene } from './scene.ts';

let stores: Stores;
let scene: Scene;

beforeAll(async () => {
  stores = await openStores(testShop());
  scene = await setScene();
  await expectSound(stores);
});

afterAll(() => stores.close());

describe('units', () => {
  test('I1: a stock row below zero', async () => {
    const { variantId } = scene.lamp;
    const set = (delta: number) =>
      stores.products.query('UPDATE stock SET on_hand = on_hand + $2 WHERE variant_id = $1', [variantId, delta]);
    await expectSeen(stores, {
      plant: async () => {
        await stores.products.query('ALTER TABLE stock DROP CONSTRAINT stock_never_oversold');
        await set(-1_000);
      },
      undo: async () => {
        await set(1_000);
        await stores.products.query(
          'ALTER TABLE stock ADD CONSTRAINT stock_never_oversold CHECK (reserved >= 0 AND on_hand >= reserved)',
        );
      },
      seen: { invariant: 'I1', about: `variant ${variantId}`, field: 'stock.on_hand' },
    });
  });

  test('I8: a release that was dropped', async () => {
    const { key } = scene.cancelled;
    const { variantId } = scene.lamp;
    const move = (from: string, to: string, units: number) =>
      stores.products.query(
        `WITH moved AS (UPDATE reservation SET status = $3 WHERE order_id = $1 AND status = $2 RETURNING 1)
         UPDATE stock SET reserved = reserved + $5 WHERE variant_id = $4 AND EXISTS (SELECT FROM moved)`,
        [key.id, from, to, variantId, units],
      );
    await expectSeen(stores, {
      plant: () => move('RELEASED', 'MADE', 2),
      undo: () => move('MADE', 'RELEASED', -2),
      seen: { invariant: 'I8', about: `order ${key.id}`, field: 'reservation.status' },
    });
  });
});

describe('money', () => {
  test('I2: a double capture at the provider', async () => {
    const { key } = scene.shipped;
    const id = `auth_${newId()}`;
    await expectSeen(stores, {
      plant: () =>
        stores.provider.query(
          `INSERT INTO card_authorization (id, reference, order_id, payment_method, status, amount_minor, currency, captured_minor, expires_at)
           SELECT $2, gen_random_uuid(), order_id, payment_method, status, amount_minor, currency, captured_minor, expires_at
             FROM card_authorization WHERE order_id = $1`,
          [key.id, id],
        ),
      undo: () => stores.provider.query('DELETE FROM card_authorization WHERE id = $1', [id]),
      seen: { invariant: 'I2', about: `order ${key.id} at the provider`, field: 'captures' },
    });
  });

  test('I3: an entry of the ledger that was changed', async () => {
    const { key } = scene.shipped;
    const change = (by: number) =>
      force(stores.payments, [
        `UPDATE ledger_entry SET amount_minor = amount_minor + $2 WHERE order_id = $1 AND account = 'sales'`,
        [key.id, by],
      ]);
    await expectSeen(stores, {
      plant: () => change(1),
      undo: () => change(-1),
      seen: { invariant: 'I3', about: `order ${key.id}`, field: 'ledger in' },
    });
  });

  test('I3: a transaction that was added, and sums to zero', async () => {
    const { key } = scene.shipped;
    const id = newId();
    const entry = `INSERT INTO ledger_entry (transaction_id, account, order_id, amount_minor, currency) VALUES ($1, $2, $3, $4, $5)`;
    const { currency } = scene.lamp.price;
    await expectSeen(stores, {
      plant: () =>
        force(
          stores.payments,
          [
            `INSERT INTO ledger_transaction (id, kind, subject_id, order_id, payment_id, booked_at)
             SELECT $1, 'REFUND', $1, order_id, id, now() FROM payment WHERE order_id = $2`,
            [id, key.id],
          ],
          [entry, [id, 'refunds', key.id, 100, currency]],
          [entry, [id, 'provider_clearing', key.id, -100, currency]],
        ),
      undo: () =>
        force(
          stores.payments,
          ['DELETE FROM ledger_entry WHERE transaction_id = $1', [id]],
          ['DELETE FROM ledger_transaction WHERE id = $1', [id]],
        ),
      seen: { invariant: 'I3', about: `order ${key.id}`, field: 'ledger account refunds' },
    });
  });

  test('I3: a ledger that can be changed', async () => {
    const guard = (how: string) =>
      stores.payments.query(`ALTER TABLE ledger_entry ${how} TRIGGER ledger_entry_append_only`);
    await expectSeen(stores, {
      plant: () => guard('DISABLE'),
      undo: () => guard('ENABLE'),
      seen: { invariant: 'I3', about: 'payments', field: 'ledger_entry DELETE' },
    });
  });

  test('I13: a price that was changed after it was confirmed', async () => {
    const { key } = scene.confirmed;
    const raise = (by: number) =>
      stores.orders.query('UPDATE order_line SET unit_price_minor = unit_price_minor + $2 WHERE order_id = $1', [
        key.id,
        by,
      ]);
    await expectSeen(stores, {
      plant: () => raise(1),
      undo: () => raise(-1),
      seen: { invariant: 'I13', about: `order ${key.id}`, field: 'subtotal_minor' },
    });
  });

  test('I14: a refund that the provider paid twice', async () => {
    const { key } = scene.shipped;
    const id = `ref_${newId()}`;
    await expectSeen(stores, {
      plant: () =>
        stores.provider.query(
          `WITH paid AS (UPDATE card_authorization SET refunded_minor = refunded_minor + 100 WHERE order_id = $1 RETURNING id)
           INSERT INTO refund (id, reference, authorization_id, status, amount_minor, currency)
           SELECT $2, gen_random_uuid(), r.authorization_id, r.status, r.amount_minor, r.currency FROM refund r JOIN paid ON paid.id = r.authorization_id`,
          [key.id, id],
        ),
      undo: () =>
        stores.provider.query(
          `WITH gone AS (DELETE FROM refund WHERE id = $2)
           UPDATE card_authorization SET refunded_minor = refunded_minor - 100 WHERE order_id = $1`,
          [key.id, id],
        ),
      seen: { invariant: 'I14', about: `order ${key.id} in the provider`, field: id },
    });
  });
});

describe('orders', () => {
  test('I4: an acknowledged order that is lost', async () => {
    const { key } = scene.confirmed;

    const parts = [
      lost(stores.orders, 'order_line', 'order_id = $1', [key.id]),
      lost(stores.orders, 'order_history', 'order_id = $1', [key.id]),
      lost(stores.orders, 'orders', 'id = $1', [key.id]),
    ];
    await expectSeen(stores, {
      plant: async () => {
        for (const part of parts) await part.plant();
      },
      undo: async () => {
        for (const part of parts.toReversed()) await part.undo();
      },
      seen: { invariant: 'I4', about: `order ${key.id} in orders` },
    });
  });

  test('I5: a status that was jumped to', async () => {
    const { key } = scene.confirmed;
    await expectSeen(stores, {
      plant: () =>
        force(
          stores.orders,
          [`UPDATE orders SET status = 'DELIVERED', version = version + 1 WHERE id = $1`, [key.id]],
          [
            `INSERT INTO order_history (order_id, version, status, at) SELECT id, version, status, now() FROM orders WHERE id = $1`,
            [key.id],
          ],
        ),
      undo: () =>
        force(
          stores.orders,
          [`DELETE FROM order_history WHERE order_id = $1 AND status = 'DELIVERED'`, [key.id]],
          [`UPDATE orders SET status = 'CONFIRMED', version = version - 1 WHERE id = $1`, [key.id]],
        ),
      seen: { invariant: 'I5', about: `order ${key.id}`, field: 'history' },
    });
  });

  test('I6: an order that no key knows', async () => {
    const { key } = scene.confirmed;
    await expectSeen(stores, {
      ...lost(stores.orders, 'idempotency_key', `operation = 'placeOrder' AND answer->>'orderId' = $1`, [key.id]),
      seen: { invariant: 'I6', about: `order ${key.id}`, field: 'idempotency keys' },
    });
  });
});
