// What planting needs: a shop that the judge finds sound, orders that stand in different places, and a way to see red and then green again.
import { newId } from '@ebuy/kernel';
import { checksOf } from '@ebuy/tools/verify/checks.ts';
import type { Invariant } from '@ebuy/tools/verify/contract.ts';
import { judge } from '@ebuy/tools/verify/judge.ts';
import type { Stores } from '@ebuy/tools/verify/stores.ts';
import { expect } from '@jest/globals';
import type pg from 'pg';
import { type Bought, buy, opened, untilOrder, untilStatus } from '../client/purchase.ts';
import { type Sold, sell } from '../client/sell.ts';
import { asGuest, asMerchandiser, asSupport } from '../client/shop.ts';

/** How long what is on its way may take before a sound shop is called unsound. */
const SETTLED_MS = 90_000;

export interface Scene {
  readonly lamp: Sold;
  readonly confirmed: Bought;
  readonly cancelled: Bought;
  /** And refunded in part. */
  readonly shipped: Bought;
}

/** Two of the lamp in each. */
export async function setScene(): Promise<Scene> {
  const [merchandiser, support] = await Promise.all([asMerchandiser(), asSupport()]);
  const guest = asGuest();
  const lamp = await sell(merchandiser, { title: 'Judged lamp' });
  const order = async () => {
    const bought = await buy(guest, { variantId: lamp.variantId, quantity: 2 });
    await untilStatus(guest, bought.key, 'CONFIRMED');
    return bought;
  };
  const [confirmed, cancelled, shipped] = [await order(), await order(), await order()];
  await guest.cancelOrder({ ...opened(cancelled.key), idempotencyKey: newId() });
  const orderId = shipped.key.id;
  await support.shipOrder({ orderId, idempotencyKey: newId() });
  await untilOrder(guest, shipped.key, 'be captured', ({ payment }) => payment?.status === 'CAPTURED');
  const amount = { amountMinor: 100, currency: lamp.price.currency };
  await support.refundOrder({ orderId, amount, reason: 'A scratch.', idempotencyKey: newId() });
  return { lamp, confirmed, cancelled, shipped };
}

export interface Found {
  readonly invariant: Invariant;
  readonly where: string;
  readonly field: string;
}

async function wrong(stores: Stores, withinMs: number): Promise<Found[]> {
  const judgements = await judge(checksOf(stores), { withinMs });
  return judgements.flatMap(({ check: { invariant }, verdict }) =>
    verdict.violations.map(({ where, field }) => ({ invariant, where, field })),
  );
}

/** Nothing is wrong, at the latest when all has arrived. */
export async function expectSound(stores: Stores): Promise<void> {
  expect(await wrong(stores, SETTLED_MS)).toEqual([]);
}

export interface Defect {
  readonly plant: () => Promise<unknown>;
  readonly undo: () => Promise<unknown>;
  /** What the judge must say, among other things: which invariant, about what, and where. */
  readonly seen: { readonly invariant: Invariant; readonly about: string; readonly field?: string };
}

/** Red with the defect, and green again without it. */
export async function expectSeen(stores: Stores, { plant, undo, seen }: Defect): Promise<void> {
  await plant();
  try {
    expect(await wrong(stores, 0)).toContainEqual({
      invariant: seen.invariant,
      where: expect.stringContaining(seen.about),
      field: expect.stringContaining(seen.field ?? ''),
    });
  } finally {
    await undo();
  }
  await expectSound(stores);
}

/** Several statements in one transaction, past every trigger: what a slip of an operator or a broken disk would do. */
export async function force(pool: pg.Pool, ...statements: readonly (readonly [sql: string, values?: unknown[]])[]) {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    await client.query('SET LOCAL session_replication_role = replica');
    for (const [sql, values] of statements) await client.query(sql, values);
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  } finally {
    client.release();
  }
}

/** Rows of a table, to be taken away and put back as they were. */
async function takeAway(pool: pg.Pool, table: string, where: string, values: unknown[]): Promise<() => Promise<void>> {
  const { rows: columns } = await pool.query<{ names: string }>(
    `SELECT string_agg(quote_ident(column_name), ', ') AS names FROM information_schema.columns
      WHERE table_name = $1 AND table_schema = 'public' AND is_generated = 'NEVER'`,
    [table],
  );
  const names = columns[0]?.names;
  const { rows } = await pool.query<{ row: object }>(
    `SELECT to_jsonb(t) AS row FROM ${table} t WHERE ${where}`,
    values,
  );
  if (rows.length === 0) throw new Error(`${table} has no such row: ${where}`);
  await force(pool, [`DELETE FROM ${table} WHERE ${where}`, values]);
  return () =>
    force(pool, [
      `INSERT INTO ${table} (${names}) SELECT ${names} FROM jsonb_populate_recordset(NULL::${table}, $1::jsonb)`,
      [JSON.stringify(rows.map(({ row }) => row))],
    ]);
}

/** A defect that is made by taking rows away. */
export function lost(pool: pg.Pool, table: string, where: string, values: unknown[]): Omit<Defect, 'seen'> {
  let putBack = async (): Promise<void> => undefined;
  return {
    plant: async () => {
      putBack = await takeAway(pool, table, where, values);
    },
    undo: () => putBack(),
  };
}
